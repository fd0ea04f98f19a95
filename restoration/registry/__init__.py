"""The model registry: what is known of a model, and how it is loaded, measured and compared."""
