"""Correcting a transaction that is IN_PROGRESS: what it says is read back, changed, checked as if it were new, and written anew.

Its external id keeps up with its content, so that the same content sent again is still recognized, and other content reported.
"""

from dataclasses import fields, replace
from typing import Any

from domain.calendars import business_date
from domain.commands.members import Unchanged
from domain.commands.transactions import TransactionUpdate
from domain.drafts import Draft
from domain.entries import CREATABLE, LOANS, NewTransaction
from domain.move_rights import check_edit
from domain.people import Principal
from domain.problems import AlreadyExists, Refused
from domain.receipts import Receipt
from domain.services.approvers import approver_named
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms
from domain.services.posting import claims, drafting
from domain.services.posting.drafting import Owner
from domain.services.transactions.held import Held, hold
from domain.services.transactions.moving import Answer
from domain.services.transactions.naming import of_own_partner
from domain.services.transactions.recorded import recorded
from domain.store import external_ids, transactions
from domain.store.database import Database, Writer
from domain.store.external_ids import ExternalId
from domain.transactions import SubType, Transaction

NOT_SAID = frozenset({"id", "expected_version", "attributes"})


async def transaction_update(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionUpdate
) -> Answer:
    """Change what a transaction says; what is not named stays."""
    async with database.write() as writer:
        held = await hold(database, writer, programs, actor, command)
        check_edit(held.case)
        [said] = await recorded(writer, held.program, [held.transaction])
        entry = await of_own_partner(writer, actor, changed(said, command))
        draft = await _draft(writer, held, actor, entry, command)
        await _keep_external_id(writer, held.transaction, draft)
        return Receipt(await transactions.rewrite(writer, draft))


def changed(said: NewTransaction, command: TransactionUpdate) -> NewTransaction:
    """The entry after a change."""
    values = {each.name: getattr(command, each.name) for each in fields(command) if each.name not in NOT_SAID}
    given: dict[str, Any] = {name: value for name, value in values.items() if not isinstance(value, Unchanged)}
    attributes = {**said.attributes, **command.attributes}
    kept = {name: value for name, value in attributes.items() if value is not None}
    return replace(said, attributes=kept, **given)


async def _draft(
    writer: Writer, held: Held, actor: Principal, entry: NewTransaction, command: TransactionUpdate
) -> Draft:
    """The corrected entry, checked; a date that stays was in range when it was given. A loan stays a loan."""
    program, before = held.program, held.transaction
    creatable = LOANS if before.sub_type in LOANS[before.type] else CREATABLE
    new_date = not isinstance(command.transaction_date, Unchanged)
    today = business_date(held.now, program.program.time_zone) if new_date else before.transaction_date
    draft = drafting.draft_of(
        entry, program, Owner(before.member_id, entry.member), await drafting.named(writer, program, [entry]),
        id=before.id, actor=actor, now=before.created_at, today=today, status=before.status, path=(INPUT,),
        recipient=_recipient(before, entry),
        creatable=creatable,
    )  # fmt: skip
    asked = None if entry.submit_to is None else await approver_named(writer, before.program_id, entry.submit_to)
    return replace(draft, submit_to_id=None if asked is None else asked.id)


def _recipient(before: Transaction, entry: NewTransaction) -> Owner | None:
    """Whom a transfer is for, as long as it is one."""
    if before.other_member_id is None or entry.transfer_to is None or entry.sub_type is not SubType.TRANSFER:
        return None
    return Owner(before.other_member_id, entry.transfer_to)


async def _keep_external_id(writer: Writer, before: Transaction, draft: Draft) -> None:
    claim = None if draft.entry.external_id is None else claims.external_id_of(draft)
    if claim is not None and claim.name == (before.program_id, before.partner_id, before.source, before.external_id):
        await external_ids.correct(writer, before.id, claim.content_hash)
        return
    await external_ids.release(writer, [before.id])
    if claim is not None:
        await _claim(writer, claim)


async def _claim(writer: Writer, claim: ExternalId) -> None:
    if await external_ids.claim(writer, [claim]):
        taken = AlreadyExists(what="transaction with external id", key=claim.external_id, path=(INPUT, "externalId"))
        raise Refused(taken)
