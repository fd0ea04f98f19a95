"""The same sample pictures restored by two models, as far as they have come in."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from archive.files.renditions import rendition_file
from archive.models import Rendition
from archive.presentation.pictures import ShownPicture
from restoration.models import ModelVersion, SamplePicture, SampleResult, SampleRun
from restoration.registry.figure_labels import level_label, measure_label, with_unit
from restoration.registry.sample_pictures import SAMPLES, TITLES

SAMPLE_STATES = ("clean", "degraded")
"""A sample picture before and after the damage."""


@dataclass(frozen=True, slots=True)
class SampleComparison:
    """One sample picture. Results are None until the model has restored it; `sample` until it was made."""

    key: str
    title: str
    level: str
    sample: SamplePicture | None
    first: SampleResult | None
    second: SampleResult | None

    @property
    def is_complete(self) -> bool:
        """Both models have restored it."""
        return self.first is not None and self.second is not None


@dataclass(frozen=True, slots=True)
class OwnSample:
    """One sample picture and what a model made of it."""

    title: str
    level: str
    sample: SamplePicture
    result: SampleResult


@dataclass(frozen=True, slots=True)
class SampleState:
    """Where the restoring of all samples by both models stands.

    `runs` are those that were asked for; `is_requested` once both were. `is_active` while results come in.
    """

    runs: list[SampleRun]
    done: int
    total: int

    @property
    def is_complete(self) -> bool:
        """Everything is there."""
        return self.done == self.total

    @property
    def is_active(self) -> bool:
        """Something may still come in by itself."""
        return not self.is_complete and any(run.is_active for run in self.runs)

    @property
    def is_requested(self) -> bool:
        """Both models were asked, so there is nothing left to ask for."""
        return self.is_complete or len(self.runs) == 2

    @property
    def failed(self) -> list[SampleRun]:
        """Runs that ended without all their results."""
        return [run for run in self.runs if run.status == SampleRun.Status.FAILED]


def compare_samples(first: ModelVersion, second: ModelVersion) -> tuple[SampleState, list[SampleComparison]]:
    """Every sample with both models' results, in three queries."""
    samples = {(sample.name, sample.level): sample for sample in SamplePicture.objects.all()}
    results = {
        (result.model_version_id, result.sample_id): result
        for result in SampleResult.objects.filter(model_version__in=[first, second])
    }
    runs = SampleRun.objects.filter(model_version__in=[first, second]).select_related("model_version")
    comparisons = []
    for name, level in SAMPLES:
        sample = samples.get((name, level))
        comparisons.append(
            SampleComparison(
                key=f"{name}-{level}",
                title=gettext(TITLES[name]),
                level=level_label(level),
                sample=sample,
                first=results.get((first.pk, sample.pk)) if sample else None,
                second=results.get((second.pk, sample.pk)) if sample else None,
            )
        )
    done = sum((each.first is not None) + (each.second is not None) for each in comparisons)
    return SampleState(list(runs), done, 2 * len(comparisons)), comparisons


def own_samples(model: ModelVersion) -> list[OwnSample]:
    """The sample pictures that the model has restored so far, in one query."""
    results = SampleResult.objects.filter(model_version=model).select_related("sample")
    by_sample = {(result.sample.name, result.sample.level): result for result in results}
    return [
        OwnSample(
            gettext(TITLES[name]), level_label(level), by_sample[name, level].sample, by_sample[name, level]
        )
        for name, level in SAMPLES
        if (name, level) in by_sample
    ]


def sample_picture(sample: SamplePicture, which: str) -> ShownPicture:
    """The rendition of a sample picture; `which`: one of SAMPLE_STATES."""
    alt = gettext("Damaged picture") if which == "degraded" else gettext("Picture before the damage")
    present = rendition_file(sample_sha256(sample, which), Rendition.Kind.WEB).seems_there()
    url = reverse("restoration:sample_rendition", args=[sample.pk, which]) if present else None
    return ShownPicture(url=url, width=sample.width, height=sample.height, alt=alt)


def sample_result_picture(result: SampleResult, sample: SamplePicture) -> ShownPicture:
    """The rendition of what a model made of the sample."""
    present = rendition_file(result.result_sha256, Rendition.Kind.WEB).seems_there()
    url = reverse("restoration:sample_result_rendition", args=[result.pk]) if present else None
    return ShownPicture(url=url, width=sample.width, height=sample.height, alt=gettext("Restored picture"))


def sample_sha256(sample: SamplePicture, which: str) -> str:
    """SHA-256 of the sample before ("clean") or after ("degraded") the damage."""
    return sample.degraded_sha256 if which == "degraded" else sample.clean_sha256


def measures_in_words(result: SampleResult) -> str:
    """PSNR 27.41 dB, SSIM 0.9312"""
    return ", ".join(
        f"{measure_label(name)} {with_unit(name, value)}" for name, value in result.measures.items()
    )
