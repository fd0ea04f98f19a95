"""Measuring methods on damaged pictures.

Each method is scored picture by picture, on the whole picture and inside the damage only; what is measured
and how it is summed up stands in ``mlcore.benchmark_scores``, where the pictures come from in
``mlcore.benchmark_cases``.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch

from mlcore.baselines import Method
from mlcore.benchmark_cases import Case, Subject, groups_of, levels_of
from mlcore.benchmark_scores import GREY, INTACT, Benchmark, Score, measure, succeeded, summarise
from mlcore.identity import ReferenceFace, check_packages, find_face
from mlcore.images import Bytes
from mlcore.inference import Restored, Restorer, change_report
from mlcore.mask_scores import count_mask

MODEL = "model"
IDENTIFIED = (MODEL, "nothing", "telea", "fsr-fast")
"""Methods whose faces are compared: that takes longer than most of them do."""

Progress = Callable[[int, int], None]
"""Called with the number of jobs done and the number of all; a job is one picture, or half of its methods."""


def model_method(restorer: Restorer, *, title: str, name: str = MODEL, weights: Path | None = None) -> Method:
    """The trained model as one method among the others; it is not told the mask, and hands its own over.

    ``weights``: the file that ``restorer`` was made from. With it, and on a processor, other processes can
    run the model as well, with as many looks; an accelerator is this process's own.
    """
    portable = weights is not None and restorer.device.type == "cpu"
    restore = _FromWeights(weights, restorer.looks) if weights and portable else _With(restorer)
    return Method(name, title, restore, needs_mask=False, portable=portable)


@dataclass(frozen=True, slots=True)
class _With:
    restorer: Restorer

    def __call__(self, degraded: Bytes, mask: Bytes | None) -> Restored:
        return self.restorer.restore(degraded)


@dataclass(frozen=True, slots=True)
class _FromWeights:
    """Goes to another process as the name of a file, which is loaded there once."""

    weights: Path
    looks: int

    def __call__(self, degraded: Bytes, mask: Bytes | None) -> Restored:
        return _restorer_of(self.weights, self.looks).restore(degraded)


@lru_cache(maxsize=1)
def _restorer_of(weights: Path, looks: int) -> Restorer:
    return Restorer.from_checkpoint(weights, looks=looks)


@dataclass(frozen=True, slots=True)
class Job:
    """Some methods on one picture. ``intact``, ``identity``: see ``run``."""

    place: int
    subject: Subject
    methods: tuple[Method, ...]
    intact: bool
    identity: bool


def run(
    subjects: Sequence[Subject],
    methods: Sequence[Method],
    *,
    slow_limit: int | None = None,
    seed: int = 0,
    workers: int = 1,
    intact: bool = False,
    identity: bool = False,
    on_progress: Progress | None = None,
) -> Benchmark:
    """Score every method on every damage of every picture and sum up.

    ``slow_limit``: pictures of each group for methods that are slow and for ``identity``, the first ones in
    the order given. ``seed`` resamples. ``workers``: processes for the methods that are portable,
    each with one thread; the others run here meanwhile. ``intact``: restore undamaged pictures and grey ones
    too. ``identity``: compare faces. Methods that need a mask skip damage without one.

    ValueError where there are no pictures, ``ImageError`` for one that cannot be read, ``MlcoreError``
    (``mlcore:identity:packages``).
    """
    if not subjects:
        raise ValueError("no pictures to measure on")
    if identity:
        check_packages()
    portable, own = _jobs(subjects, methods, slow_limit, workers, intact=intact, identity=identity)
    total = len(portable) + len(own)
    scores: list[tuple[int, Score]] = []
    for done, (place, of_job) in enumerate(_work(portable, own, workers), start=1):
        scores.extend((place, score) for score in of_job)
        if on_progress:
            on_progress(done, total)
    rank = {method.name: number for number, method in enumerate(methods)}
    levels = [*levels_of(subjects), INTACT, GREY]
    scores.sort(
        key=lambda known: (
            known[0],
            levels.index(known[1].level),
            known[1].seed or 0,
            rank[known[1].method],
        )
    )
    return summarise(
        [score for _, score in scores], methods, levels_of(subjects), groups_of(subjects), seed=seed
    )


def score_job(job: Job) -> list[Score]:
    """Each of the job's methods on each damage of its picture."""
    scores = []
    face: ReferenceFace | None = None
    case: Case | None = None
    for number, case in enumerate(job.subject.cases()):
        if job.identity and number == 0:
            face = find_face(case.clean)
        of_degraded = measure(case.degraded, case.clean, case.mask)
        for method in job.methods:
            if case.mask is not None or not method.needs_mask:
                scores.append(_score(job.subject, method, case, of_degraded, face))
    if job.intact and case is not None:
        for method in job.methods:
            if not method.needs_mask:
                scores += [_score_intact(job.subject, method, case), _score_grey(job.subject, method, case)]
    return scores


