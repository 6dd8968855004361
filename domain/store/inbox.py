"""What waits for somebody's approval, of all kinds in one list, the oldest first.

Each kind says which of its rows wait for whom. `submit_to_id` of a transaction is filled only while it waits or is about to,
so its index is all that is read of transactions.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Numeric,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from domain.block_moves import IN_CHARGE
from domain.blocks import BlockStatus
from domain.campaigns import CampaignMove, CampaignStatus
from domain.inbox import ApprovalFilter, ApprovalKind, ApprovalRequest
from domain.joint_promotions import HOST_SIDE, JointMove, JointStatus
from domain.loans import MaximumLoanStatus
from domain.people import HOST, Person, Principal, Role
from domain.store import tables as t
from domain.store.blocks import in_scope as of_blocks_in_scope
from domain.store.campaigns import in_scope as of_campaigns_in_scope
from domain.store.changes import changed, writer_of
from domain.store.joint_promotions import in_scope as of_joint_in_scope
from domain.store.keyset import Listing, Order
from domain.store.members import in_scope as of_members_in_scope
from domain.store.numbers import exact
from domain.store.transactions import in_scope
from domain.tier_requests import TierRequestStatus
from domain.transactions import Status, SubType

_t, _m, _r, _j, _b = t.transaction.c, t.maximum_loan.c, t.tier_request.c, t.joint_promotion.c, t.point_block.c
_c, _v = t.campaign.c, t.campaign_move.c
_scale = func.power(literal(10, Numeric), t.point_type.c.decimals)
STAKE = func.coalesce(_t.points / _scale, _t.base_points)
"""The points at stake, where the transaction says them; where only the engine knows, whoever is asked finds it in the inbox."""


MOST_AT_ONCE = 2_000
"""How much may come to somebody at once: more than they are told of, see those who watch."""


def _transactions(actor: Principal, person: Person | None) -> Select[Any]:
    covered = _within(STAKE, _limit(person))
    asked = and_(
        _t.submit_to_id.is_not(None), _t.status == Status.SUBMITTED, _named_or(person, _t.submit_to_id, covered)
    )
    if actor.has(Role.PARTNER_APPROVER) and actor.scope.partner_id is not None:
        asked = and_(_t.partner_id == actor.scope.partner_id, _t.status == Status.PARTNER_PENDING)
        covered = true()
    elif not actor.has(*HOST):
        asked = false()
    rows = _columns(
        ApprovalKind.TRANSACTION, t.transaction, STAKE, _t.point_type_id, _t.created_by_id, _t.comment, covered
    ).outerjoin(t.point_type, t.point_type.c.id == _t.point_type_id)
    return in_scope(rows, actor.scope).where(asked)


def _limit(person: Person | None) -> ColumnElement[Any]:
    loan = Decimal(0) if person is None else person.loan_approval_limit
    other = Decimal(0) if person is None else person.transaction_approval_limit
    return case((_t.sub_type == SubType.LOAN, literal(loan, Numeric)), else_=literal(other, Numeric))


def _maximum_loans(actor: Principal, person: Person | None) -> Select[Any]:
    points = _m.points / _scale
    covered = _within(points, literal(Decimal(0) if person is None else person.loan_approval_limit, Numeric))
    rows = _columns(
        ApprovalKind.MAXIMUM_LOAN, t.maximum_loan, points, _m.point_type_id, _m.requested_by_id, null(), covered
    )
    rows = rows.join(t.member, t.member.c.id == _m.member_id).join(t.point_type, t.point_type.c.id == _m.point_type_id)
    asked = and_(_m.status == MaximumLoanStatus.SUBMITTED, _named_or(person, _m.submit_to_id, covered))
    return of_members_in_scope(rows, actor.scope).where(asked if actor.has(*HOST) else false())


def _tier_requests(actor: Principal, person: Person | None) -> Select[Any]:
    decides = person is not None and person.active and person.tier_approver and actor.has(*HOST)
    rows = _columns(ApprovalKind.TIER_REQUEST, t.tier_request, null(), null(), _r.requested_by_id, _r.reason, true())
    rows = rows.join(t.member, t.member.c.id == _r.member_id)
    mine = and_(
        _r.status == TierRequestStatus.SUBMITTED,
        _r.requested_by_id.is_distinct_from(None if person is None else person.id),
    )
    return of_members_in_scope(rows, actor.scope).where(mine if decides else false())


def _joint_promotions(actor: Principal, person: Person | None) -> Select[Any]:
    """Where the side that somebody speaks for has not answered what is proposed."""
    side = t.joint_promotion_side.alias("mine")
    proposer = (
        select(t.joint_promotion_move.c.person_id)
        .where(
            t.joint_promotion_move.c.promotion_id == _j.promotion_id, t.joint_promotion_move.c.move == JointMove.PROPOSE
        )
        .order_by(t.joint_promotion_move.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = select(
        literal(ApprovalKind.JOINT_PROMOTION.value, Text).label("kind"), _j.promotion_id.label("id"), _j.program_id,
        cast(null(), BigInteger).label("member_id"), cast(null(), Numeric).label("points"),
        cast(null(), BigInteger).label("point_type_id"), proposer.label("requested_by_id"),
        cast(null(), BigInteger).label("submit_to_id"), cast(null(), Text).label("comment"),
        cast(_j.proposed_at, DateTime(timezone=True)).label("created_at"), true().label("covered"),
        writer_of(t.joint_promotion).label("writer"),
    ).join_from(t.joint_promotion, side, side.c.promotion_id == _j.promotion_id)  # fmt: skip
    asked = and_(
        _j.status == JointStatus.SUBMITTED,
        side.c.agrees.is_(None),
        side.c.partner_id.is_not_distinct_from(actor.scope.partner_id),
    )
    decides = actor.has(*HOST_SIDE) if actor.scope.partner_id is None else actor.has(Role.PARTNER_APPROVER)
    return of_joint_in_scope(rows, actor.scope).where(asked if decides else false())


def _point_blocks(actor: Principal, person: Person | None) -> Select[Any]:
    """Purchases of which somebody is asked, and those that the reorder check proposes to whoever is in charge."""
    mine = false() if person is None or not person.active else _b.submit_to_id == person.id
    rows = select(
        literal(ApprovalKind.POINT_BLOCK.value, Text).label("kind"), _b.id, _b.program_id,
        cast(null(), BigInteger).label("member_id"), cast(_b.original, Numeric).label("points"),
        cast(null(), BigInteger).label("point_type_id"), _b.requested_by_id, _b.submit_to_id,
        cast(_b.comment, Text).label("comment"), cast(_b.created_at, DateTime(timezone=True)).label("created_at"),
        true().label("covered"), writer_of(t.point_block).label("writer"),
    )  # fmt: skip
    asked = or_(and_(_b.status == BlockStatus.SUBMITTED, mine), _b.status == BlockStatus.IN_PROGRESS)
    return of_blocks_in_scope(rows, actor.scope).where(asked if actor.has(*IN_CHARGE) else false())


def _campaigns(actor: Principal, person: Person | None) -> Select[Any]:
    """Those that the host proposes to the partner for which somebody decides, as they were proposed last."""
    earlier = t.campaign_move.alias("earlier")
    last = select(func.max(earlier.c.id)).where(
        earlier.c.campaign_id == _c.id, earlier.c.move == CampaignMove.PROPOSE
    ).scalar_subquery()  # fmt: skip
    rows = select(
        literal(ApprovalKind.CAMPAIGN.value, Text).label("kind"), _c.id, _c.program_id,
        cast(null(), BigInteger).label("member_id"), cast(null(), Numeric).label("points"),
        cast(null(), BigInteger).label("point_type_id"), _v.person_id.label("requested_by_id"),
        cast(null(), BigInteger).label("submit_to_id"), cast(_v.comment, Text).label("comment"),
        cast(_v.created_at, DateTime(timezone=True)).label("created_at"), true().label("covered"),
        writer_of(t.campaign).label("writer"),
    ).join_from(t.campaign, t.campaign_move, _v.id == last)  # fmt: skip
    decides = actor.has(Role.PARTNER_APPROVER) and actor.scope.partner_id is not None
    return of_campaigns_in_scope(rows, actor.scope).where(_c.status == CampaignStatus.PROPOSED if decides else false())


WAITING: Mapping[ApprovalKind, Callable[[Principal, Person | None], Select[Any]]] = {
    ApprovalKind.TRANSACTION: _transactions,
    ApprovalKind.MAXIMUM_LOAN: _maximum_loans,
    ApprovalKind.TIER_REQUEST: _tier_requests,
    ApprovalKind.JOINT_PROMOTION: _joint_promotions,
    ApprovalKind.POINT_BLOCK: _point_blocks,
    ApprovalKind.CAMPAIGN: _campaigns,
}
"""Of every kind, the rows that wait for somebody: those of which they are asked by name, and those that their limit covers."""


def _columns(  # noqa: PLR0917 - one private place for the columns of all kinds
    kind: ApprovalKind, table: Any, points: Any, point_type: Any, requester: Any, comment: Any, covered: Any
) -> Select[Any]:
    return select(
        literal(kind.value, Text).label("kind"), table.c.id, table.c.program_id, table.c.member_id,
        cast(points, Numeric).label("points"), cast(point_type, BigInteger).label("point_type_id"),
        cast(requester, BigInteger).label("requested_by_id"), table.c.submit_to_id, cast(comment, Text).label("comment"),
        cast(table.c.created_at, DateTime(timezone=True)).label("created_at"), func.coalesce(covered, False).label("covered"),
        writer_of(table).label("writer"),
    ).select_from(table)  # fmt: skip


def _within(points: ColumnElement[Any], limit: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(limit > Decimal(0), points <= limit)


def _named_or(
    person: Person | None, submit_to: ColumnElement[Any], covered: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Named, or with a limit of their own that covers it."""
    if person is None or not person.active:
        return false()
    return or_(submit_to == person.id, covered)


