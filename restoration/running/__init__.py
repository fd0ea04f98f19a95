"""How a worker makes a restoration from what is stored."""
