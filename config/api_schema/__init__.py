"""How the REST API describes itself in OpenAPI 3.1: what drf-spectacular cannot know by looking at views."""
