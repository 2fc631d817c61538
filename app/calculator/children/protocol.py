"""What the service, the fork server and a child say to each other: one JSON object per line.

The service asks the server to ``fork`` a child and hands it one end of the child's letterbox; the other end
takes the order, whenever there is one, so that an order never waits for the server. That a child has
``begun`` starts its clock; ``stop`` kills it. The server tells when it is ``ready`` and who has ``ended``.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ANSWER_BYTES = 16_000_000
"""No honest answer is longer; a child that says more is stopped."""

FILE = "path"
"""The argument under which a job gets the path of the file that was handed over."""

OUTPUT = "output"
"""The same for the file that takes what is no JSON; ``Limits.written_bytes`` bounds it."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one child. ``memory_bytes`` is what it may take beyond what it was born with.

    A child with a ``niceness`` (as of ``nice(2)``) leaves places and processors to those without.
    """

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int
    open_files: int = 64
    written_bytes: int = 0
    niceness: int = 0


@dataclass(frozen=True)
class Order:
    """Run ``job`` ("package.module:function") with ``arguments`` within ``limits``."""

    job: str
    arguments: dict[str, Any]
    limits: Limits
    has_file: bool
    has_output: bool = False

    @property
    def handed_over(self) -> tuple[str, ...]:
        """The arguments that are files, in the order of their descriptors."""
        return (FILE,) * self.has_file + (OUTPUT,) * self.has_output


class Ending(StrEnum):
    """How a child ended; ``killed`` by somebody else than us, such as a kernel short of memory."""

    done = "done"
    refused = "refused"
    crashed = "crashed"
    killed = "killed"
    out_of_time = "out-of-time"
    out_of_memory = "out-of-memory"
    failed = "failed"


@dataclass(frozen=True)
class Outcome:
    """What a child left behind: its answer, or what its stages told together, and how it ended."""

    ending: Ending
    answer: dict[str, Any] = field(default_factory=dict)
    stage: dict[str, Any] | None = None


class Says(StrEnum):
    """What a line of a child is."""

    stage = "stage"
    done = "done"
    refused = "refused"
    out_of_memory = "out-of-memory"
    failed = "failed"


@dataclass(frozen=True)
class Exit:
    """The wait status of a child (``os.waitpid``) and whether its deadline had passed."""

    status: int
    late: bool


def encode(message: dict[str, Any]) -> bytes:
    """One line; NaN and infinities are refused, they are not JSON."""
    return json.dumps(message, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def encode_order(order: Order) -> bytes:
    """The line that tells a child what to do."""
    return encode({**vars(order), "limits": vars(order.limits)})


def decode_order(line: bytes) -> Order:
    """The order of such a line."""
    message = json.loads(line)
    return Order(**{**message, "limits": Limits(**message["limits"])})
