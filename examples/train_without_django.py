"""Train without Pulih's platform: the options of ``manage.py train_pix2pix``, and no Django.

    python -m examples.train_without_django --clean faces.tar photos.tar --val val.tar \\
        --out runs/gpu --preset accelerator --device cuda --minutes 25 --export out

Under torchrun it uses all GPUs. docs/training-on-a-gpu.md has the commands for a GPU lent for a while.
"""

import argparse
import sys

from tqdm import tqdm

from mlcore.errors import MlcoreError, PairingError
from mlcore.training_options import add_options
from mlcore.training_program import run_program


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_options(parser)
    options = vars(parser.parse_args(arguments))
    try:
        # Where nobody looks, a line an epoch says enough.
        run_program(options, tqdm.write, lambda unseen: tqdm(disable=True if unseen else None))
    except PairingError as error:
        sys.exit("\n".join([*error.problems, f"{error.message} [{error.code}]"]))
    except MlcoreError as error:
        sys.exit(f"{error.message} [{error.code}]")


if __name__ == "__main__":
    main()
