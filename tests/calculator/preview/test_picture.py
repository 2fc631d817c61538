import numpy as np
import pytest

from app.calculator.geometry.looks import Looks
from app.calculator.preview.picture import draw
from app.contract.pictures import PreviewQuery
from tests.calculator.bodies import box, flipped, torus
from tests.calculator.preview.subjects import (
    box_subject,
    brightness,
    is_covered,
    mesh_subject,
    shown,
)

BLOCK = box(40, 30, 20)
INK = 160
"""Lines on metal that faces the eye are darker than this, the metal is lighter."""
STEEP = 80
"""Metal that hardly faces the eye is lighter than this."""


class TestLayout:
    @pytest.mark.parametrize("size", [64, 100, 257])
    def test_one_view_is_a_square(self, size: int) -> None:
        assert shown(mesh_subject(BLOCK), size=size).shape == (size, size, 4)

    @pytest.mark.parametrize(
        ("views", "shape"),
        [("iso,top", (64, 128, 4)), ("iso,top,front", (128, 128, 4)), ("iso,top,front,left", (128, 128, 4))],
    )
    def test_several_views_share_the_picture(self, views: str, shape: tuple[int, ...]) -> None:
        assert shown(mesh_subject(BLOCK), views=views).shape == shape

    def test_views_are_to_one_scale(self) -> None:
        picture = is_covered(shown(mesh_subject(BLOCK), size=256, views="front,top"))

        front, top = picture[:, :128], picture[:, 128:]
        assert front.any(axis=0).sum() == top.any(axis=0).sum()
        assert front.any(axis=1).sum() / top.any(axis=1).sum() == pytest.approx(20 / 30, abs=0.03)

    @pytest.mark.parametrize(
        ("view", "width", "height"),
        [("front", 40, 20), ("back", 40, 20), ("left", 30, 20), ("right", 30, 20), ("top", 40, 30)],
    )
    def test_a_view_shows_its_side(self, view: str, width: int, height: int) -> None:
        covered = is_covered(shown(mesh_subject(BLOCK), views=view))

        ratio = covered.any(axis=0).sum() / covered.any(axis=1).sum()
        assert ratio == pytest.approx(width / height, rel=0.05)

    def test_up_is_up(self) -> None:
        tower = np.concatenate((BLOCK, box(10, 10, 30, at=(0, 0, 20))))

        covered = is_covered(shown(mesh_subject(tower), views="front"))

        rows = np.flatnonzero(covered.any(axis=1))
        assert covered[rows[0]].sum() < covered[rows[-1]].sum()
        assert np.flatnonzero(covered[rows[2]]).max() < 64


class TestBackground:
    def test_is_transparent_unless_asked_for(self) -> None:
        picture = shown(mesh_subject(BLOCK))

        assert picture[0, 0].tolist() == [0, 0, 0, 0]
        assert picture[64, 64, 3] == 255

    def test_is_white_when_asked_for(self) -> None:
        picture = shown(mesh_subject(BLOCK), background="white")

        assert picture.shape == (128, 128, 3)
        assert picture[0, 0].tolist() == [255, 255, 255]


