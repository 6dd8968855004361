"""From what callers say to what the engine works on: codes become keys, entries are checked, rows get their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.drafts import Draft
from domain.engine import EngineProgram, Entry, OriginalState, PartnerState, ProductState
from domain.entries import CREATABLE, Creatable, NewTransaction, check, with_defaults
from domain.people import Principal
from domain.points import Units, to_units
from domain.problems import Invalid, NotAllowed, NotFound, Problem, Refused
from domain.programs import PointType
from domain.refund_checks import currency_problems, original_problems, part_problems
from domain.refunds import Part
from domain.services.posting import shares
from domain.store import references, snapshots
from domain.store.database import Reader
from domain.transactions import Status, Type
from domain.transfers import TransferToSelf


@dataclass(frozen=True, slots=True)
class Owner:
    """The member whose transaction it is."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class Named:
    """Everything that the entries of a group name, by code."""

    products: Mapping[str, ProductState]
    partners: Mapping[str, PartnerState]
    originals: Mapping[int, OriginalState] = field(default_factory=dict)
    """What is to be taken back, by number."""

    def approves(self, partner: str | None) -> bool:
        """Whether the partner of this code, if there is one, decides about its transactions."""
        found = self.partners.get(partner or "")
        return found is not None and found.approves


async def named(reader: Reader, program: EngineProgram, entries: Sequence[NewTransaction]) -> Named:
    """Read all of it, a set at a time."""
    program_id, demanded = program.program.id, program.program.settings.partner_programs
    product_ids = await references.products(reader, program_id, {entry.product for entry in entries})
    partner_ids = await references.partners(reader, {entry.partner for entry in entries})
    products = await snapshots.products(reader, product_ids.values())
    partners = await snapshots.partners(reader, program_id, partner_ids.values(), demanded)
    return Named(
        {product.code: product for product in products.values()},
        {partner.code: partner for partner in partners.values()},
        await shares.load(reader, {entry.cancels for entry in entries if entry.cancels is not None}),
    )


def draft_of(
    entry: NewTransaction,
    program: EngineProgram,
    member: Owner,
    names: Named,
    *,
    id: int,
    actor: Principal,
    now: datetime,
    today: date,
    status: Status,
    path: tuple[str, ...],
    recipient: Owner | None = None,
    creatable: Creatable = CREATABLE,
) -> Draft:
    """A checked entry, ready to be written; raises Refused with all that is wrong with it.

    Its program is named by the code and its member by the number, however the caller named them: equal content looks equal.
    """
    entry = with_defaults(
        entry,
        program.program,
        today,
        program=program.program.code,
        member=member.number,
        transfer_to=None if recipient is None else recipient.number,
    )
    problems = [
        *check(entry, today, program.program.settings, *path, creatable=creatable),
        *_name_problems(entry, program, names, path),
        *_recipient_problems(member, recipient, path),
        *_own_date_problems(entry, actor, today, path),
        *(original_problems(names.originals[entry.cancels], *path, "id") if entry.cancels is not None else ()),
    ]
    if problems:
        raise Refused(*problems)
    product, partner = names.products.get(entry.product or ""), names.partners.get(entry.partner or "")
    point_type, points = _points(entry, program, path)
    if point_type is not None and entry.point_type != point_type.code:
        entry = replace(entry, point_type=point_type.code)
    if entry.cancels is not None:
        _check_part(names.originals[entry.cancels], entry, point_type, points, path)
    assert entry.transaction_date is not None
    return Draft(
        id=id,
        program_id=program.program.id,
        member_id=member.id,
        entry=entry,
        transaction_date=entry.transaction_date,
        status=status,
        created_at=now,
        created_by_id=actor.person_id,
        product_id=None if product is None else product.id,
        partner_id=None if partner is None else partner.id,
        point_type_id=None if point_type is None else point_type.id,
        points=points,
        other_member_id=None if recipient is None else recipient.id,
    )


