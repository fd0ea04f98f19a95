"""Restorations of photos, the reviews that people give them, and the registry of models that restore."""

from restoration.models.registry import ModelPromotion, ModelVersion, SamplePicture, SampleResult, SampleRun
from restoration.models.restorations import GalleryPhoto, Restoration, Review

__all__ = [
    "GalleryPhoto",
    "ModelPromotion",
    "ModelVersion",
    "Restoration",
    "Review",
    "SamplePicture",
    "SampleResult",
    "SampleRun",
]
