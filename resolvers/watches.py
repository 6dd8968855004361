"""Everything that can be watched in one process: things as they change, and what comes."""

from collections.abc import Mapping, Sequence

from domain.inbox import ApprovalRequest
from domain.people import Principal
from domain.services import inbox
from domain.store import batch_runs, transaction_changes
from domain.store.changes import Moment
from domain.store.database import Database, Reader
from resolvers.feeds import Ear, Feed
from resolvers.watching import Watch

TransactionKey = tuple[str, int]
"""A transaction, or a member whose transactions are watched."""
TRANSACTION, MEMBER = "Transaction", "Member"


class Watches:
    """All of it; made once for all requests of a server."""

    def __init__(self, database: Database) -> None:
        ear = Ear(database)
        self.batch_runs = Watch(database, batch_runs.load_many)
        self.transactions: Feed[TransactionKey, int] = Feed(database, ear, _transactions)
        self.approvals: Feed[Principal, ApprovalRequest] = Feed(database, ear, _approvals)

    def close(self) -> None:
        """End every watch, in order."""
        for each in (self.batch_runs, self.transactions, self.approvals):
            each.close()


async def _transactions(
    reader: Reader, since: Moment, keys: Sequence[TransactionKey]
) -> Mapping[TransactionKey, Sequence[int]]:
    found: dict[TransactionKey, list[int]] = {key: [] for key in keys}
    if ids := [number for kind, number in keys if kind == TRANSACTION]:
        for number in await transaction_changes.of_ids(reader, since, ids):
            found[TRANSACTION, number].append(number)
    if members := [number for kind, number in keys if kind == MEMBER]:
        for member, number in await transaction_changes.of_members(reader, since, members):
            found[MEMBER, member].append(number)
    return found


async def _approvals(
    reader: Reader, since: Moment, principals: Sequence[Principal]
) -> Mapping[Principal, Sequence[ApprovalRequest]]:
    return {each: await inbox.come_since(reader, each, since) for each in principals}
