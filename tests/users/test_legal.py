import pytest

from app.users.legal import mistakes
from tests.factories.users import BANK, LEGAL

PERSON = {"user_type": "individual"}
PROPRIETOR = {**LEGAL, "payment_inn": "500100732259", "payment_ogrn": "304500116000157", "payment_kpp": None}


def found(details: dict[str, str | None]) -> dict[str, str]:
    return {mistake.field: mistake.code for mistake in mistakes(details)}


@pytest.mark.parametrize("details", [PERSON, LEGAL, {**LEGAL, **BANK}, {**PERSON, **BANK}, PROPRIETOR])
def test_what_is_complete_is_accepted(details: dict[str, str | None]) -> None:
    assert found(details) == {}


def test_a_legal_entity_is_told_everything_that_is_missing() -> None:
    assert found({"user_type": "legal"}) == {
        "company": "missing",
        "payment_company_name": "missing",
        "payment_inn": "missing",
        "payment_ogrn": "missing",
    }


def test_a_firm_needs_a_kpp() -> None:
    assert found({**LEGAL, "payment_kpp": None}) == {"payment_kpp": "missing"}


def test_bank_details_come_together_or_not_at_all() -> None:
    assert found({**PERSON, "payment_bik": BANK["payment_bik"]}) == {
        "payment_bank_name": "missing",
        "payment_account": "missing",
        "payment_cor_account": "missing",
    }


def test_what_is_badly_written_is_told_beside_what_is_missing() -> None:
    assert found({"user_type": "legal", "payment_inn": "12x", "payment_bik": "1"}) == {
        "payment_inn": "format",
        "payment_bik": "format",
        "company": "missing",
        "payment_company_name": "missing",
        "payment_ogrn": "missing",
        "payment_bank_name": "missing",
        "payment_account": "missing",
        "payment_cor_account": "missing",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payment_inn", "77070838931"),
        ("payment_inn", "٧٧٠٧٠٨٣٨٩٣"),
        ("payment_inn", "7707083893\n"),
        ("payment_kpp", "7736a1001"),
        ("payment_kpp", "003601001"),
        ("payment_ogrn", "10277001321950"),
        ("payment_bik", "04452522"),
        ("payment_bik", "944525225"),
        ("payment_account", "4070281090000000000"),
        ("payment_cor_account", "3010181040000000022x"),
    ],
)
def test_numbers_are_of_their_length(name: str, value: str) -> None:
    assert found({**LEGAL, **BANK, name: value}) == {name: "format"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payment_inn", "7707083894"),
        ("payment_inn", "7707083983"),
        ("payment_ogrn", "1027700132196"),
        ("payment_ogrn", "1027700132915"),
        ("payment_account", "40702810200000000010"),
        ("payment_account", "40702810900000000001"),
        ("payment_cor_account", "30101810400000000252"),
    ],
)
def test_a_slip_of_the_pen_is_found_by_check_digits(name: str, value: str) -> None:
    assert found({**LEGAL, **BANK, name: value}) == {name: "checksum"}


def test_an_account_belongs_to_one_bank() -> None:
    assert found({**LEGAL, **BANK, "payment_bik": "044525974"}) == {
        "payment_account": "checksum",
        "payment_cor_account": "checksum",
    }


@pytest.mark.parametrize("swapped", [{"payment_inn": "500100732259"}, {"payment_ogrn": "304500116000157"}])
def test_a_firm_has_other_numbers_than_a_sole_proprietor(swapped: dict[str, str]) -> None:
    assert found({**LEGAL, **swapped}) == {"payment_ogrn": "mismatch"}


def test_numbers_are_checked_for_everybody_who_tells_them() -> None:
    assert found({**PERSON, "payment_inn": "500100732258"}) == {"payment_inn": "checksum"}