def _score(
    subject: Subject,
    method: Method,
    case: Case,
    of_degraded: dict[str, float],
    face: ReferenceFace | None,
) -> Score:
    answer, seconds = _timed(method, case.degraded, case.mask)
    values = measure(answer.image, case.clean, case.mask)
    values["success"] = float(succeeded(values, of_degraded))
    counts = None
    if answer.mask is not None and case.mask is not None:
        counts = count_mask(answer.mask, case.mask)
        values |= counts.figures()
    if face is not None and method.name in IDENTIFIED:
        values["identity"] = face.distance(answer.image)
    return Score(
        method.name, subject.group, subject.stem, case.level, values, seconds, seed=case.seed, found=counts
    )


def _score_intact(subject: Subject, method: Method, case: Case) -> Score:
    """The undamaged picture: how much of it is left as it was."""
    answer, seconds = _timed(method, case.clean, None)
    values = {"psnr": measure(answer.image, case.clean, None)["psnr"]}
    report = change_report(case.clean, answer.image)
    values |= {name: report[name] for name in ("share_changed", "max_change")}
    return Score(method.name, subject.group, subject.stem, INTACT, values, seconds)


def _score_grey(subject: Subject, method: Method, case: Case) -> Score:
    """The picture's heaviest damage in grey: does the result stay grey?"""
    grey = cv2.cvtColor(case.degraded, cv2.COLOR_RGB2GRAY)
    answer, seconds = _timed(method, np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8), None)
    difference = float(np.ptp(answer.image.astype(np.int16), axis=2).max())
    return Score(method.name, subject.group, subject.stem, GREY, {"channel_difference": difference}, seconds)


def _timed(method: Method, degraded: Bytes, mask: Bytes | None) -> tuple[Restored, float]:
    started = time.perf_counter()
    answer = method.restore(degraded, mask)
    return answer, time.perf_counter() - started


def _jobs(
    subjects: Sequence[Subject],
    methods: Sequence[Method],
    slow_limit: int | None,
    workers: int,
    *,
    intact: bool,
    identity: bool,
) -> tuple[list[Job], list[Job]]:
    """Jobs for other processes, and for this one."""
    portable: list[Job] = []
    own: list[Job] = []
    seen: dict[str, int] = {}
    for place, subject in enumerate(subjects):
        number = seen.get(subject.group, 0)
        seen[subject.group] = number + 1
        early = slow_limit is None or number < slow_limit
        wanted = [method for method in methods if early or not method.slow]
        sent = tuple(method for method in wanted if method.portable and workers > 1)
        kept = tuple(method for method in wanted if method not in sent)
        for jobs, chosen in ((portable, sent), (own, kept)):
            if chosen:
                jobs.append(Job(place, subject, chosen, intact, identity and early))
    return portable, own


def _work(portable: list[Job], own: list[Job], workers: int) -> Iterator[tuple[int, list[Score]]]:
    """Scores by the picture's place, as they become known."""
    if not portable:
        for job in own:
            yield job.place, score_job(job)
        return
    # Not forked from here: torch may hold threads and an accelerator already.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker) as pool:
        futures = {pool.submit(score_job, job): job.place for job in portable}
        try:
            for job in own:
                yield job.place, score_job(job)
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _start_worker() -> None:
    """One thread each: there are as many workers as was asked for."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
