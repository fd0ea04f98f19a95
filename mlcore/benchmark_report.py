"""A benchmark as text, as Markdown and as data for JSON."""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import mlcore
from mlcore.benchmark import ALL_LEVELS, CONFIDENCE, INSIDE, MEASURES, PERFECT_PSNR, Benchmark, Interval, Row
from mlcore.metrics import METRICS

SCHEMA = 1
PACKAGES = ("torch", "numpy", "opencv-python-headless", "scikit-image", "pillow")
NO_VALUE = "-"

NOTE = (
    f"Mean over pictures, 95 % bootstrap interval in brackets; n: pictures. PSNR in dB, of a perfect picture "
    f"{PERFECT_PSNR:.0f}. Inside: only the damaged pixels. *: was told where the damage is."
)


def to_text(benchmark: Benchmark) -> str:
    """Aligned columns, one block a level, for a terminal."""
    blocks = [
        "\n".join([heading, *_aligned([_header(), *map(_cells, rows)])])
        for heading, rows in _sections(benchmark)
    ]
    return "\n\n".join([*blocks, NOTE])


def to_markdown(benchmark: Benchmark, *, title: str) -> str:
    """A heading and one table a level."""
    blocks = [f"# {title}", NOTE.replace("*", "\\*")]
    for heading, rows in _sections(benchmark):
        header = _header()
        lines = [header, ["---", *["---:"] * (len(header) - 1)], *map(_cells, rows)]
        table = "\n".join(
            f"| {' | '.join(cell.replace('*', chr(92) + '*') for cell in line)} |" for line in lines
        )
        blocks.append(f"## {heading}\n\n{table}")
    return "\n\n".join(blocks) + "\n"


def to_data(benchmark: Benchmark) -> dict[str, Any]:
    """Everything that was measured, ready for JSON: summary rows, each score, versions."""
    return {
        "schema": SCHEMA,
        "versions": versions(),
        "confidence": CONFIDENCE,
        "perfect_psnr": PERFECT_PSNR,
        "levels": [*benchmark.levels, ALL_LEVELS],
        "results": [
            {
                "method": row.method.name,
                "title": row.method.title,
                "told_mask": row.method.needs_mask,
                "level": row.level,
                "n": row.n,
                "seconds_per_picture": row.seconds,
                **{
                    name: {"mean": value.mean, "low": value.low, "high": value.high, "n": value.n}
                    for name, value in row.measures.items()
                },
            }
            for row in benchmark.rows
        ],
        "scores": [
            {
                "method": score.method,
                "level": score.level,
                "stem": score.stem,
                "seconds": score.seconds,
                **score.values,
            }
            for score in benchmark.scores
        ],
    }


def versions() -> dict[str, str]:
    """Versions of Pulih, Python and the packages that a figure can depend on."""
    return {
        "pulih": mlcore.__version__,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _sections(benchmark: Benchmark) -> list[tuple[str, list[Row]]]:
    return [(level, benchmark.table(level)) for level in (*benchmark.levels, ALL_LEVELS)]


def _header() -> list[str]:
    names = [
        f"{name.removesuffix(INSIDE).upper()}{' inside' if name.endswith(INSIDE) else ''}"
        for name in MEASURES
    ]
    return ["method", "n", *names, "s/picture"]


def _cells(row: Row) -> list[str]:
    return [
        row.method.title + ("*" if row.method.needs_mask else ""),
        str(row.n),
        *(_interval(name, row.measures.get(name)) for name in MEASURES),
        f"{row.seconds:.3f}",
    ]


def _interval(measure: str, value: Interval | None) -> str:
    if value is None:
        return NO_VALUE
    places = 2 if METRICS[measure.removesuffix(INSIDE)].unit == "dB" else 4
    return f"{value.mean:.{places}f} [{value.low:.{places}f}, {value.high:.{places}f}]"


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width; the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    ]
