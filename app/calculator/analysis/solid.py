"""A boundary representation becomes facts."""

from collections.abc import Iterator

from app.calculator.analysis.missing import incomplete
from app.calculator.analysis.moments import principal_moments
from app.calculator.analysis.size import judge_size
from app.calculator.analysis.solid_box import exact_box, oriented_extents
from app.calculator.analysis.solid_mass import Masses
from app.calculator.analysis.solid_shape import count_faces, faces_of, is_closed, solids_of, vertices_of
from app.calculator.errors import CadInvalid
from app.calculator.geometry.part import SolidPart
from app.calculator.geometry.tolerance import BETTER_BOX_RATIO, FLAT_RELATIVE, INTEGRATION_RELATIVE
from app.contract.geometry import FaceAreas, Finding, PartFacts, Vector


def measure_solid(part: SolidPart) -> Iterator[PartFacts]:
    """Facts that grow: box and area, then volume, then everything."""
    solids = solids_of(part.shape)
    faces = faces_of(solids)
    vertices = vertices_of(solids)
    box = exact_box(vertices, faces)
    remarks = part.findings + judge_size(box, unit_stated=True)
    masses = Masses(solids)
    area = masses.area()
    closed = all(is_closed(solid) for solid in solids)
    x_mm, y_mm, z_mm = box.extents_mm
    longest, middle, shortest = sorted(box.extents_mm, reverse=True)
    facts = PartFacts(
        format=part.format,
        unit=part.unit,
        complete=False,
        bodies=len(solids),
        volume_mm3=None,
        area_mm2=area.amount,
        bounding_box_mm=Vector(x=x_mm, y=y_mm, z=z_mm),
        oriented_box_mm=Vector(x=longest, y=middle, z=shortest),
        centroid_mm=tuple(area.centre_mm.tolist()),
        watertight=closed,
        triangles=None,
        faces=count_faces(faces),
        face_areas_mm2=FaceAreas.model_validate(area.by_kind),
        findings=(*remarks, incomplete("volume", "oriented box")),
        seconds=0.0,
    )
    yield facts
    if closed:
        volume = masses.volume()
        if volume.amount <= FLAT_RELATIVE * area.amount * box.diagonal_mm:
            raise CadInvalid("the part encloses no volume")
        if len(solids) == 1 and volume.amount > box.volume_mm3 * (1 + INTEGRATION_RELATIVE):
            raise CadInvalid("the faces of the solid contradict each other: it is larger than its own box")
        figures = {
            "volume_mm3": volume.amount,
            "centroid_mm": tuple(volume.centre_mm.tolist()),
            "principal_moments_mm5": principal_moments(volume.inertia),
        }
        facts = facts.model_copy(update={**figures, "findings": (*remarks, incomplete("oriented box"))})
        yield facts
    else:
        remarks = (*remarks, _open())
    if len(solids) > 1 or (facts.volume_mm3 or 0.0) < BETTER_BOX_RATIO * box.volume_mm3:
        longest, middle, shortest = oriented_extents(solids, vertices, faces, box)
    oriented = Vector(x=longest, y=middle, z=shortest)
    yield facts.model_copy(update={"complete": True, "oriented_box_mm": oriented, "findings": remarks})


def _open() -> Finding:
    return Finding(
        code="solid-open",
        severity="warning",
        message="A solid of the file has a gap in its surface. No volume is given.",
        fix="Close the gap (sew or stitch the surfaces) in the CAD program and export again.",
    )
