"""The values asked for last."""

from app.calculator.pricing.recent import Recent, Same


def test_a_value_is_made_once() -> None:
    recent = Recent[list[int]](2)

    first = recent.get("a", list)

    assert recent.get("a", list) is first


def test_the_value_not_asked_for_the_longest_makes_room() -> None:
    recent = Recent[str](2)
    for key in ("a", "b", "a", "c"):
        recent.get(key, lambda: "first")

    assert recent.get("a", lambda: "anew") == "first"
    assert recent.get("b", lambda: "anew") == "anew"
    assert len(recent) == 2


def test_equal_values_are_not_the_same() -> None:
    one, other = [1], [1]

    assert Same(one) == Same(one)
    assert Same(one) != Same(other)
    assert hash(Same(one)) == hash(Same(one))