def waiting_for(actor: Principal, person: Person | None, wanted: ApprovalFilter) -> Listing[ApprovalRequest]:
    """What waits for somebody, the oldest first."""
    kinds = [WAITING[kind] for kind in (wanted.kinds or ApprovalKind)]
    found = union_all(*(rows(actor, person) for rows in kinds)).subquery("waiting")
    query = select(found)
    if wanted.submitted_to_me:
        query = query.where(found.c.submit_to_id == (None if person is None else person.id))
    return Listing(query, Order((found.c.created_at, found.c.kind, found.c.id)), request_of)


def come_since(actor: Principal, person: Person | None) -> Select[Any]:
    """What waits for somebody and was written since the moment `since`, the oldest first; `request_of` reads its rows."""
    listing = waiting_for(actor, person, ApprovalFilter())
    return listing.rows.where(changed("writer")).order_by(*listing.order.columns).limit(MOST_AT_ONCE)


def request_of(row: Row[Any]) -> ApprovalRequest:
    return ApprovalRequest(
        kind=ApprovalKind(row.kind), id=row.id, program_id=row.program_id, member_id=row.member_id,
        points=None if row.points is None else exact(row.points), point_type_id=row.point_type_id,
        requested_by_id=row.requested_by_id, submit_to_id=row.submit_to_id, comment=row.comment,
        created_at=row.created_at, covered=row.covered,
    )  # fmt: skip
