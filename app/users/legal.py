"""What a profile must hold before somebody can be invoiced: Russian payment details."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.contract.problem import FieldError
from app.users.models import UserType

REQUIRED_OF_LEGAL = ("company", "payment_company_name", "payment_inn", "payment_ogrn")
BANK = ("payment_bik", "payment_bank_name", "payment_account", "payment_cor_account")
COMPANY_INN_DIGITS = 10
"""Firms have ten digits and a KPP; sole proprietors have twelve and none."""

FORMATS = {
    "payment_inn": (re.compile(r"[0-9]{10}|[0-9]{12}"), "must have 10 or 12 digits"),
    "payment_kpp": (
        re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}"),
        "must have 9 characters: digits, the fifth and sixth may be letters",
    ),
    "payment_ogrn": (re.compile(r"[0-9]{13}|[0-9]{15}"), "must have 13 or 15 digits"),
    "payment_bik": (re.compile(r"[0-9]{9}"), "must have 9 digits"),
    "payment_account": (re.compile(r"[0-9]{20}"), "must have 20 digits"),
    "payment_cor_account": (re.compile(r"[0-9]{20}"), "must have 20 digits"),
}
CHECKED = ("user_type", *REQUIRED_OF_LEGAL, "payment_kpp", *BANK)
"""What `mistakes` looks at."""


def mistakes(details: Mapping[str, Any]) -> list[FieldError]:
    """Every payment detail that is missing or badly written, all at once."""
    return [*_badly_written(details), *_missing_of_legal(details), *_missing_of_bank(details)]


def _badly_written(details: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, (form, message) in FORMATS.items():
        value = details.get(name)
        if value is not None and not form.fullmatch(value):
            yield FieldError(field=name, message=message, code="format")


def _missing_of_legal(details: Mapping[str, Any]) -> Iterator[FieldError]:
    if details.get("user_type") != UserType.legal:
        return
    has_kpp = len(details.get("payment_inn") or "") == COMPANY_INN_DIGITS
    for name in (*REQUIRED_OF_LEGAL, *(("payment_kpp",) if has_kpp else ())):
        if details.get(name) is None:
            yield FieldError(field=name, message="is required of a legal entity", code="missing")


def _missing_of_bank(details: Mapping[str, Any]) -> Iterator[FieldError]:
    given = [name for name in BANK if details.get(name) is not None]
    for name in BANK:
        if given and name not in given:
            yield FieldError(field=name, message=f"belongs to {given[0]}", code="missing")
