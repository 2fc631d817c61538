"""Equal findings are told once, and of many different ones the worst."""

from collections.abc import Iterable, Iterator

from app.contract.geometry import Finding

MOST_TOLD = 20
"""Findings of one rule that are told one by one."""
MOST_FACES = 200
"""Faces named by one finding."""

_ORDER = {"error": 0, "warning": 1, "info": 2}


def grouped(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of one rule, equal ones as one, errors before warnings, the last one about the rest."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.code, finding.severity, finding.value, finding.limit)
        alike.setdefault(key, []).append(finding)
    if not alike:
        return
    told = sorted((_together(group) for group in alike.values()), key=lambda one: _ORDER[one.severity])
    yield from told[:MOST_TOLD]
    if len(told) > MOST_TOLD:
        yield _rest(told[MOST_TOLD:])


def _together(group: list[Finding]) -> Finding:
    first = group[0]
    if len(group) == 1:
        return first
    faces = tuple(dict.fromkeys(face for finding in group for face in finding.face_ids))
    message = f"{first.message} This occurs {len(group)} times."
    return first.model_copy(update={"message": message, "face_ids": faces[:MOST_FACES]})


def _rest(rest: list[Finding]) -> Finding:
    first = rest[0]
    return Finding(
        code=first.code,
        severity=first.severity,
        message=f"{len(rest)} more findings of this kind are not listed.",
        fix=first.fix,
        value=len(rest),
        limit=MOST_TOLD,
        unit="findings",
    )
