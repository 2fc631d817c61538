"""What a file says about the appearance of a part: names of bodies, colours of faces."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.float32]
"""(face, 3): red, green, blue, 0 to 1 on the scale of screens (sRGB); NaN where the file is silent."""


@dataclass(frozen=True)
class Looks:
    """``names`` by body, ``None`` for one without; ``colours`` by face id, ``None`` when no face has one."""

    names: tuple[str | None, ...] = ()
    colours: Colours | None = None
