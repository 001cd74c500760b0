"""What campaigns take and cost, from believed events alone, beside the figures from before.

Importing this package imports no engine: `presscheck figures` is a command like the others.
"""
