"""What an invariant is: a question to the database that answers the rows that break it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """`rows` counts what is looked at; `violations` selects what is wrong: where, what it should be, what it is."""

    name: str
    says: str
    rows: str
    violations: str
