"""What people will see of a text before it goes out: made of the very documents and messages that the press makes."""
