"""Photographs to Pulih and back, from a command line.

    pulih login https://archive.example.org --user siti
    pulih upload scans/ --collection "Album 3" --wait --download restored/
    pulih collections
    pulih status "Album 3"

PULIH_ADDRESS and PULIH_TOKEN count for more than what `pulih login` has kept. Exit codes: 0 all is well;
1 something was refused or failed, and was named; 2 the command was not understood; 3 not signed in, or not
allowed to; 4 nobody answers; 130 interrupted. The same command goes on where it was.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pulih_client.client import Client, token_for
from pulih_client.command.journey import Journey, Wishes
from pulih_client.command.keeping import Login, forget_login, keep_login, read_login
from pulih_client.command.screen import Screen
from pulih_client.connection import Patience
from pulih_client.errors import NotAllowed, NotSignedIn, PulihError, Unreachable
from pulih_client.records import Branch, Collection

# 2 is argparse's own.
WELL, FAILED, NOT_ALLOWED, NO_ANSWER, INTERRUPTED = 0, 1, 3, 4, 130

# Mistyped addresses are told at once; in the middle of a folder, a router may take its time to start anew.
AT_FIRST = Patience(tries=2, longest_asked=5)
LATER = Patience(tries=10)

Command = Callable[[argparse.Namespace, Screen], int]


class SignedOut(Exception):
    """There is no address or no token to work with."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit code."""
    options = _parser().parse_args(arguments)
    screen = Screen(quiet=getattr(options, "quiet", False))
    command: Command = options.command
    try:
        return command(options, screen)
    except (SignedOut, NotSignedIn, NotAllowed) as error:
        screen.complaint(str(error))
        return NOT_ALLOWED
    except Unreachable as error:
        screen.complaint(str(error))
        return NO_ANSWER
    except (PulihError, OSError) as error:
        screen.complaint(str(error))
        return FAILED
    except KeyboardInterrupt:
        screen.complaint("Interrupted. The same command goes on where it was.")
        return INTERRUPTED


def log_in(options: argparse.Namespace, screen: Screen) -> int:
    """Exchange name and password for a token, and keep that."""
    password = os.environ.get("PULIH_PASSWORD") or getpass.getpass()
    address = options.address.rstrip("/")
    path = keep_login(Login(address, token_for(address, options.user, password, patience=AT_FIRST)))
    screen.line(f"Signed in at {address} as {options.user}; the token lies in {path}.")
    return WELL


def log_out(options: argparse.Namespace, screen: Screen) -> int:
    """Forget the token."""
    forget_login()
    screen.line("Signed out here. The token itself can be revoked on your account's page.")
    return WELL


def upload(options: argparse.Namespace, screen: Screen) -> int:
    """The journey of a folder."""
    wishes = Wishes(
        folder=options.folder,
        collection=options.collection,
        wait=options.wait or options.download is not None,
        download=options.download,
        patience=options.patience,
    )
    with _client(screen) as pulih:
        return WELL if Journey(pulih, wishes, screen).run() else FAILED


def list_collections(options: argparse.Namespace, screen: Screen) -> int:
    """The tree, a line for each."""
    with _client(screen) as pulih:
        _show(pulih.collections.tree(), screen)
    return WELL


def show_status(options: argparse.Namespace, screen: Screen) -> int:
    """How far restorations are: of one collection, or of all at the top."""
    with _client(screen) as pulih:
        named = options.collection
        if named is None:
            shown = [branch.collection for branch in pulih.collections.tree()]
        else:
            shown = [each for each in pulih.collections.all() if named in {each.id, each.title}]
            if not shown:
                screen.complaint(f"There is no collection “{named}”, or none that you may see.")
                return FAILED
        for collection in shown:
            screen.line(_standing(pulih, collection))
    return WELL


def _client(screen: Screen) -> Client:
    """For the address that is named and the token for it, once seen to work. Raises SignedOut."""
    kept = read_login()
    address = os.environ.get("PULIH_ADDRESS") or (kept.address if kept else "")
    token = os.environ.get("PULIH_TOKEN", "")
    if not token and kept and kept.address == address.rstrip("/"):
        # A token goes to where it came from, and nowhere else.
        token = kept.token
    if not address or not token:
        raise SignedOut(
            "Sign in first: pulih login ADDRESS --user NAME, or set PULIH_ADDRESS and PULIH_TOKEN."
        )
    with Client(address, token, patience=AT_FIRST) as first:
        first.me()

    def pause(seconds: float) -> None:
        screen.now(f"No answer, or told to wait: again in {seconds:.0f} s")
        time.sleep(seconds)

    return Client(address, token, patience=LATER, sleep=pause)


def _show(branches: list[Branch], screen: Screen, depth: int = 0) -> None:
    for branch in branches:
        each = branch.collection
        photos = "1 photo" if each.photo_count == 1 else f"{each.photo_count} photos"
        screen.line(f"{'  ' * depth}{each.title}  ({photos}, {each.role})  {each.id}")
        _show(branch.below, screen, depth + 1)


def _standing(pulih: Client, collection: Collection) -> str:
    told = pulih.collections.progress(collection.id)
    numbers = (
        f"{told.total} photos: {told.done} restored, {told.reviewed} reviewed, {told.running} running, "
        f"{told.waiting} waiting, {told.failed} failed, {told.not_restored} not asked for"
    )
    left = f", {told.seconds_left / 60:.0f} min left" if told.seconds_left else ""
    return f"{collection.title}: {numbers}{left}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pulih", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    adding = commands.add_parser(
        "login", help="sign in; the password is asked for, or read from PULIH_PASSWORD"
    )
    adding.add_argument("address", help="for instance https://archive.example.org")
    adding.add_argument("--user", required=True, metavar="NAME")
    adding.set_defaults(command=log_in)

    adding = commands.add_parser("logout", help="forget the token")
    adding.set_defaults(command=log_out)

    adding = commands.add_parser("upload", help="send the pictures of a folder, and fetch their restorations")
    adding.add_argument("folder", type=Path, help="with all that lies in it; or one file")
    adding.add_argument(
        "--collection",
        required=True,
        metavar="TITLE",
        help="title or id; made, if you curate none of this title",
    )
    adding.add_argument("--wait", action="store_true", help="have all of them restored, and wait for it")
    adding.add_argument("--download", type=Path, metavar="OUT", help="a folder for results; waits for them")
    adding.add_argument("--patience", type=float, metavar="SECONDS", help="to wait for each; default: no end")
    adding.add_argument("--quiet", action="store_true", help="tell only what went wrong, and the sum")
    adding.set_defaults(command=upload)

    adding = commands.add_parser("collections", help="list collections as they lie in each other")
    adding.set_defaults(command=list_collections)

    adding = commands.add_parser("status", help="how far restorations are")
    adding.add_argument("collection", nargs="?", help="title or id; default: all")
    adding.set_defaults(command=show_status)
    return parser


if __name__ == "__main__":
    sys.exit(main())
