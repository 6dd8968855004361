"""Transactions as people look for them: lists, and the moves open to somebody now."""

from collections import defaultdict
from collections.abc import Sequence

from domain.commands.transactions import TransactionFilter, TransactionOrder
from domain.move_rights import available_moves, case_of
from domain.moves import Move
from domain.pages import Page, PageRequest
from domain.people import Principal
from domain.problems import NotFound, Refused
from domain.services.approvers import person_of
from domain.services.engine_programs import EnginePrograms
from domain.services.members import named
from domain.services.posting import stakes
from domain.store import partners, transaction_lists
from domain.store.database import Database, Reader
from domain.store.keyset import page_of
from domain.transactions import Transaction


async def transactions_list(
    database: Database,
    actor: Principal,
    filter: TransactionFilter,
    order: TransactionOrder,
    request: PageRequest,
    *,
    descending: bool = False,
    member_id: int | None = None,
) -> Page[Transaction]:
    """A page of the transactions that the actor may see; a member who does not exist has none. `member_id`: of a member who
    was found already, in the place of one that the filter names.
    """
    if filter.member is not None:
        member_id = await _member_id(database, actor, filter)
    listing = transaction_lists.listing(actor.scope, filter, order, member_id=member_id, descending=descending)
    return await page_of(database, listing, request)


async def moves_of(
    reader: Reader, programs: EnginePrograms, actor: Principal, transactions: Sequence[Transaction]
) -> list[tuple[Move, ...]]:
    """The moves that would not be refused to the actor now, for each transaction."""
    by_program: dict[int, list[Transaction]] = defaultdict(list)
    for each in transactions:
        by_program[each.program_id].append(each)
    person = await person_of(reader, actor)
    asked = await partners.approving(reader, ((each.program_id, each.partner_id) for each in transactions))
    found: dict[int, tuple[Move, ...]] = {}
    for program_id, mine in by_program.items():
        program = await programs.current(reader, program_id)
        # Any moment will do: what a transaction is worth depends on its own date, not on when it is processed.
        points = await stakes.of_stored(reader, program, mine, mine[-1].created_at)
        for each in mine:
            case = case_of(
                each, actor, person, program.program.settings, points=points[each.id],
                partner_approves=(program_id, each.partner_id) in asked,
            )  # fmt: skip
            found[each.id] = available_moves(case)
    return [found[each.id] for each in transactions]


async def _member_id(database: Database, actor: Principal, filter: TransactionFilter) -> int:
    """The member's key, or one that nobody has."""
    assert filter.member is not None
    async with database.read() as reader:
        try:
            return (await named(reader, actor, filter.member, filter.program, "filter", "member")).id
        except Refused as refused:
            if isinstance(refused.problems[0], NotFound):
                return 0
            raise
