"""The ledger told in sentences, for the command line and for the door: one event, one thing, one review.

Only events that the right process signed are told. Importing this package imports no engine.
"""
