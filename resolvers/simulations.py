"""Simulations: what a transaction would do, or what a processed one would get now."""

from dataclasses import fields
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

import schema.simulations as s
from domain.commands.simulations import TransactionSimulate
from domain.problems import Invalid, Refused
from domain.services import simulations as services
from resolvers.context import Info
from resolvers.entries import entry_of
from resolvers.ids import key
from resolvers.inputs import some
from resolvers.members import member_reference
from resolvers.previews import known
from resolvers.roots import mutation

STORED = frozenset({"program", "id", "sub_type", "as_of", "draft_promotions"})
"""What may be said of a stored transaction; the sub-type has a default."""


@mutation(s.TransactionSimulatePayload)
async def transaction_simulate(info: Info, input: s.TransactionSimulateInput) -> s.Simulated:
    """See what a transaction would do, under the rules of now or of drafts; nothing is written."""
    context = info.context
    command = TransactionSimulate(
        program=input.program,
        as_of=input.as_of,
        draft_promotions=some(input.draft_promotions),
        **(_new(input) if input.id is None else _stored(input, input.id)),
    )
    seen = await services.transaction_simulate(context.database, context.realtime.programs, context.principal, command)
    receipt = seen.receipt
    primed = () if receipt.result is None else tuple(known(context, receipt.result, seen))
    return s.Simulated(receipt.result, receipt.errors, receipt.replayed, primed, seen.then, seen.differs)


def _new(given: s.TransactionSimulateInput) -> dict[str, Any]:
    member = None if given.member is None else member_reference(given.member, "input", "member")
    recipient = None if given.transfer_to is None else member_reference(given.transfer_to, "input", "transferTo")
    entry = None if given.type is None else entry_of(given, given.type, given.sub_type)
    return {"member": member, "entry": entry, "recipient": recipient}


def _stored(given: s.TransactionSimulateInput, id: strawberry.ID) -> dict[str, Any]:
    expected = "nothing here, beside the id of a stored transaction"
    problems = [
        Invalid(value="given", expected=expected, path=("input", to_camel_case(one.name)))
        for one in fields(given)
        if one.name not in STORED and getattr(given, one.name) is not None
    ]
    if problems:
        raise Refused(*problems)
    return {"transaction_id": key(id, "Transaction", "input", "id")}
