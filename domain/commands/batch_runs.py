"""What can be asked of the batch engine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStart:
    """Work a program's queue until it is empty."""

    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStop:
    """Let a run end after the chunks in hand, and hold the queue until it goes on."""

    id: int
