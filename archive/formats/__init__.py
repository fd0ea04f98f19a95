"""Picture files as they come: what they are, what they mean, what they say about themselves."""
