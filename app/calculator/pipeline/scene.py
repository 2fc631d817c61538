"""A part and its surface, which is made once, when the first stage asks for it."""

from dataclasses import dataclass
from functools import cached_property

from app.calculator.analysis.hull import Hull, convex_hull
from app.calculator.analysis.samples import Probe, probes
from app.calculator.analysis.thickness import Walls, walls_of
from app.calculator.errors import CadInvalid
from app.calculator.geometry.mesh_regions import Regions
from app.calculator.geometry.mesh_surface import divided, surface_of_mesh
from app.calculator.geometry.part import DrawingPart, MeshPart, Part
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
            return surface_of_mesh(self.part, self.regions)
        if isinstance(self.part, DrawingPart):
            raise CadInvalid("a drawing has no surface")
        return tessellate(self.part.shape)

    @cached_property
    def regions(self) -> Regions | None:
        """The smooth regions of a mesh; ``None`` for everything else, and where it has too many triangles."""
        return divided(self.part) if isinstance(self.part, MeshPart) else None

    @cached_property
    def rays(self) -> Rays:
        """What casts rays at all of the surface."""
        return Rays(self.surface)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Samples of the surface, body by body."""
        return tuple(probes(self.surface, self.rays))

    @cached_property
    def walls(self) -> tuple[Walls, ...]:
        """The samples with the walls behind them."""
        return tuple(walls_of(probe) for probe in self.probes)

    @cached_property
    def hull(self) -> Hull | None:
        """The convex hull; ``None`` for what is flat."""
        return convex_hull(self.surface.triangles)
