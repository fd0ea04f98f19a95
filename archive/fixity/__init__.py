"""Reading stored files again and comparing them with what their names and the archive's rows promise."""
