"""Two clients that are not ours against a real server of two processes, over a connection that is cut off.

The long form, 200 MiB and 200 cuts, is benchmarks/resumable_upload.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.resumable_upload import CLIENTS, MIB, Server, make_scan, running_server, upload_with

CHUNK_BYTES = MIB
CUTS = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("var")) as server:
        yield server


def test_cut_off_again_and_again_the_file_arrives_and_little_is_sent_twice(
    server: Server, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.tif"
    make_scan(scan, 6)
    for client, collection in zip(CLIENTS, server.collections, strict=True):
        outcome = upload_with(client, server, collection, scan, cuts=CUTS, chunk_bytes=CHUNK_BYTES)
        assert outcome.arrived_unchanged
        assert outcome.cuts == CUTS
        assert outcome.most_sent_again <= CHUNK_BYTES
    assert server.left_over() == []
