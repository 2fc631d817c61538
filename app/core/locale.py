"""Which language a client speaks, and documents said in it."""

from typing import Annotated, Any, Literal

from fastapi import Header, Response

Language = Literal["en", "ru"]
LANGUAGES: dict[str, Language] = {"en": "en", "ru": "ru"}
NESTED = (dict, list, tuple)


def preferred_language(header: str | None) -> Language:
    """The best of our languages for an Accept-Language header; English when none fits (RFC 9110, 12.5.4)."""
    wishes: list[tuple[float, Language]] = []
    for part in (header or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().split("-", 1)[0].lower()
        if primary in LANGUAGES:
            wishes.append((_weight(parameters), LANGUAGES[primary]))
    best = max((weight for weight, _ in wishes), default=0.0)
    return next((language for weight, language in wishes if weight == best > 0), "en")


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def spoken(document: Any, language: Language) -> Any:  # noqa: ANN401 - any JSON document
    """The document with every ``{en, ru}`` label replaced by its text in one language."""
    if isinstance(document, dict):
        if document.keys() == LANGUAGES.keys():
            return document[language]
        return {
            key: spoken(value, language) if isinstance(value, NESTED) else value
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [spoken(value, language) if isinstance(value, NESTED) else value for value in document]
    return document


async def client_language(
    response: Response,
    accept_language: Annotated[str | None, Header(description="`en` (default) or `ru`, for labels.")] = None,
) -> Language:
    """The language of the labels in this answer, which caches are told to keep apart."""
    response.headers.append("Vary", "Accept-Language")
    return preferred_language(accept_language)
