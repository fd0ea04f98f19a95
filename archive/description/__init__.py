"""What people say about photos: fields, dates, tables."""
