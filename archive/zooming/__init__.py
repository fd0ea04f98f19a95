"""Deep zoom: pictures of any size, looked at in small tiles."""
