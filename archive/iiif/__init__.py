"""IIIF: pictures, photos and collections for viewers of other houses."""
