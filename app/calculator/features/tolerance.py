"""Named tolerances of recognition; lengths in millimetres, angles in radians."""

SAME_AXIS_MM = 0.01
"""Two axes closer than this are one: no machine tells them apart."""

SAME_DIRECTION = 1e-4
"""Two unit vectors closer than this are parallel."""

SAME_RADIUS_MM = 2e-3
"""Radii closer than this are one tool."""

TOUCHING_MM = 0.01
"""Ends closer than this touch."""

SMOOTH_RAD = 0.012
"""Faces that meet within this angle (0.7 degrees) run into each other without an edge."""

FULL_ROUND = 0.98
"""Share of the full turn that a wall covers somewhere along its axis when it is closed round it."""

PARTLY_ROUND = 0.65
"""From this share a wall was drilled or bored and breaks out; corners and slot ends turn by half at most."""

FIT_RELATIVE = 1e-4
"""A free-form face is a plane, cylinder, cone or sphere when its points lie this near, by its size."""

FIT_MOST_MM = 0.01
"""And never further off than this."""

FIT_NORMALS = 2e-3
"""The same for the normals, as sines."""
