"""Root fields about transactions: found, listed, recorded, corrected and removed."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import fields
from typing import Any

import strawberry
from graphql import GraphQLError

import domain.commands.transactions as c
import domain.transactions as d
import schema.transaction_inputs as i
import schema.transactions as s
from domain.commands.members import UNCHANGED, Unchanged
from domain.moves import Move
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.receipts import Receipt
from domain.services import transactions as services
from domain.store import external_id_reads
from domain.store import transactions as store
from domain.store.database import Reader
from resolvers.context import Context, Info
from resolvers.entries import entry_of, line_items, tender, voucher_wish
from resolvers.ids import key
from resolvers.inputs import unless_unset
from resolvers.loaders import loads
from resolvers.members import member_reference
from resolvers.nudges import nudged
from resolvers.refunds import refund_lines
from resolvers.roots import mutation, query, subscription
from resolvers.watches import MEMBER as OF_MEMBER
from resolvers.watches import TRANSACTION as ONE
from resolvers.watches import TransactionKey
from schema.ids import unseal
from schema.loads import MEMBER, TRANSACTION
from schema.moves import MOVES, Asked
from schema.ordering import Direction
from schema.pages import After, Connection, First
from schema.transactions import CANCELLED_BY, CancelledByAsked
from schema.transactions_of_member import TRANSACTIONS, TransactionsAsked

FILTERS = tuple(each.name for each in fields(s.MemberTransactionFilter))
CLEARABLE = (
    "product", "partner", "amount", "currency", "quantity", "base_points", "point_type", "qualifying", "points",
    "source", "external_id", "comment", "submit_to",
)  # fmt: skip
"""Fields of a correction that null clears."""


@loads(TRANSACTION, node="Transaction")
async def _transactions(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Transaction | None]:
    return await store.load_many(reader, scope, ids)


@loads(MOVES)
async def _moves(reader: Reader, _: Scope, asked: list[Asked]) -> Sequence[tuple[Move, ...]]:
    context = asked[0].context
    assert isinstance(context, Context)
    transactions = [each.transaction for each in asked]
    return await services.moves_of(reader, context.realtime.programs, context.principal, transactions)


@query(s.Transaction | None)
async def transaction(
    info: Info,
    id: strawberry.ID | None = None,
    external_id: s.ExternalIdInput | None = None,
) -> d.Transaction | None:
    """A transaction by its id or its external id; null if there is none, or none that you may see."""
    if (id is None) == (external_id is None):
        raise GraphQLError("Give either `id` or `externalId`.", extensions={"code": "BAD_USER_INPUT"})
    number = _number(id) if external_id is None else await _number_of(info.context, external_id)
    return None if number is None else await info.context.load(TRANSACTION, number)


def _number(id: str | None) -> int | None:
    found = unseal(id or "")
    return found.key if found is not None and found.type == "Transaction" and isinstance(found.key, int) else None


async def _number_of(context: Context, named: s.ExternalIdInput) -> int | None:
    async with context.database.read() as reader:
        return await external_id_reads.find(
            reader,
            context.principal.scope,
            named.program,
            named.external_id,
            partner=named.partner,
            source=named.source,
        )


@query(Connection[s.Transaction])
async def transactions(
    info: Info,
    filter: s.TransactionFilter | None = None,
    order_by: s.TransactionOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Transaction]:
    """The transactions that you may see, those recorded last first."""
    given, order = filter or s.TransactionFilter(), order_by or s.TransactionOrderBy()
    member = None if given.member is None else member_reference(given.member, "filter", "member")
    wanted = c.TransactionFilter(program=given.program, member=member, **_wanted(given))
    return await _page(info.context, wanted, order, PageRequest(first, after))


@TRANSACTIONS.answered_by
async def _transactions_of(context: Context, asked: TransactionsAsked) -> Page[d.Transaction]:
    wanted = c.TransactionFilter(**_wanted(asked.filter))
    return await _page(context, wanted, asked.order, asked.request, asked.member_id)


@CANCELLED_BY.answered_by
async def _cancelled_by(context: Context, asked: CancelledByAsked) -> Page[d.Transaction]:
    order = s.TransactionOrderBy(direction=Direction.ASC)
    return await _page(context, c.TransactionFilter(cancels=asked.transaction_id), order, asked.request)


def _wanted(given: s.MemberTransactionFilter) -> dict[str, Any]:
    """What the filters of both lists have in common."""
    said = {name: getattr(given, name) for name in FILTERS}
    if given.cancels is not None:
        said["cancels"] = _number(given.cancels) or 0
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in said.items() if value is not None
    }


async def _page(
    context: Context,
    wanted: c.TransactionFilter,
    order: s.TransactionOrderBy,
    request: PageRequest,
    member_id: int | None = None,
) -> Page[d.Transaction]:
    return await services.transactions_list(
        context.database,
        context.principal,
        wanted,
        order.field,
        request,
        descending=order.direction.descending,
        member_id=member_id,
    )


@mutation(i.TransactionCreatePayload)
async def transaction_create(info: Info, input: i.TransactionCreateInput) -> Receipt[d.Transaction]:
    """Record a transaction, to be processed later."""
    command = c.TransactionCreate(
        idempotency_key=input.idempotency_key,
        member=member_reference(input.member, "input", "member"),
        entry=entry_of(input, input.type, input.sub_type),
        queue=input.queue,
        send_to_partner=input.send_to_partner,
        recipient=None if input.transfer_to is None else member_reference(input.transfer_to, "input", "transferTo"),
    )
    context = info.context
    receipt = await services.transaction_create(context.database, context.realtime.programs, context.principal, command)
    return nudged(context, receipt)


@mutation(i.TransactionUpdatePayload)
async def transaction_update(info: Info, input: i.TransactionUpdateInput) -> Receipt[d.Transaction]:
    """Correct a transaction that is IN_PROGRESS."""
    command = c.TransactionUpdate(
        id=key(input.id, "Transaction", "input", "id"),
        expected_version=input.expected_version,
        sub_type=UNCHANGED if input.sub_type is None else input.sub_type,
        transaction_date=UNCHANGED if input.transaction_date is None else input.transaction_date,
        line_items=UNCHANGED if input.line_items is None else line_items(input.line_items),
        attributes=input.attributes or {},
        voucher=_changed(input.voucher, voucher_wish),
        tender=_changed(input.tender, tender),
        refund_lines=UNCHANGED if input.refund_lines is strawberry.UNSET else refund_lines(input.refund_lines),
        **{name: unless_unset(getattr(input, name)) for name in CLEARABLE},
    )
    context = info.context
    return await services.transaction_update(context.database, context.realtime.programs, context.principal, command)


def _changed(given: Any, read: Callable[[Any], Any]) -> Any:
    """What an edit makes of a field that has fields of its own."""
    said = unless_unset(given)
    return said if isinstance(said, Unchanged) else read(said)


@mutation(i.TransactionDeletePayload)
async def transaction_delete(info: Info, input: i.TransactionDeleteInput) -> Receipt[d.Transaction]:
    """Remove a transaction that is IN_PROGRESS; its approval records stay, its external id becomes free again."""
    command = c.TransactionDelete(
        id=key(input.id, "Transaction", "input", "id"), expected_version=input.expected_version
    )
    context = info.context
    return await services.transaction_delete(context.database, context.realtime.programs, context.principal, command)


@subscription(s.Transaction)
async def transaction_changed(
    info: Info, id: strawberry.ID | None = None, member: strawberry.ID | None = None
) -> AsyncGenerator[d.Transaction, None]:
    """A transaction (`id`) as it is now and whenever it has changed, or every transaction of a member (`member`) that is
    recorded or changes from now on. Changes that follow one another quickly are told once, as it is after them.
    """
    if (id is None) == (member is None):
        raise GraphQLError("Give either `id` or `member`.", extensions={"code": "BAD_USER_INPUT"})
    context = info.context
    key = await _watched(context, id, member)
    if key is None:
        return
    first = key[1] if key[0] == ONE else None
    async with aclosing(context.watches.transactions.news(key, first)) as numbers:
        async for changed in numbers:
            context.renew()
            if (found := await context.load(TRANSACTION, changed)) is not None:
                yield found


async def _watched(context: Context, id: str | None, member: str | None) -> TransactionKey | None:
    """What is to be watched, if there is such a thing and they may see it."""
    if member is None:
        number = _number(id)
        return None if number is None or await context.load(TRANSACTION, number) is None else (ONE, number)
    number = _member_number(member)
    return None if number is None or await context.load(MEMBER, number) is None else (OF_MEMBER, number)


def _member_number(id: str) -> int | None:
    found = unseal(id)
    return found.key if found is not None and found.type == "Member" and isinstance(found.key, int) else None
