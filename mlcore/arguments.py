"""Types of arguments that command lines share. Knows no torch, so that asking for help takes no seconds."""

import argparse


def positive(text: str) -> int:
    """A whole number from 1 up, as an argument's type."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
