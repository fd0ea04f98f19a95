"""Databases of PostgreSQL that are there for as long as somebody works with them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def new_database(server: str, name: str) -> Iterator[str]:
    """The address of an empty database `name` beside the one that `server` is the address of; it goes in the
    end, whoever is still connected.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
