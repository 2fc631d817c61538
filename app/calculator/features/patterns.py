"""Equal features: a group of them is programmed once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from app.calculator.features.found import Found
from app.calculator.features.surfaces import FULL_TURN, Floats

FIGURES: dict[str, tuple[str, ...]] = {
    "hole": ("type", "diameter_mm", "depth_mm", "thread_candidate"),
    "pocket": ("type", "depth_mm", "length_mm", "width_mm", "corner_radius_mm"),
    "boss": ("height_mm", "diameter_mm"),
    "bend": ("radius_mm", "angle_deg", "length_mm"),
    "groove": ("location", "diameter_mm", "width_mm", "depth_mm"),
}
"""What must agree for two features of a kind to be equal; their directions must be parallel as well."""

HOLES = "hole"

LEAST_MEMBERS = 2
LEAST_REGULAR = 3
_DIGITS = 3
_REGULAR = 1e-3
"""Distances of a regular arrangement agree within this share."""


def grouped(found: Sequence[Found]) -> Iterator[Found]:
    """The same features; equal ones carry ``group``, ``group_size`` and ``arrangement`` (row, circle)."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    for one in found:
        if one.kind in FIGURES:
            groups.setdefault(_key(one), []).append(one)
    names: dict[Found, tuple[str, int, str | None]] = {}
    counts: dict[str, int] = {}
    for group in groups.values():
        if len(group) >= LEAST_MEMBERS:
            kind = group[0].kind
            counts[kind] = counts.get(kind, 0) + 1
            arrangement = _arrangement(_places(group))
            names |= dict.fromkeys(group, (f"{kind}-group-{counts[kind]}", len(group), arrangement))
    for one in found:
        if one in names:
            group_id, size, arrangement = names[one]
            more = {"group": group_id, "group_size": size, "arrangement": arrangement}
            yield replace(one, figures={**one.figures, **more})
        else:
            yield one


def _key(one: Found) -> tuple[object, ...]:
    values = [one.figures.get(name) for name in FIGURES[one.kind]]
    rounded = [round(value, _DIGITS) if isinstance(value, float) else value for value in values]
    line = np.outer(one.figures["axis"], one.figures["axis"]).round(_DIGITS) + 0.0
    return (one.kind, *rounded, *line.reshape(-1).tolist())


def _places(group: Sequence[Found]) -> Floats:
    """Where the features are; for holes where their axes are, because either end may be the mouth."""
    places = np.array([one.place for one in group])
    if group[0].kind != HOLES:
        return places
    axis = np.array(group[0].figures["axis"])
    flat: Floats = places - np.outer((places - places[0]) @ axis, axis)
    return flat


def _arrangement(places: Floats) -> str | None:
    """``row`` of equal steps, ``circle`` of equal angles, or neither."""
    if len(places) < LEAST_REGULAR:
        return None
    arms = places - places.mean(axis=0)
    _, sizes, axes = np.linalg.svd(arms, full_matrices=False)
    if sizes[1] <= _REGULAR * sizes[0]:
        steps = np.diff(np.sort(arms @ axes[0]))
        return "row" if np.ptp(steps) <= _REGULAR * steps.mean() else None
    if sizes[2] > _REGULAR * sizes[0]:
        return None
    radii = np.linalg.norm(arms, axis=1)
    angles = np.sort(np.arctan2(arms @ axes[1], arms @ axes[0]))
    gaps = np.diff(np.append(angles, angles[0] + FULL_TURN))
    is_circle = np.ptp(radii) <= _REGULAR * radii.mean() and np.ptp(gaps) <= _REGULAR * gaps.mean()
    return "circle" if is_circle else None
