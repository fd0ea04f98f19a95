"""Telling other programs, at addresses that they have named, what happened here."""
