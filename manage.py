#!/usr/bin/env python
"""Run Django's commands, and Pulih's own, for this project."""

import sys

from django.core.management import execute_from_command_line

from config.environment import read_environment


def main() -> None:
    read_environment()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
