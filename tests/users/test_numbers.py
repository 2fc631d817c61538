import pytest

from app.users.numbers import is_account, is_correspondent_account, is_inn, is_ogrn


@pytest.mark.parametrize("digits", ["7707083893", "7736050003", "7830002293", "500100732259", "732897853530"])
def test_an_inn_that_was_given_out(digits: str) -> None:
    assert is_inn(digits)


@pytest.mark.parametrize("digits", ["1027700132195", "1022200525819", "304500116000157"])
def test_an_ogrn_that_was_given_out(digits: str) -> None:
    assert is_ogrn(digits)


@pytest.mark.parametrize("remainder", range(13))
def test_an_ogrnip_may_leave_a_remainder_of_two_digits(remainder: int) -> None:
    number = next(n for n in range(30450011600000, 30450011600013) if n % 13 == remainder)

    assert [digit for digit in range(10) if is_ogrn(f"{number}{digit}")] == [remainder % 10]


@pytest.mark.parametrize("digits", ["104500116000157", "2027700132195", "0027700132195"])
def test_registers_have_first_digits_of_their_own(digits: str) -> None:
    assert not is_ogrn(digits)


@pytest.mark.parametrize(
    ("account", "bik"),
    [
        ("30101810400000000225", "044525225"),
        ("30101810145250000974", "044525974"),
        ("30101810200000000593", "044525593"),
        ("40102810445370000059", "017003983"),
        ("40102810545370000003", "004525988"),
    ],
    ids=["Sberbank", "T-Bank", "Alfa-Bank", "Treasury in Tula", "Treasury in Moscow"],
)
def test_accounts_of_banks_as_the_bank_of_russia_lists_them(account: str, bik: str) -> None:
    assert is_correspondent_account(account, bik)
    assert not is_correspondent_account(account[:-1] + str((int(account[-1]) + 1) % 10), bik)


def test_of_ten_keys_one_fits() -> None:
    accounts = [f"40702810{key}00000000001" for key in range(10)]

    assert [is_account(account, "044525225") for account in accounts].count(True) == 1
    assert [is_account(account, "044525000") for account in accounts].count(True) == 1


def test_a_settlement_centre_counts_by_its_place_instead_of_its_number() -> None:
    account = next(
        candidate
        for key in range(10)
        if is_correspondent_account(candidate := f"40302810{key}00000000001", "044525001")
    )

    assert is_account(account, "044525001")


def test_accounts_at_the_treasury_have_no_key() -> None:
    assert is_account("03100643000000018500", "017003983")
