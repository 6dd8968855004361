"""Joining promotions that are only for those who asked. Joining twice is joining once."""

from datetime import datetime

from domain.calendars import business_date
from domain.commands.promotions import PromotionEnroll
from domain.member_status import FINAL
from domain.members import Member
from domain.people import Principal, Scope
from domain.problems import NotAllowed, Refused
from domain.promotion_problems import NoEnrollment, PromotionEnded, PromotionInactive
from domain.promotions import Promotion, PromotionEnrollment
from domain.receipts import Receipt
from domain.services.checks import INPUT, found
from domain.services.members import MEMBER_PATH, for_maintenance
from domain.store import programs, promotion_enrollments, promotions
from domain.store.conflicts import in_one_go
from domain.store.database import Database, Writer

PATH = (INPUT, "promotion")


async def promotion_enroll(
    database: Database, actor: Principal, command: PromotionEnroll
) -> Receipt[PromotionEnrollment]:
    """A member joins a promotion; what is processed from now on may be paid by it."""

    async def work(writer: Writer) -> Receipt[PromotionEnrollment]:
        member = await for_maintenance(writer, actor, command.member, command.program)
        if member.status in FINAL:
            raise Refused(NotAllowed(why=f"a member that is {member.status.value} joins nothing", path=MEMBER_PATH))
        now = await database.now(writer)
        promotion = await _open(writer, actor, member, command.promotion, now)
        enrollment, new = await promotion_enrollments.add(writer, actor, member.id, promotion.id, now)
        return Receipt(enrollment, replayed=not new)

    return await in_one_go(database, work)


async def _open(writer: Writer, actor: Principal, member: Member, code: str, now: datetime) -> Promotion:
    """The promotion, if there is anything to join."""
    promotion = found(
        await promotions.find(writer, actor.scope, member.program_id, code), "promotion", code, "promotion"
    )
    if not promotion.enrollment_required:
        raise Refused(NoEnrollment(promotion=promotion.code, path=PATH))
    if not promotion.active:
        raise Refused(PromotionInactive(promotion=promotion.code, path=PATH))
    [program] = await programs.load_many(writer, Scope(), [member.program_id])
    assert program is not None, "programs are never deleted"
    if promotion.ends_on is not None and promotion.ends_on < business_date(now, program.time_zone):
        raise Refused(PromotionEnded(promotion=promotion.code, ends_on=promotion.ends_on, path=PATH))
    return promotion
