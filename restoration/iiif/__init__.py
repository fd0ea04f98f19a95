"""Restorations among the pictures that viewers of IIIF choose from."""
