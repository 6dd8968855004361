"""Lines whose external id is taken: the same content is skipped, other content is reported with the columns that differ.

Only a transaction that the engine has rejected is corrected by such a line, and queued again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from domain.drafts import Draft
from domain.engine import EngineProgram
from domain.engine.decision import decode
from domain.entries import NewTransaction
from domain.fingerprints import differences
from domain.imports.problems import ExternalIdDiffers
from domain.moves import Move, check_move
from domain.people import Scope
from domain.points import round_base
from domain.problems import Problem
from domain.services.posting.drafting import Owner
from domain.store import decisions, external_ids, locks, members, snapshots
from domain.store.database import Writer
from domain.store.external_ids import ExternalId
from domain.transactions import Status, Transaction

SENT_BY = {Status.QUEUED: Move.QUEUE, Status.PARTNER_PENDING: Move.SEND_TO_PARTNER}
"""The move by which a corrected line goes where it would have begun."""

Place = int
"""Where a line is in its chunk."""


@dataclass(slots=True)
class Repeats:
    """What is to be done with the drafts of a chunk, by place; and how many need nothing, being there already."""

    new: list[Place] = field(default_factory=list)
    known: int = 0
    repeated: int = 0
    corrections: dict[Place, Transaction] = field(default_factory=dict)
    """The rejected transactions that lines correct."""
    refused: dict[Place, Problem] = field(default_factory=dict)


async def sort_out(
    writer: Writer,
    program: EngineProgram,
    drafts: Mapping[Place, Draft],
    claims: Mapping[Place, ExternalId],
    first: int,
) -> Repeats:
    """Claim the external ids of a chunk. Transactions numbered `first` and above came with this import."""
    found = Repeats()
    unique = _once(drafts, claims, found)
    taken = await external_ids.claim(writer, list(unique.values()))
    other: dict[Place, ExternalId] = {}
    for place, claim in unique.items():
        before = taken.get(claim.name)
        if before is None:
            found.new.append(place)
        elif before.content_hash != claim.content_hash:
            other[place] = before
        elif before.transaction_id >= first:
            found.repeated += 1
        else:
            found.known += 1
    if other:
        found.corrections, refused = await _compare(writer, program, drafts, other, first)
        found.refused |= refused
    return found


def _once(drafts: Mapping[Place, Draft], claims: Mapping[Place, ExternalId], found: Repeats) -> dict[Place, ExternalId]:
    """The first claim of each id within the chunk."""
    places: dict[tuple[object, ...], Place] = {}
    unique: dict[Place, ExternalId] = {}
    for place, claim in claims.items():
        earlier = places.setdefault(claim.name, place)
        if earlier == place:
            unique[place] = claim
        elif claims[earlier].content_hash == claim.content_hash:
            found.repeated += 1
        else:
            found.refused[place] = _differs(drafts[earlier].entry, drafts[place].entry, Status.QUEUED, during=True)
    return unique


def _differs(stored: NewTransaction, said: NewTransaction, status: Status, *, during: bool) -> ExternalIdDiffers:
    columns = tuple(_COLUMNS.get(name, name) for name in differences(stored, said))
    assert said.external_id is not None
    return ExternalIdDiffers(
        external_id=said.external_id, status=status, columns=columns, during=during, path=("externalId",)
    )


_COLUMNS = {"member": "member_number"}


async def _compare(
    writer: Writer, program: EngineProgram, drafts: Mapping[Place, Draft], other: Mapping[Place, ExternalId], first: int
) -> tuple[dict[Place, Transaction], dict[Place, Problem]]:
    """What to correct, and what to refuse, of the lines whose id stands for other content."""
    stored = await locks.transactions(writer, [before.transaction_id for before in other.values()])
    said = {before.transaction_id: drafts[place].entry for place, before in other.items()}
    entries = await _entries(writer, program, list(stored.values()), said)
    rejected: dict[Place, Transaction] = {}
    refused: dict[Place, Problem] = {}
    for place, before in other.items():
        transaction = stored[before.transaction_id]
        if transaction.status is Status.REJECTED_ENGINE:
            rejected[place] = transaction
        else:
            during = transaction.id >= first
            refused[place] = _differs(entries[transaction.id], drafts[place].entry, transaction.status, during=during)
    return rejected, refused


def corrected(draft: Draft, transaction: Transaction) -> Draft:
    """The draft as it takes the rejected transaction's place: reopened, and queued or sent to the partner again."""
    status = check_move(check_move(transaction.status, Move.REOPEN), SENT_BY[draft.status])
    return replace(draft, id=transaction.id, status=status, created_at=transaction.created_at)


async def _entries(
    writer: Writer, program: EngineProgram, stored: Sequence[Transaction], said: Mapping[int, NewTransaction]
) -> dict[int, NewTransaction]:
    """What was said when these transactions were recorded, as far as their rows still tell."""
    owners = await members.load_many(writer, Scope(), list({each.member_id for each in stored}))
    numbers = {owner.id: Owner(owner.id, owner.number) for owner in owners if owner is not None}
    products = await snapshots.products(writer, {each.product_id for each in stored})
    given = await _given(writer, stored)
    return {
        each.id: NewTransaction(
            program=program.program.code,
            member=numbers[each.member_id].number,
            type=each.type,
            sub_type=each.sub_type,
            transaction_date=each.transaction_date,
            product=products[each.product_id].code if each.product_id is not None else None,
            partner=said[each.id].partner,
            amount=each.amount,
            currency=each.currency,
            quantity=each.quantity,
            line_items=each.line_items,
            attributes=each.attributes,
            base_points=_base_points(program, each, said[each.id]) if each.id in given else None,
            point_type=program.point_types[each.point_type_id].code if each.point_type_id is not None else None,
            qualifying=each.qualifying,
            points=each.points,
            source=each.source,
            external_id=each.external_id,
            comment=each.comment,
            voucher=each.voucher,
            tender=each.tender,
            hold=each.hold_id,
        )
        for each in stored
    }


async def _given(writer: Writer, stored: Sequence[Transaction]) -> set[int]:
    """Those whose base points came with them: the engine writes those that it finds into the same place."""
    worked = [each.id for each in stored if each.attempts]
    bodies = await decisions.latest(writer, worked) if worked else {}
    found = {id_ for id_, body in bodies.items() if (base := decode(body).base) is not None and base.source != "GIVEN"}
    return {each.id for each in stored} - found


def _base_points(program: EngineProgram, stored: Transaction, said: NewTransaction) -> Decimal | None:
    """The engine keeps base points rounded: what rounds to the same is not told apart."""
    point_type = program.point_types.get(stored.point_type_id or 0, program.default)
    if stored.attempts and said.base_points is not None:
        rounded = round_base(said.base_points, point_type.decimals)
        return said.base_points if rounded == stored.base_points else stored.base_points
    return stored.base_points
