"""What can be wrong with a checkpoint that somebody brings."""

from dataclasses import dataclass

from domain.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class NotACheckpoint(Problem):
    """A file that is no checkpoint."""

    code = "NOT_A_CHECKPOINT"
    reason: str

    @property
    def message(self) -> str:
        return f"This is not a checkpoint as `milepost seal checkpoint` writes it: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSignature(Problem):
    """A checkpoint that is not signed as it should be."""

    code = "WRONG_SIGNATURE"
    reason: str

    @property
    def message(self) -> str:
        return f"This checkpoint proves nothing: {self.reason}."
