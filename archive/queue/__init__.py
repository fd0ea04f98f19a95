"""What the queue calls, and when."""
