"""Restoring pictures of any size and kind with a trained generator.

from mlcore.inference import Restorer
restorer = Restorer.from_checkpoint("mlcore/weights/pulih-faces-4.safetensors")
report = restorer.restore_file("torn.tif", "restored.tif")
"""

from mlcore.inference.changes import change_report
from mlcore.inference.finding import MOST_LOOKS
from mlcore.inference.hands import Hand
from mlcore.inference.honesty import expected_ranges, warnings_for
from mlcore.inference.pictures import ArrayPage, Page
from mlcore.inference.rendering import render_file
from mlcore.inference.reports import FileReport, PageReport
from mlcore.inference.restorer import Restored, Restorer

__all__ = [
    "MOST_LOOKS",
    "ArrayPage",
    "FileReport",
    "Hand",
    "Page",
    "PageReport",
    "Restored",
    "Restorer",
    "change_report",
    "expected_ranges",
    "render_file",
    "warnings_for",
]
