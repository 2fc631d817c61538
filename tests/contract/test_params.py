import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.contract.params import MAX_BYTES, MAX_DEPTH, MAX_PARAMS, Params

PARAMS: TypeAdapter[dict[str, Any]] = TypeAdapter(Params)

text = st.text(st.characters(codec=None, categories=None), max_size=80) | st.sampled_from(["\ud800", "a\x00"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | text
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


class TestAccepted:
    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"n_dimensions": 3, "infill": 0.2, "finish": "матовый", "flags": [True, None, {"a": "b"}]},
            {f"p{number}": number for number in range(MAX_PARAMS)},
            {"x" * 64: nested(MAX_DEPTH)},
            {"text": "x" * (MAX_BYTES - len('{"text": ""}'))},
            {"big": 10**400},
        ],
        ids=lambda value: str(value)[:20],
    )
    def test_reaches_the_process_as_it_was_sent(self, given: dict[str, Any]) -> None:
        assert PARAMS.validate_python(given) == given


class TestRefused:
    @pytest.mark.parametrize(
        ("given", "place"),
        [
            ({"n_dimensions": math.nan}, ("n_dimensions",)),
            ({"n_dimensions": math.inf}, ("n_dimensions",)),
            ({"a": [{"b": -math.inf}]}, ("a",)),
            ({"a": "\ud800"}, ("a",)),
            ({"a": "x\x00"}, ("a",)),
            ({"a": {"\ud800": 1}}, ("a",)),
            ({"a": {"x\x00": 1}}, ("a",)),
            ({"\ud800": 1}, ("\ufffd" * 3, "[key]")),
            ({"x\x00": 1}, ("x\x00", "[key]")),
            ({"": 1}, ("", "[key]")),
            ({"x" * 65: 1}, ("x" * 65, "[key]")),
            ({"a": nested(MAX_DEPTH + 1)}, ("a",)),
            ({"a": nested(400)}, ("a",)),
            ({f"p{number}": 1 for number in range(MAX_PARAMS + 1)}, ()),
            ({"text": "x" * MAX_BYTES}, ()),
            ({"text": "ж" * (MAX_BYTES // 2)}, ()),
            ({f"p{number}": 1 for number in range(125_000)}, ()),
        ],
        ids=lambda value: ascii(value)[:20],
    )
    def test_by_the_parameter_at_fault(self, given: dict[str, Any], place: tuple[str, ...]) -> None:
        with pytest.raises(ValidationError) as refusal:
            PARAMS.validate_python(given)

        (error,) = refusal.value.errors(include_input=False, include_url=False)
        assert error["loc"][: len(place) or None] == place


@given(st.dictionaries(text, values, max_size=6))
@settings(max_examples=300, deadline=None)
@example({"a": 1e308 * 10})
def test_whatever_is_accepted_can_be_sent_on_and_stored(given: dict[str, Any]) -> None:
    try:
        accepted = PARAMS.validate_python(given)
    except ValidationError:
        return

    sent = json.dumps(accepted, allow_nan=False, ensure_ascii=False).encode()
    assert len(sent) <= MAX_BYTES
    assert b"\\u0000" not in sent
    assert json.loads(sent) == accepted
