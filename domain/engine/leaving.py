"""How much may leave a member now: asked on its page, so that everything of one chunk counts."""

from collections.abc import Mapping
from decimal import Decimal

from domain.engine.book import Book
from domain.engine.program import EngineProgram
from domain.engine.rejections import LimitExceeded, Rejected
from domain.points import from_units
from domain.programs import PointType


def check(program: EngineProgram, book: Book, point_type: PointType, units: int) -> None:
    """Raises Rejected if so many more units are more than the program lets go."""
    limits = program.program.settings.leaving_limits
    _check(point_type, units, book.left_today, limits.per_day, "day")
    if book.left_since_change is not None:
        span = "hour" if limits.hours == 1 else f"{limits.hours} hours"
        per = f"{span} after a change of email or phone"
        _check(point_type, units, book.left_since_change, limits.after_contact_change, per)


def count(book: Book, point_type: PointType, units: int) -> None:
    """So many units have left."""
    for left in (book.left_today, book.left_since_change):
        if left is not None:
            left[point_type.id] = left.get(point_type.id, 0) + units


def _check(point_type: PointType, units: int, left: Mapping[int, int], limit: Decimal | None, per: str) -> None:
    if limit is None:
        return
    used, asked = (from_units(each, point_type.decimals) for each in (left.get(point_type.id, 0), units))
    if used + asked > limit:
        raise Rejected(LimitExceeded(point_type=point_type.code, asked=asked, limit=limit, per=per, used=used))
