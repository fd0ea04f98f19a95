"""A benchmark as text, as Markdown and as data for JSON."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import mlcore
from mlcore.bars import Bar
from mlcore.benchmark_scores import (
    ALL_LEVELS,
    CONFIDENCE,
    FOUND,
    GREY,
    GREYNESS,
    IDENTITY,
    INTACT,
    PERFECT_PSNR,
    QUALITY,
    SUCCESSFUL_SSIM,
    UNCHANGED,
    Benchmark,
    Measure,
    Row,
)

SCHEMA = 2
PACKAGES = ("torch", "numpy", "opencv-contrib-python-headless", "scikit-image", "pillow")
NO_VALUE = "-"

NOTE = (
    "Mean over results, in brackets its 95 % bootstrap interval over pictures; n: results. "
    f"PSNR in dB, of a perfect picture {PERFECT_PSNR:.0f}. Inside: only the damaged pixels. Success: share "
    "of results better than the degraded picture in PSNR and in SSIM, with SSIM at least "
    f"{SUCCESSFUL_SSIM:.2f}. *: was told where the damage is."
)


@dataclass(frozen=True, slots=True)
class Block:
    """A table with its heading."""

    heading: str
    header: list[str]
    lines: list[list[str]]


def to_text(benchmark: Benchmark, bars: Sequence[Bar] = ()) -> str:
    """Aligned columns, one block a level, for a terminal; then what was measured beside, and the bars."""
    blocks = [
        "\n".join([block.heading, *_aligned([block.header, *block.lines])])
        for block in _blocks(benchmark, bars)
    ]
    return "\n\n".join([*blocks, NOTE])


def to_markdown(benchmark: Benchmark, bars: Sequence[Bar] = (), *, title: str) -> str:
    """A heading and one table a level; then what was measured beside, and the bars."""
    parts = [f"# {title}", _escaped(NOTE)]
    for block in _blocks(benchmark, bars):
        lines = [block.header, ["---", *["---:"] * (len(block.header) - 1)], *block.lines]
        table = "\n".join(f"| {' | '.join(map(_escaped, line))} |" for line in lines)
        parts.append(f"## {block.heading}\n\n{table}")
    return "\n\n".join(parts) + "\n"


def to_data(benchmark: Benchmark, bars: Sequence[Bar] = ()) -> dict[str, Any]:
    """Everything that was measured, ready for JSON: summary rows, bars, each score, versions."""
    return {
        "schema": SCHEMA,
        "versions": versions(),
        "confidence": CONFIDENCE,
        "perfect_psnr": PERFECT_PSNR,
        "successful_ssim": SUCCESSFUL_SSIM,
        "levels": [*benchmark.levels, ALL_LEVELS],
        "groups": benchmark.groups,
        "results": [
            {
                "method": row.method.name,
                "title": row.method.title,
                "told_mask": row.method.needs_mask,
                "group": row.group,
                "level": row.level,
                "n": row.n,
                "pictures": row.pictures,
                "seconds_per_picture": row.seconds,
                **{name: asdict(value) for name, value in row.measures.items()},
                **({"pooled": row.pooled} if row.pooled else {}),
            }
            for row in benchmark.rows
        ],
        "bars": [asdict(bar) for bar in bars],
        "scores": [
            {
                "method": score.method,
                "group": score.group,
                "stem": score.stem,
                "level": score.level,
                "seed": score.seed,
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


def _blocks(benchmark: Benchmark, bars: Sequence[Bar]) -> Iterator[Block]:
    """Every table: by data set if there are several, then over all of them; then the bars."""
    several = len(benchmark.groups) > 1
    choices: list[str | None] = [*(benchmark.groups if several else ()), None]
    for group in choices:
        name = "" if not several else f"{group or 'all data'}: "
        for level in (*benchmark.levels, ALL_LEVELS):
            rows = benchmark.table(level, group)
            yield Block(
                f"{name}{level}",
                ["method", "n", "pictures", *(each.title for each in QUALITY.values()), "s/picture"],
                [
                    [*_who(row), str(row.pictures), *_cells(row, QUALITY), f"{row.seconds:.3f}"]
                    for row in rows
                ],
            )
        yield from _beside(benchmark, group, name)
    if bars:
        yield _bars(bars, several=several)


def _beside(benchmark: Benchmark, group: str | None, name: str) -> Iterator[Block]:
    """Found damage, faces, undamaged and grey pictures of one data set, where they were measured."""
    by_level = [row for level in (*benchmark.levels, ALL_LEVELS) for row in benchmark.table(level, group)]
    found = [row for row in by_level if row.pooled]
    if found:
        titles = [each.title for each in FOUND.values()]
        yield Block(
            f"{name}damage found (by picture; pooled: all pixels together)",
            ["method", "n", "level", *titles, *(f"{title} pooled" for title in titles)],
            [
                [
                    *_who(row),
                    row.level,
                    *_cells(row, FOUND),
                    *(
                        f"{row.pooled[each]:.{FOUND[each].places}f}" if each in row.pooled else NO_VALUE
                        for each in FOUND
                    ),
                ]
                for row in found
            ],
        )
    faces = [row for row in by_level if "identity" in row.measures]
    if faces:
        yield Block(
            f"{name}face identity (distance of descriptors, restored to clean; lower is better)",
            ["method", "n", "level", *(each.title for each in IDENTITY.values())],
            [
                [_who(row)[0], str(row.measures["identity"].n), row.level, *_cells(row, IDENTITY)]
                for row in faces
            ],
        )
    intact = benchmark.table(INTACT, group)
    if intact:
        yield Block(
            f"{name}undamaged pictures in",
            ["method", "n", *(each.title for each in UNCHANGED.values())],
            [[*_who(row), *_cells(row, UNCHANGED)] for row in intact],
        )
    grey = benchmark.table(GREY, group)
    if grey:
        yield Block(
            f"{name}grey pictures in (difference between channels out, of 255)",
            ["method", "n", *(each.title for each in GREYNESS.values()), "largest"],
            [
                [*_who(row), *_cells(row, GREYNESS), f"{row.measures['channel_difference'].largest:.0f}"]
                for row in grey
            ],
        )


def _bars(bars: Sequence[Bar], *, several: bool) -> Block:
    return Block(
        "bars",
        ["bar", *(["data"] if several else []), "asked", "reached", "met"],
        [
            [
                bar.title,
                *([bar.group or "all data"] if several else []),
                bar.asked,
                bar.reached,
                "yes" if bar.met else "no",
            ]
            for bar in bars
        ],
    )


def _who(row: Row) -> list[str]:
    return [row.method.title + ("*" if row.method.needs_mask else ""), str(row.n)]


def _cells(row: Row, measures: dict[str, Measure]) -> list[str]:
    """Each measure, with a dash where it has no value."""
    return [
        NO_VALUE if name not in row.measures else row.measures[name].words(shown.places)
        for name, shown in measures.items()
    ]


def _escaped(cell: str) -> str:
    return cell.replace("*", r"\*").replace("|", r"\|").replace("<", "&lt;")


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width; the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    ]
