"""Accruals that were processed, worked once more under other rules, beside what they were worth then.

Each member's are worked in the order of then, from the first one asked about on, each finding what those before it have left:
a promotion that counts or has limits shows what it would have cost. A promotion's limit in all is used up member by member.
"""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, field

from domain.commands.simulations import ProcessedSimulate
from domain.engine import EngineProgram, Outcome
from domain.engine.limits import Stock
from domain.engine.replay import Past, paid, replay
from domain.people import HOST, Principal, Role, Scope
from domain.problems import Invalid, NotAllowed, Refused
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms
from domain.services.simulations.replaying import History, histories, running
from domain.services.simulations.totals import add_awards, add_outcomes
from domain.services.simulations.under import program_under
from domain.simulations import Compared, differences
from domain.store import promotion_usage, promotions, replays
from domain.store.database import Database, Reader
from domain.transactions import ENGINE_ONLY, Status, SubType, Transaction, Type

AT_ONCE = 200
"""So many members are worked at a time."""


async def processed_simulate(
    database: Database, programs: EnginePrograms, actor: Principal, command: ProcessedSimulate
) -> AsyncGenerator[Compared, None]:
    """Compare all of them; yields what was found so far after every few members. Raises Refused before the first."""
    _check(actor, command)
    program = running(await program_under(database, programs, actor, command))
    async with database.snapshot() as reader:
        stock = Stock(await promotion_usage.totals(reader, program.capped))
    comparing, after = _Comparing(program, command, stock), 0
    while True:
        async with database.snapshot() as reader:
            members = await replays.member_ids(reader, program.program.id, after, AT_ONCE)
            if not members:
                return
            await comparing.compare(reader, members)
        after = members[-1]
        yield comparing.found


def _check(actor: Principal, command: ProcessedSimulate) -> None:
    if not actor.has(Role.ENGINE, *HOST):
        raise Refused(NotAllowed(why="only employees simulate what was processed"))
    if command.through_date < command.from_date:
        expected = f"{command.from_date} (the first date) or later"
        raise Refused(Invalid(value=str(command.through_date), expected=expected, path=(INPUT, "throughDate")))


@dataclass(slots=True)
class _Comparing:
    """`codes` of the promotions that have paid, by id: those that paid then may be gone from the program."""

    program: EngineProgram
    command: ProcessedSimulate
    stock: Stock
    found: Compared = field(default_factory=Compared)
    codes: dict[int, str] = field(default_factory=dict)

    async def compare(self, reader: Reader, members: Collection[int]) -> None:
        """Work the transactions of these members, and add them up."""
        processed = await replays.processed(reader, list(members))
        chosen = {each.id for each in processed if self._is_chosen(each)}
        for history in await histories(reader, self.program, processed, chosen):
            results, _ = replay(self.program, history.member, history.pasts, self.stock)
            await self._know(reader, history, results)
            for transaction, past, outcomes in zip(history.transactions, history.pasts, results, strict=True):
                if past.entry is not None:
                    self._take_up(transaction, past, outcomes)

    def _is_chosen(self, each: Transaction) -> bool:
        made = each.sub_type in (*ENGINE_ONLY, SubType.CANCELLATION) or each.follows_id is not None
        dated = self.command.from_date <= each.transaction_date <= self.command.through_date
        return each.type is Type.ACCRUAL and each.status is Status.PROCESSED and dated and not made

    async def _know(self, reader: Reader, history: History, results: list[list[Outcome]]) -> None:
        decisions = [past.then for past in history.pasts] + [each.decision for done in results for each in done]
        unknown = {award.promotion_id for each in decisions for award in paid(each)} - self.codes.keys()
        if unknown:
            found = await promotions.load_many(reader, Scope(), sorted(unknown))
            self.codes.update((each.id, each.code) for each in found if each is not None)

    def _take_up(self, transaction: Transaction, past: Past, outcomes: list[Outcome]) -> None:
        found = self.found
        found.transactions += 1
        found.differ += bool(differences(self.program, past.then, outcomes[0].decision))
        found.then.outcomes[past.then.sub_status] += 1
        found.then.add(transaction.type, transaction.totals)
        add_awards(found.then, self.program, self.codes, past.then)
        add_outcomes(found.now, self.program, self.codes, outcomes)