def _own_date_problems(entry: NewTransaction, actor: Principal, today: date, path: tuple[str, ...]) -> list[Problem]:
    """Members spend as of today: the prices, tiers and limits of other days are not theirs to choose."""
    if actor.scope.member_id is None or entry.type is Type.ACCRUAL or entry.transaction_date == today:
        return []
    why = f"members spend and send points as of today, {today}, and not as of {entry.transaction_date}"
    return [NotAllowed(why=why, path=(*path, "transactionDate"))]


def _recipient_problems(member: Owner, recipient: Owner | None, path: tuple[str, ...]) -> list[Problem]:
    same = recipient is not None and recipient.id == member.id
    return [TransferToSelf(member=member.number, path=(*path, "transferTo"))] if same else []


def _check_part(
    original: OriginalState,
    entry: NewTransaction,
    point_type: PointType | None,
    points: Units | None,
    path: tuple[str, ...],
) -> None:
    """Raises Refused with what is wrong with a refund beside what it is to take back."""
    part = Part(entry.refund_lines or (), entry.quantity, entry.amount, points)
    if points is not None and point_type is not None and point_type.id != (original.point_type_id or point_type.id):
        expected = "the point type that the transaction moved"
        raise Refused(Invalid(value=point_type.code, expected=expected, path=(*path, "pointType")))
    if problems := (*currency_problems(original, entry, *path), *part_problems(original, part, *path)):
        raise Refused(*problems)


def _name_problems(entry: NewTransaction, program: EngineProgram, names: Named, path: tuple[str, ...]) -> list[Problem]:
    found: list[Problem] = []
    if entry.product is not None and entry.product not in names.products:
        found.append(NotFound(what="product", key=entry.product, path=(*path, "product")))
    if entry.partner is not None and entry.partner not in names.partners:
        found.append(NotFound(what="partner", key=entry.partner, path=(*path, "partner")))
    if entry.point_type is not None and entry.point_type not in program.by_code:
        found.append(NotFound(what="point type", key=entry.point_type, path=(*path, "pointType")))
    return found


def _points(
    entry: NewTransaction, program: EngineProgram, path: tuple[str, ...]
) -> tuple[PointType | None, Units | None]:
    point_type = program.by_code[entry.point_type] if entry.point_type is not None else None
    if entry.points is None:
        return point_type, None
    point_type = point_type or program.default
    return point_type, to_units(entry.points, point_type.decimals, *path, "points")


def for_partner(entry: NewTransaction, actor: Principal, partner_code: str | None) -> NewTransaction:
    """What a partner's user records is its own partner's; another partner's code does not exist for it."""
    if actor.scope.partner_id is None:
        return entry
    if entry.partner not in (None, partner_code):
        raise Refused(NotFound(what="partner", key=entry.partner, path=("input", "partner")))
    return replace(entry, partner=partner_code)


def entry_of(draft: Draft, names: Named, today: date, attempt: int = 1) -> Entry:
    """What the engine works on."""
    said = draft.entry
    return Entry(
        id=draft.id,
        member_id=draft.member_id,
        type=said.type,
        sub_type=said.sub_type,
        status=draft.status,
        transaction_date=draft.transaction_date,
        reported_on=today,
        product=names.products.get(said.product or ""),
        partner=names.partners.get(said.partner or ""),
        amount=said.amount,
        currency=said.currency,
        quantity=said.quantity,
        line_items=said.line_items,
        attributes=said.attributes,
        base_points=said.base_points,
        point_type_id=draft.point_type_id,
        qualifying=said.qualifying,
        points=draft.points,
        voucher=said.voucher,
        tender=said.tender,
        loan_id=said.loan,
        hold_id=said.hold,
        attempt=attempt,
        other_member_id=draft.other_member_id,
        original=names.originals.get(said.cancels or 0),
        refund_lines=said.refund_lines or (),
    )
