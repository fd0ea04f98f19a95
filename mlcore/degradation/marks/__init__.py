"""The kinds of damage. Each draws one mark onto a layer.

Every function takes the layer, a random generator, the zone to aim at (H, W bool) and a scale (1.0 for a
256-pixel picture). All randomness comes from the generator.
"""

from collections.abc import Callable

from numpy.random import Generator

from mlcore.degradation.layers import DamageLayer
from mlcore.degradation.marks import losses, spots, strokes, surface
from mlcore.degradation.marks.drawing import Zone

_FUNCTIONS: tuple[Callable[[DamageLayer, Generator, Zone, float], None], ...] = (
    strokes.scribble,
    strokes.marker,
    strokes.writing,
    strokes.scratch,
    strokes.abrasion,
    strokes.hair,
    strokes.crease,
    strokes.fold_grid,
    strokes.cracks,
    strokes.craquelure,
    strokes.scan_lines,
    spots.specks,
    spots.dust,
    spots.noise_patch,
    spots.pits,
    spots.foxing,
    spots.mould,
    spots.drops,
    spots.fingerprint,
    losses.blotch,
    losses.missing_patch,
    losses.torn_surface,
    losses.flaking,
    losses.chips,
    losses.tear,
    losses.torn_corner,
    losses.worn_edges,
    surface.stain,
    surface.tape,
    surface.burn,
    surface.veil,
)
MARKS = {function.__name__: function for function in _FUNCTIONS}
