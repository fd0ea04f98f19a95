"""Split a file that is too large for a way of sending files, and join it there.

python -m examples.file_parts split runs/gpu/state.pt runs/parts --megabytes 15
python -m examples.file_parts join runs/parts runs/gpu/state.pt
"""

import argparse
import sys
from pathlib import Path

from mlcore.errors import MlcoreError
from mlcore.file_parts import MIB, join_parts, split_file


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)
    split = what.add_parser("split")
    split.add_argument("file", type=Path)
    split.add_argument("folder", type=Path)
    split.add_argument("--megabytes", type=float, default=15.0, metavar="MIB", help="of a part (default: 15)")
    join = what.add_parser("join")
    join.add_argument("folder", type=Path)
    join.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.what == "split":
            parts = split_file(options.file, options.folder, part=int(options.megabytes * MIB))
            print(f"{len(parts)} parts and their list in {options.folder}")
        else:
            join_parts(options.folder, options.file)
            print(f"{options.file} is what was split")
    except MlcoreError as error:
        sys.exit(f"{error.message} [{error.code}]")


if __name__ == "__main__":
    main()
