"""What is known of the world without asking anybody: languages, markets, days, addresses on the web, how like texts are."""
