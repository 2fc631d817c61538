"""A part and its surface, which is made once, when the first stage asks for it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.calculator.analysis.hull import Hull, convex_hull
from app.calculator.geometry.part import MeshPart, Part
from app.calculator.geometry.rays import Rays
from app.calculator.geometry.surface import Surface
from app.calculator.geometry.tessellation import tessellate


@dataclass(frozen=True)
class Scene:
    """What every stage of an analysis may look at."""

    part: Part

    @cached_property
    def surface(self) -> Surface:
        """The triangles of the part. Raises ``CadInvalid`` when there is no way to have them."""
        if isinstance(self.part, MeshPart):
            nothing = np.zeros(len(self.part.triangles), dtype=np.int32)
            return Surface(self.part.triangles, self.part.origin_mm, nothing, nothing)
        return tessellate(self.part.shape)

    @cached_property
    def rays(self) -> Rays:
        """What casts rays at all of the surface."""
        return Rays(self.surface)

    @cached_property
    def hull(self) -> Hull | None:
        """The convex hull; ``None`` for what is flat."""
        return convex_hull(self.surface.triangles)
