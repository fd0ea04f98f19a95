"""Several threads that start together, each on a database connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run `actions` in threads that start together; return for each what it returned or raised."""
    start = threading.Barrier(len(actions))
    outcomes: list[object] = [None] * len(actions)

    def run(index: int, action: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes[index] = action()
        except Exception as error:  # noqa: BLE001  (handed to the test, which looks at it)
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
