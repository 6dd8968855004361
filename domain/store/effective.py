"""From when to when a lot is usable, in SQL: from `effective_on` through its effective expiry, both included.

The effective expiry is the later of the lot's own date and its extensions; a lot without a date never lapses.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, case, func, not_, or_, select

from domain.store import tables as t

Moment = BindParameter[datetime]

_lot, _extension = t.lot.c, t.lot_extension.c


def expiry(until: Moment | None = None) -> ColumnElement[Any]:
    """The effective expiry of a lot, counting extensions made until a moment (None: all)."""
    extended = select(func.max(_extension.expires_on)).where(
        _extension.member_id == _lot.member_id,
        _extension.lot_transaction_id == _lot.transaction_id,
        _extension.lot_position == _lot.position,
    )
    if until is not None:
        extended = extended.where(_extension.created_at <= until)
    latest = func.greatest(_lot.expires_on, extended.scalar_subquery())
    # Only lots that lapse by inactivity, and those that a tier extended, have extensions.
    return case((and_(_lot.extends_by.is_(None), not_(_lot.extended)), _lot.expires_on), else_=latest)


def lapsed(expires_on: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a lot is past its expiry on a day, whether or not the nightly job has taken its points."""
    return and_(expires_on.is_not(None), expires_on < day)


def started(effective_on: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a lot is effective on a day."""
    return or_(effective_on.is_(None), effective_on <= day)
