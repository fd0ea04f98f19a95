"""Many files at once: what a ZIP or a folder of the server holds, and taking it in file by file."""
