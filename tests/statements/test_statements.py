"""A statement opens with what was owned, closes with what is owned, and its lines are all that came in between."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.commands.members import MemberStatusChange
from domain.commands.programs import SettingsChange
from domain.commands.transactions import PointsGift
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.members import MemberStatus
from domain.people import ENGINE, Scope
from domain.problems import Invalid
from domain.services import statements as services
from domain.services.member_status import member_status_change
from domain.services.statements import member_statement
from domain.services.transactions import points_gift
from domain.statements import LineKind, StatementTooLong
from domain.transactions import SubType
from tests.holds.kit import capture, hold, job
from tests.statements.kit import a_diary, told
from tests.support.factories import a_partner, a_point_type, result_of
from tests.support.members import by_number, herself, refusal
from tests.support.transactions import a_key

FEBRUARY = (date(2028, 2, 1), date(2028, 2, 29))
MARCH = (date(2028, 3, 1), date(2028, 3, 31))


async def test_everything_that_happened_is_a_line(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        stage = diary.stage
        bought = result_of(await stage.earn(100))
        diary.pass_to(2028, 2, 5, 12)
        spent = result_of(await stage.redeem(30))
        diary.pass_to(2028, 2, 6, 12)
        await stage.refund(spent, points=Decimal(10))
        await diary.send(25)
        diary.pass_to(2028, 2, 7, 12)
        await stage.cancel(bought)
        diary.pass_to(2028, 3, 5, 12)

        account = await diary.statement(*FEBRUARY)
        assert told(account) == [("PRODUCT", 100), ("PRODUCT", -30), ("CANCELLATION", 10), ("TRANSFER", -25)]
        figures = (account.opening, account.credited, account.debited, account.closing)
        assert [int(each) for each in figures] == [0, 110, 55, 55]
        assert [line.position for line in account.lines] == [1, 2, 3, 4]
        assert [int(line.balance) for line in account.lines] == [100, 70, 80, 55]
        assert account.lines[0].transaction_id == bought.id
        assert told(await diary.statement(*FEBRUARY, diary.grace)) == [("TRANSFER_IN", 25)]


async def test_points_lapse_on_the_day_after_their_last_one_however_late_the_job_is(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        diary.pass_to(2028, 3, 4, 12)
        before = await diary.statement(MARCH[0], date(2028, 3, 4))
        [line] = before.lines
        assert (line.kind, line.processed_at, line.transaction_date) == (
            LineKind.LAPSED,
            datetime(2028, 3, 2, tzinfo=UTC),
            date(2028, 3, 2),
        )
        assert (int(line.points), int(line.balance), line.transaction_id) == (-100, 0, None)

        await diary.job()
        diary.pass_to(2028, 3, 6, 12)
        assert await diary.statement(MARCH[0], date(2028, 3, 4)) == before
        assert told(await diary.statement(date(2028, 3, 5), date(2028, 3, 6))) == []


async def test_what_comes_back_into_a_lapsed_lot_lapses_at_once(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        spent = result_of(await diary.stage.redeem(60))
        diary.pass_to(2028, 3, 10, 12)
        await diary.job()
        await diary.stage.cancel(spent)
        diary.pass_to(2028, 3, 11, 12)
        assert told(await diary.statement(MARCH[0], date(2028, 3, 11))) == [
            ("LAPSED", -40),
            ("CANCELLATION", 60),
            ("LAPSED", -60),
        ]


async def test_what_is_held_beyond_its_last_day_lapses_when_the_hold_ends(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        diary.pass_to(2028, 3, 1, 23, 50)
        await hold(diary.stage, 60, minutes=30)
        diary.pass_to(2028, 3, 2, 0, 10)
        held = await diary.statement(MARCH[0], date(2028, 3, 2))
        assert told(held) == [("LAPSED", -40)]
        assert held.closing == 60
        diary.pass_to(2028, 3, 2, 12)
        await job(diary.stage)
        await diary.job()
        both = await diary.statement(MARCH[0], date(2028, 3, 2))
        assert [(int(line.points), line.processed_at) for line in both.lines] == [
            (-40, datetime(2028, 3, 2, tzinfo=UTC)),
            (-60, datetime(2028, 3, 2, 0, 20, tzinfo=UTC)),
        ]


async def test_holds_and_their_captures_move_nothing_but_what_is_captured(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        await capture(diary.stage, await hold(diary.stage, 60), 45)
        diary.pass_to(2028, 2, 3, 12)
        assert told(await diary.statement(FEBRUARY[0], date(2028, 2, 3))) == [("PRODUCT", 100), ("PRODUCT", -45)]


async def test_the_date_of_processing_decides_not_that_of_the_transaction(migrated_url: str) -> None:
    settings = SettingsChange(expiry=ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.YEAR))
    async with a_diary(migrated_url, settings=settings) as diary:
        await diary.stage.earn(100, transaction_date=date(2028, 1, 20))
        diary.pass_to(2028, 2, 5, 12)
        assert (await diary.statement(date(2028, 1, 1), date(2028, 1, 31))).lines == ()
        [line] = (await diary.statement(FEBRUARY[0], date(2028, 2, 5))).lines
        assert line.transaction_date == date(2028, 1, 20)
        assert line.processed_at == datetime(2028, 2, 1, 12, tzinfo=UTC)


async def test_points_that_were_late_for_their_own_last_day_come_and_lapse_in_one_moment(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100, transaction_date=date(2027, 12, 1))
        diary.pass_to(2028, 2, 5, 12)
        account = await diary.statement(FEBRUARY[0], date(2028, 2, 5))
        assert told(account) == [("PRODUCT", 100), ("LAPSED", -100)]
        assert len({line.processed_at for line in account.lines}) == 1


async def test_days_begin_at_midnight_in_the_time_zone_of_the_program(migrated_url: str) -> None:
    async with a_diary(migrated_url, time_zone="America/New_York") as diary:
        diary.pass_to(2028, 2, 29, 4, 59)
        await diary.stage.earn(1)
        diary.pass_to(2028, 2, 29, 5)
        await diary.stage.earn(2)
        diary.pass_to(2028, 3, 1, 4, 59)
        await diary.stage.earn(4)
        diary.pass_to(2028, 3, 1, 5)
        await diary.stage.earn(8)
        days = [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
        found = [told(await diary.statement(day, day)) for day in days]
        assert [[points for _, points in lines] for lines in found] == [[1], [2, 4], [8]]


async def test_a_period_is_complete_once_its_last_day_has_passed(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        diary.pass_to(2028, 2, 3, 12)
        assert (await diary.whole(FEBRUARY[0], date(2028, 2, 3))).complete is False
        diary.pass_to(2028, 2, 4)
        assert (await diary.whole(FEBRUARY[0], date(2028, 2, 3))).complete is True


async def test_a_cancelled_members_points_go_as_an_expiry(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        diary.pass_to(2028, 2, 3, 12)
        command = MemberStatusChange(
            member=by_number(diary.stage.member), program=diary.stage.program.code, status=MemberStatus.CANCELLED,
            reason="moved away",
        )  # fmt: skip
        await member_status_change(diary.stage.database, ENGINE, command)
        assert told(await diary.statement(FEBRUARY[0], date(2028, 2, 3))) == [("PRODUCT", 100), ("EXPIRY", -100)]


async def test_kinds_of_points_have_accounts_of_their_own(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        miles = await a_point_type(diary.stage.database, diary.stage.program, code="MILES", name="Miles", decimals=2)
        given = diary.stage.entry(sub_type=SubType.GIFT, points=Decimal("2.50"), point_type=miles.code)
        gift = PointsGift(idempotency_key=a_key(), member=by_number(diary.stage.member), entry=given)
        await points_gift(diary.stage.desk, diary.stage.director, gift)
        await diary.stage.earn(7)
        points, others = (await diary.whole(FEBRUARY[0], FEBRUARY[0])).accounts
        assert (points.point_type, int(points.closing), len(points.lines)) == ("POINTS", 7, 1)
        assert (others.point_type, others.point_type_name, others.closing) == ("MILES", "Miles", Decimal("2.50"))
        assert [line.points for line in others.lines] == [Decimal("2.50")]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "path", "expected"),
    [
        (date(2028, 2, 2), date(2028, 2, 1), "to", "a date from 2028-02-02 on"),
        (date(2028, 2, 1), date(2028, 2, 2), "to", "a date that has begun: today is 2028-02-01"),
        (date(2026, 12, 29), date(2028, 2, 1), "to", "at most 400 days in all: 2028-02-01 at the latest"),
        (date(1, 1, 1), date(1, 1, 2), "from", "a date from 1900-01-01 on"),
    ],
)
async def test_a_period_is_of_days_that_have_begun_and_at_most_400(
    migrated_url: str, starts_on: date, ends_on: date, path: str, expected: str
) -> None:
    async with a_diary(migrated_url) as diary:
        value = (starts_on if path == "from" else ends_on).isoformat()
        if expected.startswith("at most"):
            await diary.statement(date(2026, 12, 29), date(2028, 2, 1))
            starts_on, expected = date(2026, 12, 28), expected.replace("2028-02-01", "2028-01-31")
        with refusal(Invalid(value=value, expected=expected, path=(path,))):
            await diary.statement(starts_on, ends_on)


async def test_more_than_one_statement_holds_is_refused(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_LINES", 2)
    async with a_diary(migrated_url) as diary:
        for dollars in (1, 2):
            await diary.stage.earn(dollars)
        assert len((await diary.statement(FEBRUARY[0], FEBRUARY[0])).lines) == 2
        await diary.stage.earn(4)
        with refusal(StatementTooLong(limit=2, path=("to",))):
            await diary.statement(FEBRUARY[0], FEBRUARY[0])


async def test_the_member_sees_its_own_and_a_partner_none(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        await diary.stage.earn(100)
        database, (ada, grace) = diary.stage.database, (diary.stage.member, diary.grace)
        partner = await a_partner(database, diary.stage.program)
        day = FEBRUARY[0]
        assert await member_statement(database, herself(ada).scope, ada.id, day, day) is not None
        assert await member_statement(database, herself(grace).scope, ada.id, day, day) is None
        elsewhere = Scope(program_id=diary.stage.program.id + 1)
        assert await member_statement(database, elsewhere, ada.id, day, day) is None
        for scope in (Scope(partner_id=partner.id), Scope(diary.stage.program.id, partner.id)):
            assert await member_statement(database, scope, ada.id, day, day) is None
