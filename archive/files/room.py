"""Telling a full disk, wherever it shows, from all other trouble: it passes, and is nobody's fault."""

from __future__ import annotations

import errno
import os
import sqlite3

_ERRNOS = {errno.ENOSPC, errno.EDQUOT}
_WORDS = os.strerror(errno.ENOSPC)
# PostgreSQL's disk_full.
_SQLSTATE = "53100"


def is_full(error: BaseException | None) -> bool:
    """Whether the error, or one that it came of, says that a disk is full, that of the files or that of the
    database.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in _ERRNOS:
            return True
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
        # libvips has only words for it.
        if getattr(error, "sqlstate", None) == _SQLSTATE or _WORDS in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
