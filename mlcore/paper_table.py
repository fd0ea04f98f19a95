"""The paper's table: quality by epoch as published, beside a run of ours.

Abdillah and Mulyono (2025), *Pemulihan citra akibat degradasi digital menggunakan Pix2Pix GAN*, give SSIM
and PSNR at the tenth and the hundredth epoch in figures, the epochs between as a curve only: those stay
empty here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcore.benchmark_scores import SUCCESSFUL_SSIM
from mlcore.degradation import LEVELS
from mlcore.plots import MEAN
from mlcore.run_log import EpochRecord

EPOCHS = 100
PUBLISHED: dict[str, dict[int, float]] = {
    "ssim": {10: 0.7979, 100: 0.9226},
    "psnr": {10: 23.65, 100: 32.68},
}
"""By epoch; PSNR in dB. The paper does not tell its levels apart here."""
PUBLISHED_SUCCESS = {"light": "95 %", "medium": "93 %", "heavy": "85-90 %"}
"""Share of pictures that the paper counts as restored, of its types 1 to 3; by what it judges, it does not
say.
"""
COLUMNS = (*LEVELS, MEAN)
TITLES = {"ssim": ("SSIM", 4), "psnr": ("PSNR (dB)", 2)}
NO_VALUE = "-"
SUCCESS_NOTE = (
    "Ours: share of validation pictures that the last epoch's generator makes better than the degraded ones "
    f"in PSNR and in SSIM, with SSIM at least {SUCCESSFUL_SSIM:.2f}. The paper counts pictures that were "
    "judged restored; by what, it does not say, so the two columns are not the same measure."
)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """The paper's ``paper_epoch`` and ours at the same share of the run, ``epoch``.

    ``ours``: metric to level (and mean) to value; empty where that epoch has not been reached or not been
    validated.
    """

    paper_epoch: int
    epoch: int
    ours: Mapping[str, Mapping[str, float]]


def paper_rows(records: Sequence[EpochRecord], epochs: int) -> list[PaperRow]:
    """The tenths of a run of ``epochs`` epochs; of a run of fewer than ten some stand for several tenths."""
    known = {record.epoch: record.validation for record in records}
    rows = []
    for tenth in range(1, 11):
        epoch = max(1, round(epochs * tenth / 10))
        validation = known.get(epoch, {})
        ours = {
            metric: {level: scores[metric] for level, scores in validation.items() if metric in scores}
            for metric in PUBLISHED
        }
        rows.append(PaperRow(EPOCHS * tenth // 10, epoch, ours))
    return rows


def to_markdown(
    rows: Sequence[PaperRow], *, run: str, epochs: int, success: Mapping[str, float] | None = None
) -> str:
    """Tables of SSIM and PSNR, and of ``success`` (a share by level, ours), readable as plain text too."""
    parts = [f"# {run} beside the paper", _note(epochs)]
    for metric, (title, places) in TITLES.items():
        lines = [["epoch", "paper", *(f"ours, {column}" for column in COLUMNS)]]
        for row in rows:
            epoch = str(row.epoch) if epochs == EPOCHS else f"{row.epoch} (paper: {row.paper_epoch})"
            values = [
                PUBLISHED[metric].get(row.paper_epoch),
                *(row.ours.get(metric, {}).get(column) for column in COLUMNS),
            ]
            lines.append([epoch, *(NO_VALUE if value is None else f"{value:.{places}f}" for value in values)])
        parts.append(f"## {title}\n\n{_table(lines)}")
    lines = [["level", "paper", "ours"]]
    for level in LEVELS:
        share = (success or {}).get(level)
        lines.append([level, PUBLISHED_SUCCESS[level], NO_VALUE if share is None else f"{100 * share:.0f} %"])
    parts.append(f"## Success\n\n{_table(lines)}\n\n{SUCCESS_NOTE}")
    return "\n\n".join(parts) + "\n"


def to_data(
    rows: Sequence[PaperRow], *, run: str, epochs: int, success: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The same, ready for JSON; what is not known is null."""
    return {
        "run": run,
        "epochs": epochs,
        "rows": [
            {
                "paper_epoch": row.paper_epoch,
                "epoch": row.epoch,
                **{
                    metric: {
                        "paper": PUBLISHED[metric].get(row.paper_epoch),
                        **{column: row.ours.get(metric, {}).get(column) for column in COLUMNS},
                    }
                    for metric in PUBLISHED
                },
            }
            for row in rows
        ],
        "success": {
            level: {"paper": PUBLISHED_SUCCESS[level], "ours": (success or {}).get(level)} for level in LEVELS
        },
    }


def _note(epochs: int) -> str:
    text = (
        "Paper: Abdillah and Mulyono (2025), who give no other figures. Ours: means over validation pictures."
    )
    if epochs == EPOCHS:
        return text
    return f"{text} This run has {epochs} epochs instead of {EPOCHS}: its rows stand at its own tenths."


def _table(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are aligned."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        f"| {' | '.join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    ]
    rule = f"| {' | '.join('-' * (width - 1) + ':' for width in widths)} |"
    return "\n".join([rows[0], rule, *rows[1:]])
