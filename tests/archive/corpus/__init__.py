"""The corpus of format samples: the kinds of files that the archive promises to take, and some it refuses.

Made in memory, from scikit-image's astronaut. Each sample knows how it must look, by another way than the
archive's own: by the numbers that went in, or an independent decoder, and exact arithmetic on colours.
"""

from tests.archive.corpus.jpegs import JPEGS
from tests.archive.corpus.others import OTHERS
from tests.archive.corpus.pngs import PNGS
from tests.archive.corpus.refused import REFUSED
from tests.archive.corpus.samples import Sample
from tests.archive.corpus.tiffs import TIFFS

SAMPLES: dict[str, Sample] = JPEGS | PNGS | TIFFS | OTHERS

__all__ = ["REFUSED", "SAMPLES", "Sample"]
