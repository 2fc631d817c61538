"""Check digits of Russian tax, registration and bank numbers.

INN and OGRN come from python-stdnum. OGRNIP is counted here: its check digit is the last digit of the
remainder by 13, and python-stdnum 2.2 refuses numbers whose remainder has two digits. Keys of accounts
follow the Bank of Russia's rule of 8 September 1997, No. 515.
"""

from stdnum.ru import inn, ogrn

WEIGHTS = (7, 1, 3)
OGRN_DIGITS = 13
OGRNIP_DIVISOR = 13
FIRST_CREDIT_INSTITUTION = 50
"""The last three digits of a BIK are below this in settlement centres of the Bank of Russia."""
TREASURY = "0"
"""Accounts at the Treasury begin so; they have no key."""
OF_BANKS = "301"
"""Correspondent accounts of banks begin so."""


def is_inn(digits: str) -> bool:
    """Whether 10 or 12 digits are an INN."""
    return bool(inn.is_valid(digits))


def is_ogrn(digits: str) -> bool:
    """Whether 13 digits are an OGRN, or 15 an OGRNIP."""
    if len(digits) == OGRN_DIGITS:
        return bool(ogrn.is_valid(digits))
    return digits.startswith("3") and int(digits[:-1]) % OGRNIP_DIVISOR % 10 == int(digits[-1])


def is_account(account: str, bik: str) -> bool:
    """Whether a settlement account of 20 digits can be one at the bank with this BIK."""
    if account.startswith(TREASURY):
        return True
    if int(bik[-3:]) < FIRST_CREDIT_INSTITUTION:
        return _has_key(_settlement_centre(bik) + account)
    return _has_key(bik[-3:] + account)


def is_correspondent_account(account: str, bik: str) -> bool:
    """Whether an account of 20 digits can be the one which the bank with this BIK holds itself.

    Banks hold it at the Bank of Russia, where its number ends as their BIK does; the Treasury's do not.
    """
    ends_alike = account[-3:] == bik[-3:] or not account.startswith(OF_BANKS)
    return ends_alike and _has_key(_settlement_centre(bik) + account)


def _settlement_centre(bik: str) -> str:
    return "0" + bik[4:6]


def _has_key(digits: str) -> bool:
    """Whether the weighted last digits add up to a multiple of ten."""
    return sum(int(digit) * WEIGHTS[place % 3] % 10 for place, digit in enumerate(digits)) % 10 == 0
