"""Bags (BagIt, RFC 8493): how photos leave the archive with all that is known of them, and come in again."""
