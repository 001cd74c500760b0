"""What is known without asking anybody: languages, markets, days, addresses on the web, how like texts are."""
