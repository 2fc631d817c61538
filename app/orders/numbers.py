"""Order numbers for people: short, without look-alikes, telling nothing about how many there are."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""


def new_number() -> str:
    """Eight random characters, forty bits; a unique constraint catches the one in a trillion."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
