"""Those whom something goes to: frozen audiences, the lists of those who left, and the proof that somebody may leave."""
