"""What runs in a decoding process: `python -m archive.formats.apart.child`, with its parent at stdin.

A line of JSON comes in, {"work": ..., "values": {...}}; two go out: an empty object when it begins, and then
{"result": ...} or what went wrong.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import select
import socket
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from archive.formats.decoding import full_pages
from archive.formats.embedded import read_embedded
from archive.formats.looking import Limits, look
from archive.formats.mask_levels import write_levels
from archive.formats.page_layers import write_layers
from archive.formats.small_copies import write_small_copies

_SECONDS = 10
"""Processor time that any file may take, before more is given for what its header says."""
_SECONDS_A_MEGAPIXEL = 0.3
_MOST_SECONDS = 600
# A decoder's own copies, beside what is decoded: progressive and interlaced pictures are held whole.
_BYTES_A_PIXEL = 8
_SOME_BYTES = 256 * 2**20
_LARGEST_COPY = 256 * 2**20

Values = dict[str, Any]


def _look(values: Values) -> Values:
    limits = Limits(pixels=values["most_pixels"], whole_bytes=values["most_bytes"])
    return look(Path(values["path"]), limits, before_decoding=_allow).as_values()


def _small_copies(values: Values) -> list[Any]:
    # One page, which was looked at before, is of a size that is allowed.
    _allow(values["most_pixels"])
    copies = write_small_copies(
        Path(values["path"]), Path(values["folder"]), values["long_sides"], page=values["page"]
    )
    return [list(copy) for copy in copies]


def _page_sizes(values: Values) -> list[Any]:
    return [[page.width, page.height] for page in full_pages(Path(values["path"]))]


def _page_layers(values: Values) -> None:
    # A page of the original, of the result and of the repair.
    _allow(3 * values["most_pixels"])
    paths = (Path(values[name]) for name in ("path", "result", "repair", "folder"))
    write_layers(*paths, page=values["page"], long_side=values["long_side"])


def _embedded(values: Values) -> Values:
    return read_embedded(Path(values["path"]))


def _mask_levels(values: Values) -> list[Any]:
    return list(write_levels(Path(values["path"]), Path(values["target"]), values["longest_side"]))


WORKS: dict[str, Callable[[Values], Any]] = {
    "look": _look,
    "small_copies": _small_copies,
    "page_sizes": _page_sizes,
    "page_layers": _page_layers,
    "embedded": _embedded,
    "mask_levels": _mask_levels,
}


def answered(request: Values) -> Values:
    """Do what is asked for, within the limits."""
    values = request["values"]
    _limit_memory(values["most_bytes"] + values["most_pixels"] * _BYTES_A_PIXEL)
    Image.MAX_IMAGE_PIXELS = values["most_pixels"]
    _allow(0)
    try:
        return {"result": WORKS[request["work"]](values)}
    except MemoryError:
        return {"stopped": "it needed more memory than is allowed"}
    except OSError as error:
        return {"failed": [error.errno, error.strerror or str(error)] if error.errno else [str(error)]}
    except Exception:  # noqa: BLE001  (the parent raises it again)
        return {"bug": traceback.format_exc()}


def _allow(pixels: int) -> None:
    """Give so much processor time from now on as a file of so many pixels, on all its pages, may take.

    Who exceeds it is ended by the system, in whatever library that may be.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = min(_MOST_SECONDS, _SECONDS + _SECONDS_A_MEGAPIXEL * pixels / 1_000_000)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 1)


def _limit_memory(byte_count: int) -> None:
    """Allow so many bytes beyond what is in use: of data, since files that are mapped cost nothing."""
    pages = int(Path("/proc/self/statm").read_text().split()[5]) if Path("/proc/self/statm").exists() else 0
    _limit(resource.RLIMIT_DATA, pages * resource.getpagesize() + byte_count + _SOME_BYTES)


def _limit(which: int, value: int) -> None:
    """Set the soft limit, which can be raised again for the next file."""
    _soft, hard = resource.getrlimit(which)
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _end_with_the_parent(line: socket.socket) -> None:
    """Whatever this process is busy with: nobody waits for it any more."""
    watching = select.poll()
    watching.register(line, 0)  # nothing but the other end's closing
    watching.poll()
    os._exit(0)


def main() -> None:
    """Answer until the parent closes the line."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_COPY, _LARGEST_COPY))
    # What libraries find wrong with strangers' files is told by the answer, and must not fill the logs.
    logging.disable(logging.CRITICAL)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    line = socket.socket(fileno=0)
    threading.Thread(target=_end_with_the_parent, args=[line], daemon=True).start()
    with line.makefile("r") as requests:
        for request in requests:
            line.sendall(b"{}\n")
            line.sendall(json.dumps(answered(json.loads(request))).encode() + b"\n")


if __name__ == "__main__":
    main()
