"""Backups of everything: the database as it was at one moment, and every file that it speaks of."""
