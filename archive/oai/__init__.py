"""OAI-PMH: descriptions of public photos for catalogues of other houses."""
