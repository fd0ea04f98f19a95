"""Resumable uploads by tus 1.0 (https://tus.io): core, creation, checksum, termination, expiration."""
