"""What all transactions of a chunk share: the program, the moment, the pages of its members, and numbers for what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.engine.book import Book
from domain.engine.decision import Decision
from domain.engine.program import EngineProgram
from domain.transactions import SubStatus

SIMULATED = 3 << 60
"""From here on are the numbers of transactions that follow from simulated ones: above all that were ever given."""


class MoreNumbers(Exception):
    """More transactions follow from this chunk than there are numbers for: run it again with more."""


class Numbers:
    """A supply of numbers for the transactions that the engine makes itself; what is left over is never used."""

    def __init__(self, given: Iterable[int] = ()) -> None:
        self._given = iter(given)

    def take(self) -> int:
        """The next one; raises MoreNumbers."""
        number = next(self._given, None)
        if number is None:
            raise MoreNumbers
        return number


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some transactions of one program at one moment. `books`: the pages of every member that any of them touches."""

    program: EngineProgram
    now: datetime
    today: date
    books: Mapping[int, Book]
    numbers: Numbers

    def decided(self, sub_status: SubStatus, **lines: Any) -> Decision:
        """A decision of this chunk."""
        return Decision(self.program.program.version, self.now, self.today, sub_status._value_, **lines)
