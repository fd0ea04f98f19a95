"""Pack photographs into WebP tars below a given size: the most important source first, the least one last.

    python -m examples.pack_pictures data/pack.tar faces.tar photos.tar --megabytes 36 --tars 2

The best quality is taken at which all fit. Where the lowest is too large still, pictures of the last source
are left out first. ``--clean`` of training takes the tars.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from mlcore.arguments import positive
from mlcore.errors import MlcoreError
from mlcore.file_parts import MIB
from mlcore.packing import QUALITIES, pack


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", type=Path, metavar="TAR")
    parser.add_argument("sources", type=Path, nargs="+", metavar="DIR_OR_TAR")
    parser.add_argument("--megabytes", type=float, default=36.0, metavar="MIB", help="of a tar (default: 36)")
    parser.add_argument("--tars", type=positive, default=1, metavar="N", help="TAR-1 to TAR-N (default: TAR)")
    parser.add_argument("--side", type=positive, help="scale shorter sides down to so many pixels")
    parser.add_argument(
        "--lowest", type=int, default=QUALITIES[-1], metavar="QUALITY", help=f"default: {QUALITIES[-1]}"
    )
    options = parser.parse_args(arguments)
    try:
        with tqdm(disable=None) as bar:
            packed = pack(
                options.sources,
                options.target,
                most=int(options.megabytes * MIB),
                tars=options.tars,
                side=options.side,
                lowest=options.lowest,
                on_progress=lambda _stage, done, _total: bar.update(done - bar.n),
            )
    except MlcoreError as error:
        sys.exit(f"{error.message} [{error.code}]")
    for path in packed.tars:
        print(f"{path}: {path.stat().st_size / MIB:.1f} MiB, quality {packed.quality}")
    for source, (taken, count) in zip(options.sources, packed.pictures, strict=True):
        print(f"{source}: {taken} of {count} pictures")
    for reason in packed.bad:
        print(f"left out: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
