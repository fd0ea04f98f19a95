"""Curves of a training run, drawn from its JSON-lines log: the paper's figures 4 (losses), 5 (SSIM) and 6
(PSNR).

Figures are made with explicit ``Figure`` objects on the Agg canvas, so that drawing neither needs a display
nor touches pyplot's global state: training may call ``plot_run`` after each epoch.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mlcore.run_log import EpochRecord, read_epochs

ADVERSARIAL_LOSSES = ("G_GAN", "D_real", "D_fake")
FINDER_LOSSES = ("G_mask",)
MEAN = "mean"

# One colour a name, the same in every figure (Okabe and Ito's palette, safe for colour-blind readers).
COLOURS = {
    "G_GAN": "#0072B2",
    "D_real": "#009E73",
    "D_fake": "#D55E00",
    "G_L1": "#0072B2",
    "G_hole": "#CC79A7",
    "G_mask": "#009E73",
    "light": "#56B4E9",
    "medium": "#E69F00",
    "heavy": "#D55E00",
    MEAN: "#000000",
}


def plot_run(log_path: Path, out_dir: Path) -> list[Path]:
    """Draw ``losses.png``, ``ssim.png`` and ``psnr.png`` of the run logged at ``log_path`` into ``out_dir``
    (made if missing), and ``iou.png`` if its generator finds damage.

    Returns the paths written; an empty list, and no file, while the log holds no finished epoch.
    """
    epochs = read_epochs(log_path)
    if not epochs:
        return []
    out_dir.mkdir(parents=True, exist_ok=True)
    figures = {
        "losses.png": losses_figure(epochs),
        "ssim.png": metric_figure(epochs, "ssim", title="SSIM on validation pictures", label="SSIM"),
        "psnr.png": metric_figure(epochs, "psnr", title="PSNR on validation pictures", label="PSNR (dB)"),
    }
    if any("iou" in scores for record in epochs for scores in record.validation.values()):
        figures["iou.png"] = metric_figure(
            epochs, "iou", title="Damage mask on validation pictures", label="IoU"
        )
    written = []
    for name, figure in figures.items():
        FigureCanvasAgg(figure)  # the figure draws through it from here on
        figure.savefig(out_dir / name, format="png")
        written.append(out_dir / name)
    return written


def losses_figure(epochs: Sequence[EpochRecord]) -> Figure:
    """Adversarial losses, then those of reconstruction (L1 and all others), then the damage finder's: a panel
    each, since their scales have nothing in common.

    A run that has (so far) only some of these kinds gets only their panels.
    """
    logged = sorted({name for record in epochs for name in record.losses})
    others = [name for name in logged if name not in (*ADVERSARIAL_LOSSES, *FINDER_LOSSES)]
    groups = [
        names
        for names in (ADVERSARIAL_LOSSES, others, FINDER_LOSSES)
        if any(name in logged for name in names)
    ]
    figure = _new_figure(height=1 + 2.7 * max(len(groups), 1))
    panels = figure.subplots(max(len(groups), 1), 1, sharex=True, squeeze=False)[:, 0]
    for axes, names in zip(panels, groups, strict=False):
        for name in names:
            _draw_curve(axes, name, ((record.epoch, record.losses.get(name)) for record in epochs))
        axes.set_ylabel("loss")
        _finish_axes(axes, epochs)
    panels[0].set_title("Generator and discriminator loss")
    panels[-1].set_xlabel("epoch")
    return figure


def metric_figure(epochs: Sequence[EpochRecord], metric: str, *, title: str, label: str) -> Figure:
    """``metric`` by epoch, one line for each damage level that was validated and a heavier one for their
    mean.
    """
    figure = _new_figure(height=4.2)
    axes = figure.subplots()
    known = list(COLOURS)
    levels = {level for record in epochs for level in record.validation}
    for level in sorted(levels, key=lambda name: (known.index(name) if name in known else -1, name)):
        points = ((record.epoch, record.validation.get(level, {}).get(metric)) for record in epochs)
        _draw_curve(axes, level, points, heavy=level == MEAN)
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    _finish_axes(axes, epochs)
    return figure


def _new_figure(*, height: float) -> Figure:
    return Figure(figsize=(7.2, height), dpi=130, layout="constrained")


def _draw_curve(
    axes: Axes, name: str, points: Iterable[tuple[int, float | None]], *, heavy: bool = False
) -> None:
    """One line; epochs at which the value is missing or not a number are left out, and a line without any is
    not drawn.
    """
    known = [(epoch, value) for epoch, value in points if value is not None and math.isfinite(value)]
    if not known:
        return
    xs, ys = zip(*known, strict=True)
    axes.plot(
        xs,
        ys,
        label=name,
        color=COLOURS.get(name),
        linewidth=2.2 if heavy else 1.4,
        # A run's first epoch is a single point, which a bare line would not show.
        marker="o" if len(known) < 15 else None,
        markersize=3.5,
    )


def _finish_axes(axes: Axes, epochs: Sequence[EpochRecord]) -> None:
    """Grid, whole-numbered epochs, legend, and a named dotted line where a training phase begins."""
    axes.grid(True, alpha=0.25)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for before, after in itertools.pairwise(epochs):
        if after.phase and after.phase != before.phase:
            boundary = (before.epoch + after.epoch) / 2
            axes.axvline(boundary, color="0.5", linestyle=":", linewidth=1)
            axes.annotate(
                after.phase,
                xy=(boundary, 1),
                xycoords=("data", "axes fraction"),
                xytext=(3, -11),
                textcoords="offset points",
                fontsize=8,
                color="0.35",
            )
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=9)
