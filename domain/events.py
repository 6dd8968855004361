"""What other systems are told of members and transactions: ids as in the API, codes, numbers and dates; nobody's personal data.

Points are exact decimals as text, as everywhere in the API.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.deliveries import Event, EventType
from domain.engine.outcome import TierChange
from domain.global_ids import seal
from domain.members import Member
from domain.transactions import PointTotal, Status, SubStatus, SubType, Type


@dataclass(frozen=True, slots=True)
class Named:
    """How a member is named to others, and the partner that enrolled them."""

    id: int
    number: str
    partner_id: int | None

    @property
    def data(self) -> dict[str, Any]:
        """The member in an event."""
        return {"id": seal("Member", self.id), "number": self.number}


@dataclass(frozen=True, slots=True)
class Worked:
    """What is told of a transaction, and no more of it: `partner` is a code."""

    id: int
    program_id: int
    member: Named
    partner_id: int | None
    partner: str | None
    type: Type
    sub_type: SubType
    status: Status
    sub_status: SubStatus | None
    transaction_date: date
    source: str | None
    external_id: str | None
    totals: tuple[PointTotal, ...]


def enrolled(members: Sequence[Member]) -> list[Event]:
    """Members who are new."""
    return [
        Event(
            EventType.MEMBER_ENROLLED, each.program_id,
            {
                "member": Named(each.id, each.number, None).data, "status": each.status.value,
                "enrolledOn": each.enrolled_on,
            },
            each.enrolled_by_partner_id,
        )
        for each in members
    ]  # fmt: skip


def worked(done: Worked) -> Iterator[Event]:
    """A transaction that the engine has processed or rejected."""
    data: dict[str, Any] = {"transaction": _transaction(done), "member": done.member.data}
    if done.status is Status.REJECTED_ENGINE:
        yield Event(EventType.TRANSACTION_REJECTED, done.program_id, data, done.partner_id)
    if done.status is not Status.PROCESSED:
        return
    data["totals"] = [
        {"pointType": each.point_type, "points": _text(each.points), "qualifying": _text(each.qualifying)}
        for each in done.totals
    ]
    yield Event(EventType.TRANSACTION_PROCESSED, done.program_id, data, done.partner_id)
    if done.sub_type is SubType.EXPIRY:
        yield Event(EventType.POINTS_EXPIRED, done.program_id, data, done.member.partner_id)


def tier_changed(program_id: int, member: Named, change: TierChange) -> Event:
    """A tier that begins where another one was, or none."""
    data = {
        "member": member.data, "tierClass": change.tier_class, "before": change.before, "after": change.after,
        "startsOn": change.starts_on, "endsOn": change.ends_on, "reason": change.reason.value,
    }  # fmt: skip
    return Event(EventType.MEMBER_TIER_CHANGED, program_id, data, member.partner_id)


def expiring(program_id: int, member: Named, point_type: str, points: Decimal, expires_on: date) -> Event:
    """Points that will lapse after a day unless they are spent."""
    data = {"member": member.data, "pointType": point_type, "points": _text(points), "expiresOn": expires_on}
    return Event(EventType.POINTS_EXPIRING, program_id, data, member.partner_id)


def _transaction(done: Worked) -> dict[str, Any]:
    return {
        "id": seal("Transaction", done.id), "type": done.type.value, "subType": done.sub_type.value,
        "status": done.status.value, "subStatus": done.sub_status and done.sub_status.value,
        "transactionDate": done.transaction_date, "partner": done.partner, "source": done.source,
        "externalId": done.external_id,
    }  # fmt: skip


def _text(points: Decimal) -> str:
    return format(points, "f")
