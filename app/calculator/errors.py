"""What the calculator refuses and why; one handler turns these into problem documents."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import ClassVar

from app.contract.geometry import Finding
from app.contract.problem import FieldError

MOST_ERRORS = 20
LONGEST_FIELD = 128
LONGEST_MESSAGE = 300
LONGEST_DETAIL = 600


class CalculatorError(Exception):
    """Base of every refusal: a status and a stable code per class, a sentence per case.

    Sentences and lists are cut to what an answer should carry, however much the request got wrong.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]
    retry_after_seconds: ClassVar[int | None] = None

    def __init__(
        self,
        detail: str,
        *,
        errors: Iterable[FieldError] = (),
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = cut(detail, LONGEST_DETAIL)
        self.errors = first_errors(errors)
        self.findings = list(findings)


def first_errors(errors: Iterable[FieldError]) -> list[FieldError]:
    """The first few errors with their texts cut: the rest is seen once these are mended."""
    return [
        FieldError(
            field=cut(error.field, LONGEST_FIELD),
            message=cut(error.message, LONGEST_MESSAGE),
            code=error.code,
        )
        for error in islice(errors, MOST_ERRORS)
    ]


def cut(text: str, longest: int) -> str:
    """The text itself, or its beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


class UnsupportedFile(CalculatorError):
    """The content is of no format this service reads."""

    status, code, title = 415, "unsupported-file", "Unsupported file"


class FileTooLarge(CalculatorError):
    """More bytes than the service takes."""

    status, code, title = 413, "file-too-large", "File too large"


class CadUnreadable(CalculatorError):
    """The parser cannot make sense of the bytes, or died of them."""

    status, code, title = 422, "cad-unreadable", "The CAD file cannot be read"


class CadInvalid(CalculatorError):
    """The file is readable but describes no part that could be made."""

    status, code, title = 422, "cad-invalid", "The CAD file holds no valid part"


class CadTooComplex(CalculatorError):
    """The limits of time, memory or counts were reached before anything useful was known."""

    status, code, title = 422, "cad-too-complex", "The CAD file is too complex"


class ValidationFailed(CalculatorError):
    """A choice that the catalogue or the process does not know."""

    status, code, title = 422, "validation-failed", "The request cannot be used"


class MaterialNotAllowed(CalculatorError):
    """The process cannot work this material or this form of it."""

    status, code, title = 422, "material-not-allowed", "The process cannot use this material"


class PartOutsideLimits(CalculatorError):
    """The process cannot make this part; the findings say why."""

    status, code, title = 422, "part-outside-limits", "The process cannot make this part"


class PriceOnRequest(CalculatorError):
    """The service exists but has no automatic price."""

    status, code, title = 409, "price-on-request", "This service is priced on request"


class UnknownCatalog(CalculatorError):
    """The caller knows another catalogue version than this service."""

    status, code, title = 409, "unknown-catalog", "Unknown catalogue version"


class CatalogRefused(CalculatorError):
    """Rows that make no catalogue; each error names file and line, or the row."""

    status, code, title = 422, "catalog-invalid", "The catalogue cannot be used"


class Busy(CalculatorError):
    """Every geometry child is at work and the queue is full."""

    status, code, title = 503, "calculator-busy", "The calculator is busy"
    retry_after_seconds = 5
