import random
from collections.abc import Callable

import pytest

from scripts.chaos_suites import mutators
from scripts.chaos_suites.parts import all_parts, every_format, is_step, renewed

PARTS = all_parts()
EVERY_FORMAT = every_format()
STEP_PART = next(content for content in PARTS.values() if is_step(content))
EVERY = sorted(
    {
        *mutators.BYTES,
        *mutators.STEP,
        *mutators.STL_TEXT,
        *mutators.STL_BINARY,
        *mutators.PACKAGE,
        *mutators.XML,
        *mutators.DXF,
        *mutators.OBJ,
    },
    key=lambda one: one.__name__,
)
TINY = b"#1=POINT('',(0.,1.5E3,#1));\n"


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_damage_is_the_same_again_for_the_same_dice(name: str) -> None:
    twins = [
        [mutators.mutated(EVERY_FORMAT[name], random.Random(seed)) for seed in range(5)] for _ in range(2)
    ]

    assert twins[0] == twins[1]
    assert len(set(twins[0])) > 1


@pytest.mark.parametrize("mutator", EVERY, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    "content", [TINY, b"", b"x", bytes(84), PARTS["box.stl"], EVERY_FORMAT["boxes.3mf"]], ids=range(6)
)
def test_whatever_a_damage_left_can_be_damaged_again(
    mutator: Callable[[bytes, random.Random], bytes], content: bytes
) -> None:
    for seed in range(20):
        assert isinstance(mutator(content, random.Random(seed)), bytes)


def test_a_reference_points_elsewhere() -> None:
    changed = {mutators.reference(b"#7=A(#9);", random.Random(seed)) for seed in range(60)}

    assert {b"#7=A(#7);", b"#7=A(#0);", b"#7=A(#10);", b"#7=A($);"} <= changed


def test_a_number_becomes_extreme_or_a_power_of_ten_of_itself() -> None:
    changed = {mutators.number(b"(2.5)", random.Random(seed)) for seed in range(200)}

    assert {b"(1.E+999)", b"()", b"(-1.)"} <= changed
    assert any(b"2.5" in one and b"E" in one for one in changed)


@pytest.mark.parametrize("name", PARTS)
def test_a_renewed_part_is_another_content(name: str) -> None:
    first, second = renewed(PARTS[name], random.Random(1)), renewed(PARTS[name], random.Random(2))

    assert len({PARTS[name], first, second}) == 3
    assert is_step(first) is is_step(PARTS[name])
