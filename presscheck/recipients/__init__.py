"""Those whom something goes to: frozen audiences, stop lists, and the proof that somebody may leave."""
