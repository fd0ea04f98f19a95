"""The one door to a trained generator: pictures of any size in, restored pictures out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore import __version__
from mlcore.checkpoints import load_generator
from mlcore.images import Bytes, from_network
from mlcore.inference.devices import AUTO, chosen_device
from mlcore.inference.engines import Engine, build_engine, is_out_of_memory
from mlcore.inference.files import Repairer, restore_file
from mlcore.inference.finding import LOOKS
from mlcore.inference.hands import Hand, HandOnCanvas
from mlcore.inference.pictures import ArrayPage, Canvas, Floats, Page
from mlcore.inference.progress import Counter, Progress
from mlcore.inference.reports import FileReport
from mlcore.inference.staged import StagedRestoration
from mlcore.inference.whole_answers import WholeAnswers
from mlcore.masters import Marking
from mlcore.masters.found import ResultFormat
from mlcore.networks import FindFillRefine, Generator
from mlcore.tiling import round_up

Sink = Callable[[int, Floats, Floats], None]
"""Takes rows in order, in stored orientation: number of the first, restored (h, width, 3) float32 in
[-1, 1], and the share of each pixel that was replaced, (h, width) float32 in [0, 1]. Where the share is 0
nothing has changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored picture.

    ``image``: (H, W, 3) uint8, RGB. ``mask``: (H, W) float32 in [0, 1], how far each pixel was taken for
    damaged; None where the network does not say, or where it was not asked for.
    """

    image: Bytes
    mask: NDArray[np.float32] | None


class Restorer:
    """A generator ready to restore pictures.

    A network that finds, fills and refines goes through its steps one after the other over the whole
    picture; any other is asked tile by tile, and its answers are blended.
    """

    def __init__(
        self,
        generator: Generator,
        *,
        device: str = AUTO,
        engine: str = "auto",
        quick: bool = False,
        tile: int = 1536,
        overlap: int = 128,
        threads: int | None = None,
        coarse: bool = True,
        looks: int = 1,
        metadata: dict[str, Any] | None = None,
        sha256: str = "",
    ) -> None:
        """Take over ``generator`` (put into eval mode, on ``device``).

        ``device``: "cpu", "cuda" or "auto", CUDA where there is some. ``engine``: "torch", "openvino" (on a
        processor, for a network that finds, fills and refines) or "auto", the best there is. ``quick``: in
        8 bits, a little worse; needs OpenVINO, and on other devices than processors the exact network runs
        instead (then the attribute says so). ``tile``: side in pixels of the largest square that is processed
        in one piece (rounded up to the generator's stride).
        ``overlap``: least number of pixels shared by neighbouring tiles, at most half of ``tile``.
        ``threads``: how many to compute with, for all of this process (None: as PyTorch does already).
        ``coarse``: look for damage at reduced sizes too, in pictures of 1,280 pixels and more.
        ``looks``: 1, 2, 4 or 8 at each tile, turned and mirrored, when damage is looked for; more find it
        better and take so many times as long for that.
        ``metadata`` and ``sha256`` are what the weights' file says of itself. ValueError for what does not
        go together.
        """
        self.tile = round_up(tile, generator.stride)
        self.overlap = overlap
        if tile < 1 or overlap < 0 or 2 * round_up(overlap, generator.stride) > self.tile:
            raise ValueError(
                f"overlap {overlap} must be between 0 and half of tile {tile} (stride {generator.stride})"
            )
        if threads is not None:
            torch.set_num_threads(threads)
        self.device = chosen_device(device, engine)
        self.coarse = coarse
        if looks not in LOOKS:
            raise ValueError(f"{looks} looks; there are {', '.join(map(str, LOOKS))}")
        self.looks = looks
        self.metadata = metadata or {}
        self.sha256 = sha256
        self._generator = generator.eval().to(self.device)
        self._engine: Engine | None = None
        if isinstance(generator, FindFillRefine):
            self._engine = build_engine(
                generator, engine=engine, device=self.device, threads=torch.get_num_threads(), quick=quick
            )
        elif engine == "openvino" or quick or looks > 1:
            raise ValueError("openvino, quick and looks are for networks that find, fill and refine")

    @classmethod
    def from_checkpoint(
        cls,
        path: Path | str,
        *,
        device: str = AUTO,
        engine: str = "auto",
        quick: bool = False,
        tile: int = 1536,
        overlap: int = 128,
        threads: int | None = None,
        coarse: bool = True,
        looks: int = 1,
    ) -> Self:
        """Load the generator saved at ``path``; CheckpointError if it is missing, damaged or foreign."""
        loaded = load_generator(path)
        return cls(
            loaded.generator,
            device=device,
            engine=engine,
            quick=quick,
            tile=tile,
            overlap=overlap,
            threads=threads,
            coarse=coarse,
            looks=looks,
            metadata=loaded.metadata,
            sha256=loaded.sha256,
        )

    @property
    def engine(self) -> str:
        """What computes: "torch" or "openvino"."""
        return self._engine.name if self._engine else "torch"

    @property
    def quick(self) -> bool:
        """Whether it computes in 8 bits, which was perhaps asked for in vain."""
        return self._engine is not None and self._engine.quick

    def parameters(self) -> dict[str, Any]:
        """All that may change a result beside picture, weights and code, as JSON.

        The keywords of ``from_checkpoint``, and under "versions" the libraries that computed.
        """
        versions = {"torch": torch.__version__, "numpy": np.__version__}
        if self.engine == "openvino":
            versions["openvino"] = version("openvino")
        return {
            "device": str(self.device),
            "engine": self.engine,
            "quick": self.quick,
            "tile": self.tile,
            "overlap": self.overlap,
            "threads": torch.get_num_threads(),
            "coarse": self.coarse,
            "looks": self.looks,
            "versions": versions,
        }

    def restore(
        self, image: Bytes, on_progress: Progress | None = None, *, keep_mask: bool = True
    ) -> Restored:
        """Restore ``image``, (H, W, 3) uint8 RGB of any size from 1x1; the result has the same size.

        A grey picture (three equal channels) comes out grey. ``on_progress(done, total)``: in tiles, with 0
        before the first and after each. ``keep_mask=False`` saves 4 bytes a pixel. ValueError for an array of
        another shape or type, MemoryError where a tile does not fit into memory (a smaller one might),
        HonestyError where a finder's verdict is not a number everywhere.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ValueError(f"expected (H, W, 3) uint8, got {image.shape} {image.dtype}")
        result = np.empty_like(image)
        mask = np.empty(image.shape[:2], np.float32) if keep_mask else None

        def keep(top: int, restored: Floats, share: Floats) -> None:
            rows = slice(top, top + len(restored))
            result[rows] = from_network(torch.from_numpy(restored).permute(2, 0, 1))
            if mask is not None:
                mask[rows] = share

        says_where = self.repair(ArrayPage(image), keep, on_progress=on_progress)
        return Restored(result, mask if says_where else None)

    def restore_file(
        self,
        source: Path | str,
        target: Path | str,
        *,
        strength: float = 1.0,
        hand: Hand | None = None,
        marking: Marking | None = None,
        format: ResultFormat | None = None,
        repair_path: Path | str | None = None,
        invention_passes: int = 0,
        scratch: Path | None = None,
        on_progress: Progress | None = None,
    ) -> FileReport:
        """Restore the picture file ``source``, each page of it, into ``target``.

        The result keeps the master's own samples wherever nothing was damaged, its depth, colours, size,
        profile and metadata. ``strength``: 0 to 1, how much of the repair shows. ``hand``: what a person says
        of the damage on the first page, which is the one that people are shown. ``marking``: what the result
        says of its making (None: Pulih, these weights, now). ``format``: "tiff", "png" or "jpeg" (None: as
        suits the master, whatever the target is called). ``repair_path``: where the repair layer is to be
        kept, from which ``render_file`` makes other strengths without the network. ``invention_passes``: 2 to
        8 to measure how much was invented, on the first page with damage. ``scratch``: folder for temporary
        files as large as the picture, uncompressed. ``on_progress(done, total)``: in steps that say nothing
        of tiles, but at least once a tile, in the rendering and in each pass too; what it raises ends the
        work.

        The same input, weights, code and ``parameters()`` give the same bytes. Raises MasterError,
        HonestyError where the answer is no restoration (then no target appears), and MemoryError.
        """

        def repairing(looks: int) -> Repairer:
            return lambda page, sink, on, tell: self.repair(
                page, sink, hand=on, on_progress=tell, scratch=scratch, looks=looks
            )

        return restore_file(
            repairing(self.looks),
            Path(source),
            Path(target),
            glance=repairing(1),
            strength=strength,
            marking=marking or self._marking(),
            hand=hand,
            format=format,
            repair_path=None if repair_path is None else Path(repair_path),
            invention_passes=invention_passes,
            scratch=scratch,
            on_progress=on_progress,
        )

    def _marking(self) -> Marking:
        name = str(self.metadata.get("name", "model of one's own"))
        return Marking(f"Pulih {__version__}", name, self.sha256, datetime.now(UTC))

    def repair(
        self,
        page: Page,
        sink: Sink,
        *,
        hand: Hand | None = None,
        on_progress: Progress | None = None,
        scratch: Path | None = None,
        looks: int | None = None,
    ) -> bool:
        """Restore ``page`` and hand its rows to ``sink``; whether the network says where it found damage.

        Where it does not, every share is 1. A grey page comes out grey. ``hand``: what a person says of the
        damage. ``scratch``: folder for files that large pictures need meanwhile, of 2 bytes a pixel and of 12
        for each of a row of tiles (None: the system's). ``looks``: how many (None: as this Restorer's
        attribute says). Memory hardly grows with the picture. MemoryError where a tile does not fit into
        memory (a smaller one might), HonestyError where a finder's verdict is not a number everywhere.
        """
        canvas = Canvas(page, self._generator.stride)
        laid = HandOnCanvas(hand, canvas)
        sizes = {"tile": self.tile, "overlap": self.overlap}
        tiles = Counter(on_progress)
        whole: WholeAnswers | None = None
        if self._engine is not None and isinstance(self._generator, FindFillRefine):
            staged = StagedRestoration(
                canvas,
                self._generator,
                self._engine,
                laid,
                coarse=self.coarse,
                looks=self.looks if looks is None else looks,
                on_rows=tiles.still,
                **sizes,
            )
            rows = staged.rows(scratch, tiles.of(staged.count))
        else:
            whole = WholeAnswers(canvas, self._generator, self.device, laid, **sizes)
            rows = whole.rows(scratch, tiles.of(whole.count))
        try:
            _hand_over(canvas, rows, sink)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise MemoryError(f"a tile of up to {self.tile}x{self.tile} pixels does not fit") from error
            raise
        return whole is None or whole.says_where


def _hand_over(canvas: Canvas, rows: Iterator[tuple[int, Floats, Floats]], sink: Sink) -> None:
    """The picture's own rows and columns, grey if the picture is, to ``sink``."""
    columns = canvas.own_columns()
    grey = canvas.page.is_grey
    for first, restored, share in rows:
        own = canvas.stored_rows(first, first + len(restored))
        if own.start == own.stop:
            continue
        down = slice(own.start + canvas.rows.before - first, own.stop + canvas.rows.before - first)
        picture = restored[down, columns]
        if grey:
            picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
        sink(own.start, np.ascontiguousarray(picture), np.ascontiguousarray(share[down, columns]))
