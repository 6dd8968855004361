"""From what a chunk of lines names to keys, a set at a time; and whether whoever imports may record each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.calendars import business_date
from domain.drafts import Draft
from domain.engine import EngineProgram, PartnerState
from domain.entries import NewTransaction
from domain.move_rights import Case, check_right
from domain.moves import Move
from domain.people import Person, Principal, Role
from domain.points import to_units
from domain.problems import NotFound, Problem, Refused
from domain.services.posting import drafting, stakes
from domain.services.posting.drafting import Named
from domain.store import references
from domain.store.database import Reader
from domain.transactions import Status, SubType, Type
from domain.values import shown

MOST_RIGHTS = 10_000
"""So many answers are remembered: points differ from line to line."""

BEGUN_BY = {Status.QUEUED: Move.CREATE_QUEUED, Status.PARTNER_PENDING: Move.CREATE_FOR_PARTNER}
"""The move by which a line begins."""

Found = Draft | tuple[Problem, ...]


@dataclass(slots=True)
class Importer:
    """Who imports into which program; what may be recorded is asked once per kind of transaction."""

    program: EngineProgram
    actor: Principal
    person: Person | None
    rights: dict[tuple[Type, SubType, int | None, Decimal], tuple[Problem, ...]] = field(default_factory=dict)

    def waits_for(self, partner: PartnerState | None) -> bool:
        """Whether a partner's approvers decide about a line: where they do, unless it is one of them who imports."""
        if partner is None or not partner.approves:
            return False
        own = self.actor.scope.partner_id == partner.id
        return not (own and self.actor.has(Role.PARTNER_APPROVER))

    def right_problems(self, draft: Draft, points: Decimal) -> tuple[Problem, ...]:
        """Why the actor may not record this transaction for the batch engine or the partner; empty if it may."""
        entry, settings = draft.entry, self.program.program.settings
        asked = points if entry.sub_type in settings.approval_above else Decimal(0)
        key = (entry.type, entry.sub_type, draft.partner_id, asked)
        if key not in self.rights:
            case = Case(
                principal=self.actor, person=self.person, settings=settings, type=entry.type, sub_type=entry.sub_type,
                member_id=draft.member_id, points=asked, partner_id=draft.partner_id,
            )  # fmt: skip
            if len(self.rights) >= MOST_RIGHTS:
                self.rights.clear()
            self.rights[key] = _refusal(case, BEGUN_BY[draft.status])
        return self.rights[key]


def _refusal(case: Case, move: Move) -> tuple[Problem, ...]:
    try:
        check_right(case, move)
    except Refused as refused:
        return refused.problems
    return ()


async def drafts_of(
    reader: Reader, importer: Importer, entries: Sequence[NewTransaction], ids: Sequence[int], now: datetime
) -> list[Found]:
    """A draft of each entry, ready to be queued under its number, or why there is none."""
    program_id = importer.program.program.id
    members = await references.members(reader, program_id, {entry.member for entry in entries})
    names = await drafting.named(reader, importer.program, entries)
    found = [
        _draft(importer, entry, members.get(entry.member), names, number=number, now=now)
        for entry, number in zip(entries, ids, strict=True)
    ]
    drafts = [each for each in found if isinstance(each, Draft)]
    at_stake = await _stakes(reader, importer, drafts, names, now)
    return [
        (importer.right_problems(each, at_stake.get(each.id, Decimal(0))) or each) if isinstance(each, Draft) else each
        for each in found
    ]


async def _stakes(
    reader: Reader, importer: Importer, drafts: Sequence[Draft], names: Named, now: datetime
) -> dict[int, Decimal]:
    """What approval is about, for the sub-types that may need one."""
    program = importer.program.program
    asked = [draft for draft in drafts if draft.entry.sub_type in program.settings.approval_above]
    if not asked:
        return {}
    today = business_date(now, program.time_zone)
    entries = [drafting.entry_of(draft, names, today) for draft in asked]
    return await stakes.of_entries(reader, importer.program, entries, now)


def _draft(
    importer: Importer, entry: NewTransaction, member_id: int | None, names: Named, *, number: int, now: datetime
) -> Found:
    product = names.products.get(entry.product) if entry.product is not None else None
    partner = names.partners.get(entry.partner) if entry.partner is not None else None
    point_type = importer.program.by_code.get(entry.point_type) if entry.point_type is not None else None
    named = (
        ("member", "member", entry.member, member_id),
        ("product", "product", entry.product, product),
        ("partner", "partner", entry.partner, partner),
        ("point type", "pointType", entry.point_type, point_type),
    )
    unknown = tuple(
        NotFound(what=what, key=shown(code), path=(path,))
        for what, path, code, known in named
        if code is not None and known is None
    )
    if unknown or member_id is None:
        return unknown
    try:
        points = None if entry.points is None else to_units(
            entry.points, (point_type or importer.program.default).decimals, "points"
        )  # fmt: skip
    except Refused as refused:
        return refused.problems
    assert entry.transaction_date is not None
    return Draft(
        id=number,
        program_id=importer.program.program.id,
        member_id=member_id,
        entry=entry,
        transaction_date=entry.transaction_date,
        status=Status.PARTNER_PENDING if importer.waits_for(partner) else Status.QUEUED,
        created_at=now,
        created_by_id=importer.actor.person_id,
        product_id=None if product is None else product.id,
        partner_id=None if partner is None else partner.id,
        point_type_id=None if point_type is None else point_type.id,
        points=points,
    )
