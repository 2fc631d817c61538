import pytest

from app.core.phones import normal_phone


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("8 (912) 345-67-89", "+79123456789"),
        ("+7 912 345-67-89", "+79123456789"),
        ("9123456789", "+79123456789"),
        ("٨٩١٢٣٤٥٦٧٨٩", "+79123456789"),
        ("+49 30 901820", "+4930901820"),
        ("+7 495 123-45-67 доб. 123", "+74951234567;ext=123"),
        ("tel:+7-495-123-45-67;ext=9", "+74951234567;ext=9"),
    ],
)
def test_a_number_has_one_way_to_be_written(written: str, normal: str) -> None:
    assert normal_phone(written, "RU") == normal
    assert normal_phone(normal, "RU") == normal


def test_without_a_country_code_it_is_of_the_region() -> None:
    assert normal_phone("030 901820", "DE") == "+4930901820"


@pytest.mark.parametrize(
    "written", ["", "call me", "12345", "+7", "+7 912 345", "+999 123456789", "8" * 64, "\x00"]
)
def test_what_nobody_can_call_is_none(written: str) -> None:
    assert normal_phone(written, "RU") is None
