"""Pages, one module for each subject."""
