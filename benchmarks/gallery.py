"""How long pages take where there are very many photos and restorations: 100,000 and 300,000.

    python -m benchmarks.gallery
    python -m benchmarks.gallery --lists
    python -m benchmarks.gallery --database postgres://pulih@127.0.0.1:5432/empty
    python -m benchmarks.gallery --photos 10000 --restorations 30000 --json gallery.json

Makes the database (by default in a folder that goes again; another has to be empty), then asks the galleries,
or with --lists every other page and list, also of the API,
in this process as a browser would: signed in, the whole page rendered. Says the median and the 95th of a
hundred for every kind of page, how many queries it took, and the 95th of the time that was computed for it,
which on a busy machine is the one to read: by this process and, where PostgreSQL runs on the same machine, by
the process there that serves it. Fails when a 95th is over --limit.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

# Without debugging, in a folder of its own, whatever the machine's own settings are.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

WORDS = ("photograph", "wedding", "portr", '"market river"', "solo -wedding", "scan_004242", "a.42.17", "tag")


def main() -> None:
    asked = _arguments()
    if asked.database:
        os.environ["PULIH_TEST_DATABASE_URL"] = asked.database
    from django.core.management import call_command

    import config.wsgi  # noqa: F401  (sets up Django as the web's processes do)

    call_command("migrate", verbosity=0)
    from benchmarks.large_archive import made_archive, make_archive

    began = time.perf_counter()
    again = asked.again and bool(asked.database)
    archive = made_archive() if again else make_archive(photos=asked.photos, restorations=asked.restorations)
    made_in = time.perf_counter() - began
    print(
        f"{archive.photos} photos, {archive.restorations} restorations, there after {made_in:.0f} s",
        flush=True,
    )
    print(f"{'page':40}{'queries':>12}{'median ms':>12}{'p95 ms':>12}{'p95 CPU ms':>12}")
    if asked.lists:
        from benchmarks.large_lists import list_pages

        pages = list_pages(archive, asked.rounds)
    else:
        pages = _galleries(archive, asked.rounds)
    results = measure(archive, pages)
    if asked.json:
        asked.json.write_text(json.dumps({"photos": archive.photos, "pages": results}, indent=2) + "\n")
    slow = [name for name, result in results.items() if result["p95_ms"] > asked.limit]
    if slow:
        sys.exit(f"over {asked.limit:.0f} ms: {', '.join(slow)}")


def measure(archive: Any, pages: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """{page: {"queries": of one page, "median_ms", "p95_ms", "p95_cpu_ms"}}; says each as it is known."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(archive.owner)
    server = _server(connection)
    results = {}
    for name, addresses in pages.items():
        client.get(addresses[0])
        with CaptureQueriesContext(connection) as captured:
            client.get(addresses[-1])
            queries = len(captured)
        times, computed = [], []
        for address in addresses:
            began, computing = time.perf_counter(), computed_by(server)
            response = client.get(address)
            times.append(1000 * (time.perf_counter() - began))
            computed.append(1000 * (computed_by(server) - computing))
            assert response.status_code in (200, 286), (address, response.status_code)
        result = {
            "queries": queries,
            "median_ms": median(times),
            "p95_ms": quantiles(times, n=20)[18],
            "p95_cpu_ms": quantiles(computed, n=20)[18],
        }
        results[name] = result
        print(f"{name:40}" + "".join(f"{figure:>12.0f}" for figure in result.values()), flush=True)
    return results


def computed_by(server: Path | None) -> float:
    """Seconds that this process and the database's have computed so far."""
    # Nanoseconds on a processor, the first of three numbers.
    return time.process_time() + (int(server.read_text().split()[0]) / 1e9 if server else 0)


def _server(connection: Any) -> Path | None:
    """Where Linux says how long PostgreSQL's process for this connection has computed; None elsewhere."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), inet_server_addr() = inet_client_addr()")
        process, is_here = cursor.fetchone()
    told = Path(f"/proc/{process}/schedstat")
    return told if is_here and told.exists() else None


def _galleries(archive: Any, rounds: int) -> dict[str, list[str]]:
    """Addresses by kind of page; those of one kind differ in their place, word or filter."""
    from django.http import QueryDict

    from archive.finding.criteria import criteria_of
    from archive.finding.pages import place_of

    rng = random.Random(2)
    fonds, search, api = f"/collections/{archive.fonds.pk}/", "/search/", "/api/v1/photos/"

    def deep(query: str) -> str:
        """The address of a page far from both ends: after a row that somebody might have come to."""
        criteria = criteria_of(archive.owner, QueryDict(query), archive.fonds)
        rows = criteria.found().order_by(*criteria.order.keys()).values_list("id", criteria.order.key)
        entry, key = rows[rng.randrange(archive.photos // 20)]
        return f"{fonds}?{query}&after={place_of(criteria.order, entry, key)}"

    each = range(rounds)
    orders = ("oldest", "name", "date", "latest", "damage", "invention")
    states = ("unreviewed", "failed", "approved", "queued", "none")
    some = {
        "state=failed",
        "tag=tag 7",
        "date=1920/1929",
        "damage=heavy",
        "damage_from=50",
        "media_type=image/tiff",
    }
    filters = sorted(some)
    return {
        "gallery, first page": [fonds] * rounds,
        "gallery, another page": [deep("") for _ in each],
        "gallery, last page": [f"{fonds}?before=end"] * rounds,
        "gallery, in another order": [f"{fonds}?sort={orders[n % len(orders)]}" for n in each],
        "gallery, another order, another page": [deep(f"sort={orders[n % len(orders)]}") for n in each],
        "gallery, one state": [f"{fonds}?state={states[n % len(states)]}" for n in each],
        "gallery, one state, another page": [deep(f"state={states[n % 3]}") for n in each],
        "gallery, filtered": [f"{fonds}?{filters[n % len(filters)]}" for n in each],
        "gallery, with what lies below": [f"{fonds}?below=on&sort={orders[n % len(orders)]}" for n in each],
        "gallery, words": [f"{fonds}?q={WORDS[n % len(WORDS)]}" for n in each],
        "gallery's poll": [f"{fonds}changes/"] * rounds,
        "search, everything": [search] * rounds,
        "search, another order": [f"{search}?sort={orders[n % len(orders)]}" for n in each],
        "search, words, best first": [f"{search}?q={WORDS[n % len(WORDS)]}" for n in each],
        "search, words, newest first": [f"{search}?q={WORDS[n % len(WORDS)]}&sort=newest" for n in each],
        "search, words and a filter": [
            f"{search}?q={WORDS[n % 5]}&{filters[n % len(filters)]}" for n in each
        ],
        "search, a filter": [f"{search}?{filters[n % len(filters)]}" for n in each],
        "API, first page": [api] * rounds,
        "API, words": [f"{api}?q={WORDS[n % len(WORDS)]}" for n in each],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", default="", help="address of an empty database; else SQLite, for the while"
    )
    parser.add_argument("--again", action="store_true", help="take what an earlier run left in --database")
    parser.add_argument("--lists", action="store_true", help="ask for all other pages, not the galleries")
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--restorations", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=100, help="times that each kind of page is asked")
    parser.add_argument("--limit", type=float, default=300, help="milliseconds that a 95th may take")
    parser.add_argument("--json", type=Path, help="where the figures go, besides the screen")
    return parser.parse_args()


if __name__ == "__main__":
    main()
