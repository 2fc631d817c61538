"""Passwords that somebody would guess: the common ones, and those made of what is known of a person."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.core.errors import Rejected, not_usable

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 256
MAX_PASSWORD_BYTES = 4096
"""The longest password that is hashed at all, whatever it is written in."""

LEAST_LETTERS = 3
"""A password of fewer different characters is none."""
LEAST_WORD_CHARS = 4
"""Shorter pieces of names and addresses are part of too many other words."""

CYRILLIC, LATIN = "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
SAME_KEYS = str.maketrans(CYRILLIC, LATIN)
"""Both letters of each key, since people type Russian words with the keyboard in English and back."""

RUSSIAN = {
    "александр", "алексей", "анастасия", "андрей", "виктория", "владимир", "дмитрий", "екатерина", "елена",
    "зенит", "кристина", "ксения", "любимая", "любимый", "любовь", "максим", "марина", "мария", "москва",
    "наташа", "никита", "николай", "пароль", "привет", "россия", "светлана", "сергей", "солнце", "солнышко",
    "спартак", "татьяна", "юлия",
}  # fmt: skip
COMMON: Final = frozenset(FREQUENCY_LISTS["passwords"]) | {word.translate(SAME_KEYS) for word in RUSSIAN}
"""The thirty thousand most used passwords of public leaks, and Russian words by their keys."""

DECORATED = re.compile(r"[\W\d_]{0,2}(.+?)[\W\d_]{0,4}")
"""A word with a few figures or signs around it, which guessers try as well."""
SEPARATORS = re.compile(r"[\W_]+")


def refuse_guessable(field: str, password: str, own: Iterable[str]) -> None:
    """Refuse a password that is common or made of the person's ``own`` data: names, addresses, numbers.

    Raises:
        Rejected: says which of the two.
    """
    plain = _plain(password)
    if _is_common(plain):
        raise _refused(field, "is one of those everybody tries first; take another", "common-password")
    if _is_personal(plain, _words(own)):
        raise _refused(field, "is made of your own data, which others know too", "personal-password")


def _refused(field: str, message: str, code: str) -> Rejected:
    return not_usable(field, message, code)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_common(plain: str) -> bool:
    if len(set(plain)) < LEAST_LETTERS:
        return True
    word = DECORATED.fullmatch(plain)
    keys = {plain, plain if word is None else word[1]}
    return not COMMON.isdisjoint(keys | {text.translate(SAME_KEYS) for text in keys})


def _words(own: Iterable[str]) -> set[str]:
    """The person's data as guessers would use them: whole, without signs, in pieces."""
    texts = [_plain(text) for text in own]
    words = {word for text in texts for word in (text, _bare(text), *SEPARATORS.split(text))}
    return {word for word in words if len(word) >= LEAST_WORD_CHARS}


def _is_personal(plain: str, words: set[str]) -> bool:
    """Whether the password is a part of those words, or nothing worth having without them."""
    bare = _bare(plain)
    if bare and any(bare in word for word in words):
        return True
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != plain and (len(rest) < MIN_PASSWORD_CHARS or _is_common(rest))


def _bare(plain: str) -> str:
    return SEPARATORS.sub("", plain)
