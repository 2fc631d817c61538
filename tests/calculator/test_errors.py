from app.calculator.errors import ValidationFailed
from app.contract.problem import FieldError


def test_a_refusal_is_short_however_much_was_wrong() -> None:
    errors = (FieldError(field="f" * 1000, message="m" * 1000, code="invalid") for _ in range(125_000))

    refused = ValidationFailed("d" * 1000, errors=errors)

    assert [(len(error.field), len(error.message)) for error in refused.errors] == [(128, 300)] * 20
    assert (len(refused.detail), refused.detail[-1]) == (600, "…")


def test_what_fits_is_left_as_it_is() -> None:
    error = FieldError(field="f" * 128, message="m" * 300, code="invalid")

    refused = ValidationFailed("d" * 600, errors=[error])

    assert (refused.detail, refused.errors) == ("d" * 600, [error])
