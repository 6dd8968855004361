"""Requests to process something now, on their way into a group that is worked and committed together."""

from dataclasses import dataclass
from typing import Any

from domain.commands.members import MemberReference
from domain.entries import NewTransaction
from domain.fingerprints import hash_of
from domain.people import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One press of Process: a new transaction (`member` and `entry`), or a stored one (`transaction_id`).

    `key` is the idempotency key, unique per principal and mutation; `path` is where the input's fields are.
    """

    actor: Principal
    mutation: str
    key: str
    program_id: int
    member: MemberReference | None = None
    entry: NewTransaction | None = None
    transaction_id: int | None = None
    recipient: MemberReference | None = None
    """Whom a new transfer is for."""
    path: tuple[str, ...] = ("input",)

    @property
    def name(self) -> tuple[str, str, str]:
        """What may take effect once."""
        return self.actor.subject, self.mutation, self.key

    @property
    def external_name(self) -> Any:
        """The external id it brings, which may take effect once, too."""
        entry = self.entry
        if entry is None or entry.external_id is None:
            return None
        return self.program_id, entry.partner, entry.source, entry.external_id

    @property
    def names(self) -> tuple[Any, ...]:
        """What no two postings of one group may share; None where there is none."""
        cancels = None if self.entry is None else self.entry.cancels
        return self.name, self.external_name, self.transaction_id, cancels

    @property
    def input_hash(self) -> bytes:
        """Tells a repeated request from a reused key."""
        said = (self.member, self.entry, self.transaction_id)
        return hash_of(said if self.recipient is None else (*said, self.recipient))
