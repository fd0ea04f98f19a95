"""What pages show of restorations, in words, numbers and layers."""
