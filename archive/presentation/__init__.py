"""What pages show of the archive."""
