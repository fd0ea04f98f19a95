"""Whether the platform is well: what is looked at, what was found, and how to mend it."""
