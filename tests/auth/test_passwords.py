import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.auth.passwords import COMMON, MIN_PASSWORD_CHARS, refuse_guessable
from app.core.errors import Rejected

OWN = ("zlata.rybkina@shop-tula.example", "rybkinaz", "Злата Рыбкина", "+7 (926) 184-07-35")


def code(password: str, own: tuple[str, ...] = OWN) -> str | None:
    """Why it is refused, if it is."""
    try:
        refuse_guessable("password", password, own)
    except Rejected as refused:
        (mistake,) = refused.errors
        assert mistake.field == "password"
        return mistake.code
    return None


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "12345678",
        "qwertyuiop",
        "Password123!",
        "1football1",
        "trustno1",
        "йцукенгш",
        "Йцукенгшщз",
        "ПАРОЛЬ123",
        "gfhjkm2024",
        "пароль!!",
        "солнышко",
        "aaaaaaaa",
        "abababab",
        "        ",
        "ж" * 256,
        "\uff50assword",  # a full-width p
    ],
)
def test_common_ones_are_refused(password: str) -> None:
    assert code(password) == "common-password"


def test_so_are_all_that_are_used_most() -> None:
    long_enough = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_PASSWORD_CHARS]

    assert len(COMMON) >= 30_000
    assert len(long_enough) >= 3_000
    assert [word for word in long_enough if code(word) is None] == []


@pytest.mark.parametrize(
    "password",
    [
        "zlata.rybkina@shop-tula.example",
        "Rybkina2024",
        "rybkinaz_rybkinaz",
        "Рыбкина1990",
        "79261840735",
        "926-184-07-35!",
        "shop-tula",
        "rybkinapassword",
    ],
)
def test_those_made_of_ones_own_data_are_refused(password: str) -> None:
    assert code(password) == "personal-password"
    assert code(password, ()) is None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "Rybkina keeps seven grey herons",
        "зелёный чайник поёт",
        "V7#kd0_zQ",
        "j4 Wq7Lp",
        "an apple a day",
        "12345678 not quite",
    ],
)
def test_others_are_taken(password: str) -> None:
    assert code(password) is None


def test_short_pieces_of_a_name_are_part_of_too_many_words() -> None:
    assert code("maximum-effort", ("Li Max", "li@x.io")) is None
