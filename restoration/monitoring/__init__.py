"""Figures for Prometheus: what this machine's web processes count, and how things stand in the database."""
