"""Restorations of photos, the reviews that people give them, and the registry of models that restore."""

from restoration.models.entries import RestorationEntry
from restoration.models.pauses import Pause
from restoration.models.registry import ModelPromotion, ModelVersion, SamplePicture, SampleResult, SampleRun
from restoration.models.request_batches import RequestBatch
from restoration.models.restorations import GalleryPhoto, Restoration
from restoration.models.reviewing import Reservation, Review, ReviewRule

__all__ = [
    "GalleryPhoto",
    "ModelPromotion",
    "ModelVersion",
    "Pause",
    "RequestBatch",
    "Reservation",
    "Restoration",
    "RestorationEntry",
    "Review",
    "ReviewRule",
    "SamplePicture",
    "SampleResult",
    "SampleRun",
]
