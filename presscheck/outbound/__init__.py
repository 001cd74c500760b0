"""Connections to other people's machines: which addresses may be reached, whose certificates are trusted."""
