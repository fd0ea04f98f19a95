"""Reads, each with its definition."""
