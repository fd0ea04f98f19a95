"""The command `pulih`."""
