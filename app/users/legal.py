"""What a profile must hold before somebody can be invoiced: Russian payment details."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.contract.problem import FieldError
from app.users.models import UserType
from app.users.numbers import is_account, is_correspondent_account, is_inn, is_ogrn

REQUIRED_OF_LEGAL = ("company", "payment_company_name", "payment_inn", "payment_ogrn")
BANK = ("payment_bik", "payment_bank_name", "payment_account", "payment_cor_account")
COMPANY_INN_DIGITS = 10
"""Firms have ten digits and a KPP; sole proprietors have twelve and none."""
OGRN_DIGITS = {10: 13, 12: 15}
"""Digits of the OGRN that belongs to an INN of so many: of a firm, of a sole proprietor (OGRNIP)."""

FORMATS = {
    "payment_inn": (re.compile(r"[0-9]{10}|[0-9]{12}"), "must have 10 or 12 digits"),
    "payment_kpp": (
        re.compile(r"(?!00)[0-9]{4}[0-9A-Z]{2}[0-9]{3}"),
        "must have 9 characters: digits that do not begin with 00, the fifth and sixth may be letters",
    ),
    "payment_ogrn": (re.compile(r"[0-9]{13}|[0-9]{15}"), "must have 13 or 15 digits"),
    "payment_bik": (re.compile(r"[0-2][0-9]{8}"), "must have 9 digits, the first not above 2"),
    "payment_account": (re.compile(r"[0-9]{20}"), "must have 20 digits"),
    "payment_cor_account": (re.compile(r"[0-9]{20}"), "must have 20 digits"),
}
CHECK_DIGITS: dict[str, Callable[[str], bool]] = {"payment_inn": is_inn, "payment_ogrn": is_ogrn}
KEYS: dict[str, Callable[[str, str], bool]] = {
    "payment_account": is_account,
    "payment_cor_account": is_correspondent_account,
}
CHECKED = ("user_type", *REQUIRED_OF_LEGAL, "payment_kpp", *BANK)
"""What `mistakes` looks at."""


def mistakes(details: Mapping[str, Any]) -> list[FieldError]:
    """Every payment detail that is missing, badly written or cannot exist, all at once."""
    badly_written = list(_badly_written(details))
    unreadable = {mistake.field for mistake in badly_written}
    readable = {name: value for name, value in details.items() if name not in unreadable}
    return [
        *badly_written,
        *_mistyped(readable),
        *_missing_of_legal(details),
        *_missing_of_bank(details),
    ]


def _badly_written(details: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, (form, message) in FORMATS.items():
        value = details.get(name)
        if value is not None and not form.fullmatch(value):
            yield FieldError(field=name, message=message, code="format")


def _mistyped(details: Mapping[str, Any]) -> Iterator[FieldError]:
    """Numbers of the right form that no authority and no bank can have given out."""
    for name, is_possible in CHECK_DIGITS.items():
        value = details.get(name)
        if value is not None and not is_possible(value):
            yield FieldError(field=name, message="has a wrong check digit", code="checksum")
    inn, ogrn = details.get("payment_inn"), details.get("payment_ogrn")
    if inn is not None and ogrn is not None and len(ogrn) != OGRN_DIGITS[len(inn)]:
        message = f"must have {OGRN_DIGITS[len(inn)]} digits beside an INN of {len(inn)}"
        yield FieldError(field="payment_ogrn", message=message, code="mismatch")
    bik = details.get("payment_bik")
    for name, belongs in KEYS.items():
        value = details.get(name)
        if bik is not None and value is not None and not belongs(value, bik):
            yield FieldError(
                field=name, message="does not belong to the bank of payment_bik", code="checksum"
            )


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
