"""What the log says besides its sentences: which request, whose, and which piece of background work."""
