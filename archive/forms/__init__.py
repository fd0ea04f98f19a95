"""Forms of the pages. They check shapes; the services decide."""
