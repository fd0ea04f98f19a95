"""Does what goes to strangers tell of the camera? Judged by exiftool, on every accepted kind of the corpus.

    python benchmarks/camera_privacy.py FOLDER        # needs exiftool on the PATH

Into every sample exiftool writes positions, serial numbers and owners wherever the container has room for
them, beside descriptions that must stay. Then the file is opened without its camera data, and exiftool reads
it again: no tag whose name tells may be left, each description must be, pixels must be the same, and
exiftool's validation may find nothing new.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SECRET, KEPT = "SECRET", "DESCRIBED"
_POSITION = (
    "GPSLatitude=52.5",
    "GPSLatitudeRef=N",
    "GPSLongitude=13.4",
    "GPSLongitudeRef=E",
    "GPSAltitude=34",
)
TELLING = [
    *(f"-EXIF:{value}" for value in (*_POSITION, "GPSProcessingMethod=SECRET", "GPSImgDirection=90")),
    *(f"-XMP-exif:{value}" for value in ("GPSLatitude=52.5", "GPSLongitude=13.4", "GPSMapDatum=SECRET")),
    "-XMP-iptcExt:LocationCreatedGPSLatitude=52.5",
    "-XMP-drone-dji:GpsLatitude=52.5",
    *(f"-{group}:SerialNumber={SECRET}" for group in ("EXIF", "XMP-aux", "XMP-exifEX")),
    *(f"-{group}:LensSerialNumber={SECRET}" for group in ("EXIF", "XMP-aux", "XMP-exifEX")),
    *(f"-{group}:OwnerName={SECRET}" for group in ("EXIF", "XMP-aux", "XMP-exifEX")),
    f"-EXIF:ImageUniqueID={SECRET}",
    f"-IPTC:OwnerID={SECRET}",
    f"-IFD0:CameraSerialNumber={SECRET}",
]
HARMLESS = [
    f"-EXIF:ImageDescription={KEPT} 1",
    f"-EXIF:Artist={KEPT} 2",
    f"-XMP-dc:Title={KEPT} 3",
    f"-XMP-xmpRights:Owner={KEPT} 4",
    f"-XMP-iptcExt:LocationCreatedCity={KEPT} 5",
    f"-IPTC:Caption-Abstract={KEPT} 6",
    f"-IPTC:City={KEPT} 7",
]
_TELLS = re.compile(r"gps(?!versionid)|serial|ownername|ownerid|imageuniqueid|makernote", re.IGNORECASE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    paths = _told(options.folder)
    before = _read(paths)
    cleaned, seconds = _cleaned(paths)
    after = _read(cleaned)
    wrong = [
        line
        for path, clean in zip(paths, cleaned, strict=True)
        for line in _faults(path, clean, before, after)
    ]
    told = sum(1 for tags in before.values() for name in tags if _TELLS.search(name))
    print("\n".join(wrong))
    each = seconds / len(paths) * 1000
    print(f"{len(paths)} files with {told} telling tags; {len(wrong)} faults; {each:.1f} ms a file")
    return 1 if wrong else 0


def _told(folder: Path) -> list[Path]:
    """The samples as files into which exiftool could write; it writes no BigTIFF and no BMP."""
    from tests.archive.corpus import SAMPLES

    paths = []
    for name, sample in SAMPLES.items():
        if sample.media_type == "image/bmp" or "BigTIFF" in name:
            continue
        ending = sample.media_type.partition("/")[2]
        path = folder / f"{re.sub('[^a-zA-Z0-9]+', '-', name)}.{ending}"
        path.write_bytes(sample.make())
        paths.append(path)
    written = subprocess.run(
        ["exiftool", "-overwrite_original", "-m", *TELLING, *HARMLESS, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    print(
        written.stdout.strip(), *[line for line in written.stderr.splitlines() if "Error" in line], sep="\n"
    )
    return paths


def _cleaned(paths: list[Path]) -> tuple[list[Path], float]:
    from archive.camera_privacy import open_without_camera_data

    cleaned = []
    started = time.perf_counter()
    for path in paths:
        target = path.with_name(f"clean-{path.name}")
        with open_without_camera_data(path) as file:
            target.write_bytes(file.read())
        cleaned.append(target)
    return cleaned, time.perf_counter() - started


def _read(paths: list[Path]) -> dict[str, dict[str, str]]:
    """All that exiftool finds, unknown tags and duplicates too, and its judgement, by the file's name."""
    found: dict[str, dict[str, str]] = {}
    for asked in (["-G1", "-a", "-u", "-U", "-ee"], ["-validate"]):
        read = subprocess.run(
            ["exiftool", "-j", *asked, *map(str, paths)], capture_output=True, text=True, check=False
        )
        for tags in json.loads(read.stdout):
            found.setdefault(Path(tags["SourceFile"]).name, {}).update(tags)
    return found


def _warnings(judgement: str) -> int:
    """Of "OK" none, of "3 Warnings (1 minor)" three."""
    return 0 if judgement == "OK" else int(judgement.partition(" ")[0])


def _faults(path: Path, clean: Path, before: dict, after: dict) -> list[str]:
    tags, left = before[path.name], after[clean.name]
    faults = [f"{path.name}: {name} is left" for name in left if _TELLS.search(name)]
    if SECRET.encode() in clean.read_bytes():
        faults.append(f"{path.name}: a secret is left")
    # exiftool's IPTC in a PNG is text in hexadecimal, which goes wholly once it tells.
    lost = {
        str(value)
        for name, value in tags.items()
        if KEPT in str(value) and not ("png" in path.suffix and "IPTC" in name)
    }
    faults += [f"{path.name}: {value} is gone" for value in lost - {str(value) for value in left.values()}]
    if _warnings(left["Validate"]) > _warnings(tags["Validate"]):
        faults.append(f"{path.name}: {tags['Validate']} became {left['Validate']}")
    if not np.array_equal(_pixels(path), _pixels(clean)):
        faults.append(f"{path.name}: other pixels")
    return faults


def _pixels(path: Path) -> np.ndarray:
    import tifffile
    from PIL import Image

    if path.suffix == ".tiff":
        return np.asarray(tifffile.imread(path))
    with Image.open(path) as image:
        return np.asarray(image)


if __name__ == "__main__":
    sys.exit(main())
