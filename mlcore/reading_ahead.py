"""The next batches are made while the device works on this one."""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from mlcore.dataset import Sample


def groups_ahead(
    batches: Sequence[Sample], size: int, *, first: int = 0, ahead: int = 0
) -> Generator[list[Sample], None, None]:
    """Batches in groups of ``size`` (the last may be smaller), from group ``first`` on.

    ``ahead``: how many groups a thread makes in advance; 0: each when it is asked for, which is best where
    the device is the CPU itself.
    """

    def group(start: int) -> list[Sample]:
        return [batches[place] for place in range(start, min(start + size, len(batches)))]

    starts = range(first * size, len(batches), size)
    if not ahead:
        yield from map(group, starts)
        return
    with ThreadPoolExecutor(1) as maker:
        coming: deque[Future[list[Sample]]] = deque()
        try:
            for start in starts:
                coming.append(maker.submit(group, start))
                if len(coming) > ahead:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for future in coming:
                future.cancel()
