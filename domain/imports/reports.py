"""What an import did: of the lines read, how many were added, known, repeated, corrected or bad."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.imports.lines import BadLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of some lines: of a chunk, which is one commit, or of the whole file so far."""

    lines: int = 0
    added: int = 0
    known: int = 0
    """Recorded by an earlier import, with the same content."""
    repeated: int = 0
    """Recorded by an earlier line of this import, with the same content."""
    corrected: int = 0
    bad_lines: int = 0
    bad: Sequence[BadLine] = field(default=(), repr=False)
    """The problems of these lines; a line may have several. A total does not keep them."""

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            lines=self.lines + other.lines,
            added=self.added + other.added,
            known=self.known + other.known,
            repeated=self.repeated + other.repeated,
            corrected=self.corrected + other.corrected,
            bad_lines=self.bad_lines + other.bad_lines,
        )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a document. `preview`: nothing was written, this is what would become of it."""

    done: Imported
    preview: bool = False
