"""The library: which models, tools and prompts may be used, held where they are used, and who uses what.

`admission` lets requests pass, `decided` knows which prompts people approved, `inventory` is what people browse.
"""