class TestLines:
    def test_run_along_edges_of_a_mesh_and_not_across_its_faces(self) -> None:
        picture = brightness(shown(mesh_subject(BLOCK), views="front", background="white"))

        middle = picture[64]
        assert (middle < INK).sum() <= 4  # the outline, left and right
        assert (middle[40:88] > INK).all()

    def test_run_along_borders_of_faces(self) -> None:
        plain, split = box_subject(BLOCK), box_subject(BLOCK)
        split.surface.face_of[:] = np.arange(12)

        one, two = (brightness(shown(subject, views="front")) for subject in (plain, split))

        assert (two < one - 30).sum() > 100  # the diagonal of the front face

    def test_hidden_edges_do_not_show(self) -> None:
        hidden = np.concatenate((BLOCK, box(10, 10, 10, at=(15, 10, 5))))

        assert (shown(mesh_subject(hidden)) == shown(mesh_subject(BLOCK))).all()

    def test_outline_what_stands_before_something_else_of_the_same_kind(self) -> None:
        steps = np.concatenate((box(40, 10, 20), box(20, 10, 20, at=(10, -30, 0))))

        picture = brightness(shown(mesh_subject(steps), views="front", background="white"))

        assert (picture[64] < INK).sum() >= 4

    def test_a_smooth_surface_has_none_but_its_outline(self) -> None:
        picture = shown(mesh_subject(torus(30, 10)), views="top")

        ring = brightness(picture)[64, :40][is_covered(picture)[64, :40]]
        assert (ring[3:-3] > STEEP).all()


class TestLight:
    def test_tells_the_three_sides_of_a_box_apart(self) -> None:
        picture = brightness(shown(mesh_subject(box(10, 10, 10))))

        top, left, right = picture[40, 64], picture[80, 40], picture[80, 90]
        assert top > left + 20
        assert left > right + 20

    def test_inside_out_looks_the_same(self) -> None:
        right, wrong = (shown(mesh_subject(mesh)) for mesh in (BLOCK, flipped(BLOCK)))

        assert np.abs(brightness(right) - brightness(wrong)).mean() < 0.5

    def test_the_inside_of_an_open_box_is_seen(self) -> None:
        open_box = BLOCK[BLOCK[:, :, 2].min(axis=1) < 20]

        picture = shown(mesh_subject(open_box), views="top")

        assert picture[64, 64, 3] == 255


class TestColours:
    def test_of_faces_are_those_of_the_file(self) -> None:
        colours = np.full((6, 3), np.nan, dtype=np.float32)
        colours[1] = (1, 0, 0)  # at x = 40

        picture = shown(box_subject(BLOCK, Looks(colours=colours)), views="right,left")

        red, metal = picture[32, 32, :3].astype(int), picture[32, 96, :3].astype(int)
        assert red[0] > 2 * red[1]
        assert metal.max() - metal.min() < 40

    def test_black_parts_still_show_their_edges(self) -> None:
        colours = np.zeros((6, 3), dtype=np.float32)

        picture = shown(box_subject(BLOCK, Looks(colours=colours)))

        covered = brightness(picture)[is_covered(picture)]
        assert np.median(covered) > 15
        assert covered.max() > np.median(covered) + 50


class TestPlaceAndSize:
    @pytest.mark.parametrize("scale", [1e-3, 1e3])
    def test_neither_matters(self, scale: float) -> None:
        there = box(40 * scale, 30 * scale, 20 * scale, at=(64 * scale, 0, -128 * scale))

        picture, moved = shown(mesh_subject(BLOCK)), shown(mesh_subject(there.astype(np.float32)))

        assert np.abs(picture.astype(int) - moved).mean() < 1

    def test_a_long_thin_part_is_seen(self) -> None:
        assert is_covered(shown(mesh_subject(box(2000, 3, 3)), size=512)).sum() > 100

    def test_a_sheet_is_seen_from_its_edge(self) -> None:
        assert (shown(mesh_subject(box(200, 100, 0.5)), views="front", size=512)[..., 3] > 0).any()


def test_the_same_part_gives_the_same_bytes() -> None:
    ring = torus(30, 10)
    query = PreviewQuery(size=200, views=("iso", "front"))

    assert draw(mesh_subject(ring), query) == draw(mesh_subject(ring.copy()), query)


def test_many_triangles_are_drawn_flat_and_look_alike() -> None:
    coarse, fine = (mesh_subject(torus(30, 10, count, count // 2)) for count in (100, 1000))

    pictures = [brightness(shown(subject, background="white")) for subject in (coarse, fine)]

    assert np.abs(pictures[0] - pictures[1]).mean() < 3
