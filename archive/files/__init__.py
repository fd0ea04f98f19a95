"""Files on disk: where they lie, what is made from them, and how they leave."""
