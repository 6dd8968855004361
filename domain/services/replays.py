"""Stored decisions run again, each under the program version that it names: what the engine says now is what it said then.

Some members at a time; of each all that was processed since the moment asked about, the earliest first, for attributes and counters
of then are found by going back from those of now. What cannot be told is counted with its reason (`domain/replays.py`).
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from msgspec.structs import replace

from domain.engine import BalanceState, EngineProgram, Entry, LotState, MemberState
from domain.engine.decision import ChangeLine, Decision, decode
from domain.engine.history import earliest
from domain.engine.replay import Past, earned_with
from domain.engine.rerun import as_left, ready, rerun
from domain.erasure import ERASED
from domain.problems import Refused
from domain.replays import Difference, Incomparable, Replayed, differences
from domain.services.engine_programs import load_version
from domain.services.simulations.replaying import as_then, entries, past_of
from domain.store import decisions, replays, snapshots
from domain.store.database import Database, Reader
from domain.store.earned import by_day
from domain.store.member_rows import MemberRow
from domain.store.promotion_enrollments import joined_at
from domain.store.replays import Change
from domain.transactions import ENGINE_ONLY, SubType, Transaction, Type

AT_ONCE = 200
"""So many members are looked at in one snapshot."""

KEPT = 32
"""So many versions of a program are kept compiled."""

ERASE = "erase"


async def replay(database: Database, since: datetime | None = None) -> AsyncGenerator[Replayed]:
    """Run everything that was processed since a moment (None: ever); yields what was found so far after every few members."""
    async with database.read() as reader:
        found, programs = Replayed(await replays.how_many(reader, since)), await replays.programs(reader)
    for program_id in programs:
        versions, after = Versions(program_id), 0
        while True:
            async with database.snapshot() as reader:
                members = await replays.member_ids(reader, program_id, after, AT_ONCE)
                if not members:
                    break
                await _members(reader, versions, members, since, found)
            after = members[-1]
            yield found
    yield found


@dataclass(slots=True)
class Versions:
    """The compiled versions of a program, those asked for lately; None: it is not there, a reason: it cannot be compiled here."""

    program_id: int
    known: dict[int, EngineProgram | Incomparable | None] = field(default_factory=dict)

    async def get(self, reader: Reader, version: int) -> EngineProgram | Incomparable | None:
        """One of them, ready to be run."""
        found = self.known.pop(version) if version in self.known else await self._load(reader, version)
        self.known[version] = found
        if len(self.known) > KEPT:
            del self.known[next(iter(self.known))]
        return found

    async def _load(self, reader: Reader, version: int) -> EngineProgram | Incomparable | None:
        try:
            program = await load_version(reader, self.program_id, version)
        except Refused:
            return Incomparable.RULES
        return program and ready(program)


async def _members(
    reader: Reader, versions: Versions, members: Sequence[int], since: datetime | None, found: Replayed
) -> None:
    processed = await replays.processed(reader, members, since)
    found.seen += len(processed)
    bodies = await decisions.latest(reader, [each.id for each in processed])
    then = {key: decode(body) for key, body in bodies.items()}
    decided = [each for each in processed if each.id in then]
    programs = {each: await versions.get(reader, each) for each in {one.program_version for one in then.values()}}
    chosen = _chosen(decided, then, programs, found)
    if chosen:
        compiled = {version: each for version, each in programs.items() if isinstance(each, EngineProgram)}
        running = await _running(reader, compiled, decided, chosen, then)
        for member_id, mine in _by_member(decided).items():
            running.run(member_id, mine, found)


def _by_member(transactions: Sequence[Transaction]) -> Mapping[int, list[Transaction]]:
    found: dict[int, list[Transaction]] = defaultdict(list)
    for each in transactions:
        found[each.member_id].append(each)
    return found


@dataclass(frozen=True, slots=True)
class _Running:
    """Some members, and all that is known about them beside their transactions. `now`: the newest of the programs."""

    programs: Mapping[int, EngineProgram]
    now: EngineProgram
    then: Mapping[int, Decision]
    entries: Mapping[int, Entry]
    rows: Mapping[int, MemberRow]
    states: Mapping[int, MemberState]
    joined: Mapping[int, Mapping[int, datetime]]
    changes: Mapping[int, Sequence[Change]]
    products: frozenset[int]
    lots: Mapping[int, tuple[LotState, ...]]

    def run(self, member_id: int, mine: Sequence[Transaction], found: Replayed) -> None:
        """Run what was chosen of one member's transactions, each finding what those before it left then."""
        joined = self.joined.get(member_id, {})
        pasts = [
            past_of(self.now, each, _readable(self.then[each.id]), joined, self.entries.get(each.id)) for each in mine
        ]
        member = as_then(self.now, self.states[member_id], pasts)
        for transaction, past in zip(mine, pasts, strict=True):
            if past.entry is not None:
                self._compare(member, transaction, past, found)
            left = as_left(self.now, member, past.then.changes)
            member = replace(left, earned=earned_with(left.earned, past))

    def _compare(self, member: MemberState, transaction: Transaction, past: Past, found: Replayed) -> None:
        program = self.programs[past.then.program_version]
        if transaction.type is Type.REDEMPTION:
            member = self._paying(member, transaction, past)
        parts = differences(program, transaction, past.then, rerun(program, member, past))
        why = self._unknown(program, transaction) if parts else None
        if why is None:
            found.take_up(parts)
        else:
            found.incomparable[why] += 1

    def _paying(self, member: MemberState, transaction: Transaction, past: Past) -> MemberState:
        """The member with the lots that paid, but for those that were only lent for it."""
        lent = {line.loan_id for line in past.then.loans if line.limit is not None}
        lots = tuple(lot for lot in self.lots.get(transaction.id, ()) if lot.transaction_id not in lent)
        return replace(member, lots=lots, balances={lot.point_type_id: BalanceState() for lot in lots}, complete=True)

    def _unknown(self, program: EngineProgram, transaction: Transaction) -> Incomparable | None:
        """Why a difference may come from what nobody knows any more; None: it does not."""
        moment, row = transaction.processed_at, self.rows[transaction.member_id]
        later = [each for each in self.changes.get(row.id, ()) if moment is not None and each.created_at >= moment]
        changed = {name for each in later for name in each.fields}
        if ERASE in changed:
            return Incomparable.ERASED
        if row.merged_into_id is not None or row.absorbed:
            return Incomparable.MERGED
        read = [path.split(".") for path in program.rules.reads]
        if any(path[0] == "member" and path[1] in changed for path in read):
            return Incomparable.PROFILE
        if transaction.product_id in self.products and any(path[0] == "product" for path in read):
            return Incomparable.PRODUCT
        return None


