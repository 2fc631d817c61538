"""RFC 9457 problem documents: the one shape of every failure."""

from pydantic import BaseModel

from app.contract.geometry import Finding


class FieldError(BaseModel):
    """One field that could not be used, and why."""

    field: str
    message: str
    code: str


class Problem(BaseModel):
    """What went wrong (``code`` is stable, ``detail`` is for people) and what to do about it.

    ``findings`` say why a process cannot make a part (code ``part-outside-limits``).
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[FieldError] = []
    findings: list[Finding] = []
