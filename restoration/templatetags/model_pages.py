"""Models of the registry in templates."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil

from archive.presentation.pictures import ShownPicture
from restoration.models import ModelVersion, SamplePicture, SampleResult
from restoration.registry.figure_labels import measure_label, with_unit
from restoration.registry.figure_tables import Table, own_tables
from restoration.registry.figures import DECISIVE
from restoration.registry.model_cards import render_card
from restoration.registry.model_comparison import measures_in_words, sample_picture, sample_result_picture
from restoration.registry.training_runs import Best

register = template.Library()


@register.filter
def as_card(markdown: str) -> SafeString:
    """`{{ model.card|as_card }}`: Markdown as harmless HTML."""
    return render_card(markdown)


@register.filter
def thousands(count: int) -> str:
    """`{{ 6250000|thousands }}`: with the reader's separator between thousands."""
    return formats.number_format(count, force_grouping=True)


@register.simple_tag
def decisive_figures(model: ModelVersion) -> Table | None:
    """`{% decisive_figures model as table %}`: PSNR and SSIM by level; None where nothing was measured."""
    return next(iter(own_tables(model.benchmark, only=DECISIVE)), None)


@register.simple_tag
def sample_rendition(sample: SamplePicture, which: str) -> ShownPicture:
    """`{% sample_rendition sample "degraded" as picture %}`"""
    return sample_picture(sample, which)


@register.simple_tag
def sample_result_rendition(result: SampleResult, sample: SamplePicture) -> ShownPicture:
    """`{% sample_result_rendition result sample as picture %}`"""
    return sample_result_picture(result, sample)


@register.filter
def best_in_words(best: Best) -> str:
    """`{{ run.best|best_in_words }}`: PSNR 27.41 dB, SSIM 0.9312"""
    figures = {"psnr": best.psnr, "ssim": best.ssim}
    return ", ".join(
        f"{measure_label(name)} {with_unit(name, value)}" for name, value in figures.items() if value
    )


@register.filter
def in_hours(time: timedelta) -> str:
    """`{{ run.remaining|in_hours }}`: the two largest units, in words."""
    now = timezone.now()
    return timeuntil(now + time, now)


@register.filter
def in_words(result: SampleResult) -> str:
    """`{{ result|in_words }}`: what the result measures."""
    return measures_in_words(result)
