"""The handbook: who reviews what, at which stage, by which criteria, until when, made from the policies."""
