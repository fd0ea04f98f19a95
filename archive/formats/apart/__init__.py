"""Strangers' files are decoded in processes of their own, with limits on memory and time.

    decode_apart("look", path=path, most_pixels=..., most_bytes=...)

A decoder that a file was made to break, or to keep busy for ever, takes nothing with it but itself: it has no
settings, no secrets in its environment, no database and no connection but the one to its parent. It stays for
the next file, so that none waits for an interpreter to start.
"""

from archive.formats.apart.pool import DecoderStopped, decode_apart

__all__ = ["DecoderStopped", "decode_apart"]
