"""What people tell of themselves, checked as a whole and written in one way."""

from collections.abc import Mapping
from typing import Any

from app.contract.problem import FieldError
from app.core.phones import normal_phone
from app.users import legal
from app.users.errors import ProfileIncomplete


def checked(details: Mapping[str, Any], phone_region: str) -> dict[str, Any]:
    """The details with the phone number normalised; ``phone_region`` is where those without a code belong.

    Raises:
        ProfileIncomplete: names everything that is missing or cannot be right.
    """
    mistakes, normal = legal.mistakes(details), dict(details)
    written = details.get("phone")
    if written is not None:
        normal["phone"] = normal_phone(written, phone_region)
        if normal["phone"] is None:
            message = "is no number that could be called, such as +7 912 345-67-89"
            mistakes.append(FieldError(field="phone", message=message, code="format"))
    if mistakes:
        detail = "; ".join(f"{mistake.field}: {mistake.message}" for mistake in mistakes)
        raise ProfileIncomplete(detail, errors=mistakes)
    return normal
