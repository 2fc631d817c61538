"""Named tolerances; lengths in millimetres, the rest relative."""

WELD_RELATIVE = 1e-6
"""Vertices closer than this share of the diagonal are one vertex."""

FLAT_RELATIVE = 1e-9
"""Thinner than this share of its diagonal, or emptier than this share of area times diagonal: flat."""

SMALLEST_PART_MM = 1e-3
"""Below this size no machine and no measuring tool exists; numbers in a wrong unit are the usual cause."""

LARGEST_PART_MM = 1e6
"""A kilometre: beyond it the numbers are not millimetres of a part."""

SUSPECT_SMALL_MM = 1.0
"""A whole part below this is usually drawn in metres."""

SUSPECT_INCH_MM = 20.0
"""A part below this whose sizes are fractions of an inch is usually drawn in inches."""

SUSPECT_LARGE_MM = 5_000.0
"""A whole part above this is usually drawn in micrometres, or is a building."""

INTEGRATION_RELATIVE = 1e-5
"""Asked of adaptive integration per solid; the error reached is about a hundredth of it."""

BOX_SLACK_MM = 1e-5
"""A face may exceed the known box by this much before it is measured exactly."""

FREEFORM_SLACK_MM = 1e-3
"""A free-form face may exceed the known box by this much: a tenth of what boxes are asked to be true to."""

BETTER_BOX_RATIO = 0.995
"""A turned box must be smaller than this share of the upright one to be preferred."""
