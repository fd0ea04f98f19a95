"""Master files in and out: any photograph, whole, whatever its format, depth, colours and size.

    with open_master(path) as master, RepairWriter(layer, master) as writer:
        for number, page in enumerate(master.pages):
            for top, bottom in ...:
                samples, seen = page.samples(top, bottom), page.seen(top, bottom)
                restored, share = ...  # (rows, width, 3) in [-1, 1] and (rows, width) uint8
                writer.write_rows(number, top, page.applied(samples, seen, restored, share), share)
    with open_master(path) as master:
        render_result(master, open_repair(layer), target, strength=0.8, marking=Marking(...))

Everything is in stored orientation. Memory does not grow with the picture; temporary files do. (Three kinds
are held whole by their own libraries while they are decoded: interlaced PNG, progressive JPEG and WebP.)
"""

from mlcore.errors import MasterError
from mlcore.masters.found import ResultFormat
from mlcore.masters.master import Master, open_master, result_format_of
from mlcore.masters.pages import Page
from mlcore.masters.rendering import blended, render_result
from mlcore.masters.repairs import Repair, RepairPage, RepairWriter, open_repair
from mlcore.masters.xmp import DIGITAL_SOURCE_TYPE, Marking

__all__ = [
    "DIGITAL_SOURCE_TYPE",
    "Marking",
    "Master",
    "MasterError",
    "Page",
    "Repair",
    "RepairPage",
    "RepairWriter",
    "ResultFormat",
    "blended",
    "open_master",
    "open_repair",
    "render_result",
    "result_format_of",
]
