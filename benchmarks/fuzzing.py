"""Our own readers of strangers' bytes, fed by what reaches new lines of them (atheris, libFuzzer).

    python -m benchmarks.fuzzing                       # each for a minute
    python -m benchmarks.fuzzing zips tiff_structure --seconds 600

A reader may refuse with the errors that its docstring names. Anything else is a finding, as are ten seconds
or 2 GiB for a file of at most 64 kB: the file is written beside, its traceback shown, and the run ends with
1. It begins with the samples of tests/archive/corpus.py. Needs requirements-fuzzing.txt.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers.expat import ExpatError

import atheris
import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
FOLLOWED = ["archive.formats", "archive.importing", "archive.description", "mlcore.masters", "zipfile"]
with atheris.instrument_imports(include=FOLLOWED):
    django.setup()
    from defusedxml import DefusedXmlException

    from archive.description.date_words import date_in_words
    from archive.description.edtf_dates import read_edtf
    from archive.errors import InputError
    from archive.formats.jpeg_markers import BrokenJpeg, markers, scan_count
    from archive.formats.png_chunks import BrokenPng, chunks
    from archive.formats.tiff_chain import PagesInACircle, page_places
    from archive.formats.xmp import read_xmp
    from archive.importing.zips import open_zip
    from mlcore.masters import jpeg_segments
    from mlcore.masters import png_chunks as whole_chunks
    from mlcore.masters import xmp as xmp_packets
    from mlcore.masters.tiff_structure import BrokenTiff, read_exif, read_structure
    from tests.archive.corpus import SAMPLES

LARGEST = 1 << 16
SECONDS_A_FILE = 10
MEGABYTES = 2048

Reader = Callable[[bytes], None]


def _on_disk(content: bytes) -> Path:
    path = Path(tempfile.gettempdir()) / f"fuzzed-{os.getpid()}"
    path.write_bytes(content)
    return path


def png_chunks(content: bytes) -> None:
    with suppress(BrokenPng):
        list(chunks(io.BytesIO(content), len(content)))
    with suppress(whole_chunks.BrokenPng):
        found = whole_chunks.read_chunks(io.BytesIO(content))
        whole_chunks.header_of(found)
        for read in (whole_chunks.icc_of, whole_chunks.xmp_of, whole_chunks.density_of):
            read(found)


def jpeg_markers(content: bytes) -> None:
    with suppress(BrokenJpeg):
        list(markers(io.BytesIO(content), 0, len(content)))
        scan_count(_on_disk(content), most=100)
    with suppress(jpeg_segments.BrokenJpeg):
        found = jpeg_segments.read_segments(io.BytesIO(content))
        jpeg_segments.frame_of(found)
        for read in (
            *(jpeg_segments.exif_of, jpeg_segments.icc_of),
            *(jpeg_segments.iptc_of, jpeg_segments.xmp_of),
        ):
            read(found)


def tiff_chain(content: bytes) -> None:
    with suppress(PagesInACircle):
        list(page_places(_on_disk(content)))


def tiff_structure(content: bytes) -> None:
    read_exif(content)
    with suppress(BrokenTiff):
        read_structure(io.BytesIO(content))


def xmp(content: bytes) -> None:
    with suppress(SyntaxError, ExpatError, DefusedXmlException, ValueError):
        read_xmp(content)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    xmp_packets.marked(content, xmp_packets.Marking("Pulih", "faces", "0" * 64, day))


def zips(content: bytes) -> None:
    with suppress(InputError), open_zip(_on_disk(content)) as opened:
        for entry in opened.entries:
            with suppress(InputError):
                if entry.refusal is None:
                    with entry.open() as source:
                        while source.read(1 << 16):
                            pass


def dates(content: bytes) -> None:
    with suppress(InputError):
        date_in_words(read_edtf(content[:60].decode(errors="replace")).text)


READERS: dict[str, Reader] = {
    each.__name__: each for each in (png_chunks, jpeg_markers, tiff_chain, tiff_structure, xmp, zips, dates)
}


def _seeds(folder: Path) -> None:
    for number, name in enumerate(sorted(SAMPLES)):
        content = SAMPLES[name].make()
        if len(content) <= LARGEST:
            (folder / f"seed-{number}").write_bytes(content)
    with zipfile.ZipFile(folder / "seed-zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/portrait.png", b"a" * 3000)
        file.writestr("b.tif", b"b" * 10)
    packet = xmp_packets.marked(None, xmp_packets.Marking("Pulih", "faces", "0" * 64, datetime.now(UTC)))
    (folder / "seed-xmp").write_bytes(packet)
    for number, text in enumerate(("1912-05?", "[1910..1914]", "../1900~", "19XX")):
        (folder / f"seed-date-{number}").write_text(text)


def _fuzz(reader: Reader, seconds: int, findings: Path) -> None:
    """Never returns: libFuzzer ends the process, with 0 where nothing was found."""
    with tempfile.TemporaryDirectory() as folder:
        _seeds(Path(folder))
        options = [f"-max_total_time={seconds}", f"-max_len={LARGEST}", f"-timeout={SECONDS_A_FILE}"]
        options += [f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={findings}/", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, folder], reader)
        atheris.Fuzz()


def main() -> int:
    """One process for each reader; 1 when anything was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--findings", type=Path, default=Path("."), help="the folder for what was found")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if unknown := set(asked.readers) - set(READERS):
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    if asked.here:
        _fuzz(READERS[asked.readers[0]], asked.seconds, asked.findings)
    found = []
    for name in asked.readers or READERS:
        command = [sys.executable, "-m", "benchmarks.fuzzing", name, "--here"]
        command += ["--seconds", str(asked.seconds), "--findings", str(asked.findings.absolute())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = re.findall(r"number_of_executed_units:\s+(\d+)", done.stderr)
        verdict = "FOUND" if done.returncode else "nothing found"
        print(f"{name}: {int(runs[-1]) if runs else 0:,} files, {verdict}", flush=True)
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
            found.append(name)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
