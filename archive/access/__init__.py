"""Who may see and do what: roles, tokens, guests."""