async def _running(
    reader: Reader,
    programs: Mapping[int, EngineProgram],
    decided: Sequence[Transaction],
    chosen: Sequence[Transaction],
    then: Mapping[int, Decision],
) -> _Running:
    rows = {row.id: row for row in await snapshots.member_rows(reader, {each.member_id for each in decided})}
    products = {each.product_id for each in chosen if each.product_id is not None}
    return _Running(
        programs,
        programs[max(programs)],
        then,
        await _entries(reader, chosen, then, programs),
        rows,
        await _states(reader, rows, programs.values(), decided),
        await joined_at(reader, rows, {each for program in programs.values() for each in program.joined}),
        await replays.profile_changes(reader, rows, min(each.processed_at for each in decided if each.processed_at)),
        await replays.changed_products(reader, products),
        await replays.lots_taken(reader, [each.id for each in chosen if each.type is Type.REDEMPTION]),
    )


def _chosen(
    decided: Sequence[Transaction],
    then: Mapping[int, Decision],
    programs: Mapping[int, EngineProgram | Incomparable | None],
    found: Replayed,
) -> list[Transaction]:
    """Those that can be run; the others are counted."""
    chosen = []
    for each in decided:
        version = then[each.id].program_version
        program = programs[version]
        if program is None:
            expected = f"a version that is there, not {version}"
            found.take_up([Difference(each.id, each.member_id, "program version", expected, "no such version")])
        elif (why := _apart(each)) is not None:
            found.incomparable[why] += 1
        elif isinstance(program, Incomparable):
            found.incomparable[program] += 1
        else:
            chosen.append(each)
    return chosen


def _apart(each: Transaction) -> Incomparable | None:
    """Why a transaction is not run at all."""
    if each.sub_type is SubType.CANCELLATION:
        return Incomparable.CANCELLATION
    if each.sub_type in ENGINE_ONLY or each.follows_id is not None:
        return Incomparable.MADE_BY_ENGINE
    return Incomparable.VOUCHER if each.voucher is not None else None


async def _entries(
    reader: Reader,
    chosen: Sequence[Transaction],
    then: Mapping[int, Decision],
    programs: Mapping[int, EngineProgram],
) -> dict[int, Entry]:
    by_version: dict[int, list[Transaction]] = defaultdict(list)
    for each in chosen:
        by_version[then[each.id].program_version].append(each)
    found: dict[int, Entry] = {}
    for version, mine in by_version.items():
        found |= await entries(reader, programs[version], mine)
    return found


async def _states(
    reader: Reader,
    rows: Mapping[int, MemberRow],
    programs: Collection[EngineProgram],
    decided: Sequence[Transaction],
) -> dict[int, MemberState]:
    """The members as they are now, with what they were given as far back as any of the versions asks."""
    found = await snapshots.members(reader, list(rows.values()), (), date.min)
    windows = {path: asked for program in programs for path, asked in program.windows.items()}
    if not windows:
        return found
    types = {program.by_code[code].id for program in programs for code, _ in program.windows.values()}
    after = earliest(windows, [each.transaction_date for each in decided])
    earned = await by_day(reader, {key: state.absorbed for key, state in found.items()}, types, after)
    return {key: replace(state, earned=earned.get(key, {})) for key, state in found.items()}


def _readable(then: Decision) -> Decision:
    """A decision without the changes of which an erasure has left nothing."""
    kept = tuple(each for each in then.changes if not _is_erased(each))
    return then if len(kept) == len(then.changes) else replace(then, changes=kept)


def _is_erased(line: ChangeLine) -> bool:
    return ERASED in (line.before, line.after)
