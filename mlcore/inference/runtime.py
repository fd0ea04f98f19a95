"""OpenVINO, which by itself would tell its maker of every process that imports it."""

import sys

# What cannot be imported is not asked to send anything: openvino/tools/ovc/telemetry_utils.py.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # None is how Python marks such a name

import openvino as ov  # noqa: E402  (not before the line above)
from openvino import opset13 as op  # noqa: E402

__all__ = ["op", "ov"]
