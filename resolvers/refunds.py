"""Root fields that take transactions back, whole or in part, and what came back of each so far."""

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import GraphQLError

import domain.commands.transactions as c
import schema.refunds as s
from domain.people import Scope
from domain.receipts import Receipt
from domain.refunds import Refunds
from domain.services import transactions as services
from domain.store import originals
from domain.store.database import Reader
from domain.transactions import RefundLine, Transaction
from resolvers.context import Info
from resolvers.ids import key
from resolvers.loaders import loads
from resolvers.previews import previewed
from resolvers.roots import mutation
from schema.loads import REFUNDS_OF_TRANSACTION
from schema.transaction_inputs import RefundLineInput

SAID = ("idempotency_key", "transaction_date", "source", "external_id", "comment", "record", "submit_to")


@loads(REFUNDS_OF_TRANSACTION)
async def _refunds(reader: Reader, _: Scope, ids: list[int]) -> Sequence[Refunds]:
    found = await originals.load(reader, ids)
    return [found[number].refunds for number in ids]


@mutation(s.TransactionCancelPayload)
async def transaction_cancel(info: Info, input: s.TransactionCancelInput) -> Receipt[Transaction]:
    """Take back all that is left of a processed transaction."""
    command = c.TransactionCancel(original=_original(input), **_said(input))
    if input.preview:
        return await previewed(info, command)
    return await services.transaction_cancel(info.context.realtime, info.context.principal, command)


@mutation(s.TransactionRefundPayload)
async def transaction_refund(info: Info, input: s.TransactionRefundInput) -> Receipt[Transaction]:
    """Take back a part of a processed transaction: by line, by quantity, by amount or by points."""
    command = c.TransactionRefund(
        original=_original(input), lines=refund_lines(input.lines), quantity=input.quantity, amount=input.amount,
        currency=input.currency, points=input.points, **_said(input),
    )  # fmt: skip
    if input.preview:
        return await previewed(info, command)
    return await services.transaction_refund(info.context.realtime, info.context.principal, command)


def _said(input: s.TransactionCancelInput) -> dict[str, Any]:
    return {name: getattr(input, name) for name in SAID}


def _original(input: s.TransactionCancelInput) -> int | c.ExternalReference:
    if (input.id is None) == (input.original is None):
        raise GraphQLError("Give either `id` or `original`.", extensions={"code": "BAD_USER_INPUT"})
    if input.original is None:
        return key(input.id or "", "Transaction", "input", "id")
    named = input.original
    return c.ExternalReference(
        program=named.program, external_id=named.external_id, partner=named.partner, source=named.source
    )


def refund_lines(given: Iterable[RefundLineInput] | None) -> tuple[RefundLine, ...] | None:
    """The lines of an input; none given is not the same as none."""
    return None if given is None else tuple(RefundLine(each.line, each.quantity, each.amount) for each in given)
