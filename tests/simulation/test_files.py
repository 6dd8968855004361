"""A file, simulated: it comes to what importing and processing it would come to, its bad lines are reported, nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.commands.imports import TransactionsImport
from domain.commands.simulations import FileSimulate
from domain.imports.lines import Line
from domain.imports.problems import ExternalIdDiffers
from domain.imports.reports import Imported
from domain.members import Member
from domain.people import ENGINE
from domain.problems import NotAllowed, NotFound
from domain.services import batch
from domain.services.imports import transactions_import
from domain.services.posting import Desk
from domain.services.simulations import files as module
from domain.services.simulations.files import file_simulate
from domain.simulations import Totals
from domain.store import replays
from domain.transactions import Type
from tests.simulation.asking import a_rich_program, active_promotions
from tests.support.factories import a_code
from tests.support.members import a_member, herself, refusal
from tests.support.promotions import a_draft_promotion, deactivated, gives
from tests.support.transactions import Stage, a_stage, counts

TODAY = datetime.now(UTC).date()


@pytest_asyncio.fixture
async def rich(desk: Desk) -> Stage:
    """A stage whose program has promotions of many kinds, but none that members would have to share out."""
    stage = await a_stage(desk)
    shared_out = (await a_rich_program(stage))[3]
    await deactivated(stage.database, stage.program, shared_out)
    return stage


def line(number: int, member: Member, **values: Any) -> Line:
    """A line of a file: a purchase of ten dollars today, unless it says otherwise."""
    usual = {
        "external_id": f"E{number}", "member_number": member.number, "type": "ACCRUAL", "transaction_date": TODAY,
    }  # fmt: skip
    if "points" not in values:
        usual["amount"] = Decimal(10)
    return Line(number, {**usual, **values})


async def simulated(stage: Stage, lines: Sequence[Line], **values: Any) -> tuple[Imported, Totals, list[Any]]:
    """What became of the lines, what they come to, and what is wrong with the bad ones."""
    totals, total = Totals(), Imported()
    bad: list[Any] = []
    command = FileSimulate(program=stage.program.code, **values)
    async for done in file_simulate(stage.database, stage.desk.programs, ENGINE, command, lines, totals=totals):
        total += done
        bad.extend(done.bad)
    return total, totals, bad


async def imported(stage: Stage, lines: Sequence[Line], source: str | None = None) -> Imported:
    """The lines, really imported and processed."""
    total, command = Imported(), TransactionsImport(program=stage.program.code, source=source)
    async for done in transactions_import(stage.database, stage.desk.programs, ENGINE, command, lines):
        total += done
    async for _ in batch.work(stage.database, stage.desk.programs, stage.program.id):
        pass
    return total


async def points(stage: Stage, members: Sequence[Member]) -> tuple[Decimal, Decimal]:
    """What the members were given and what was taken."""
    async with stage.database.read() as reader:
        done = await replays.processed(reader, [member.id for member in members])
    return tuple(
        sum((total.points for each in done if each.type is kind for total in each.totals), Decimal(0)) for kind in Type
    )  # type: ignore[return-value]


@dataclass(frozen=True)
class Said:
    """A line of a story: whose, and what."""

    member: int
    amount: int
    days: int
    spends: bool


STORIES = st.lists(
    st.builds(Said, st.integers(0, 2), st.integers(0, 60), st.integers(0, 40), st.booleans()), min_size=1, max_size=14
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES)
async def test_a_file_comes_to_what_importing_and_processing_it_comes_to(rich: Stage, story: Sequence[Said]) -> None:
    members = [await a_member(rich.database, rich.program) for _ in range(3)]
    source = a_code("F")
    lines = [
        line(number, members[said.member], transaction_date=TODAY - timedelta(said.days), **_worth(said))
        for number, said in enumerate(story)
    ]
    expected, totals, bad = await simulated(rich, lines, source=source)
    before = await points(rich, members)
    assert (sum(before), len(bad)) == (0, 0)
    assert await imported(rich, lines, source) == expected
    given, taken = await points(rich, members)
    assert (totals.given.get("POINTS", 0), totals.taken.get("POINTS", 0)) == (given, taken)
    assert sum(totals.outcomes.values()) == len(lines)


def _worth(said: Said) -> dict[str, Any]:
    return (
        {"type": "REDEMPTION", "points": Decimal(said.amount + 1)} if said.spends else {"amount": Decimal(said.amount)}
    )


async def test_nothing_is_written(rich: Stage) -> None:
    before = await counts(rich.database)
    total, _, _ = await simulated(rich, [line(number, rich.member) for number in range(50)])
    assert total == Imported(lines=50, added=50)
    assert await counts(rich.database) == before


async def test_bad_lines_are_reported_as_by_an_import_and_harm_no_other(stage: Stage) -> None:
    lines = [
        line(1, stage.member),
        line(2, stage.member, member_number="NOBODY"),
        line(3, stage.member, transaction_date="31.02.2026"),
        line(4, stage.member, product="NOTHING"),
    ]
    total, totals, bad = await simulated(stage, lines)
    assert (total.added, total.bad_lines) == (1, 3)
    assert sorted((each.number, each.column) for each in bad) == [
        (2, "member_number"), (3, "transaction_date"), (4, "product"),
    ]  # fmt: skip
    assert totals.given == {"POINTS": Decimal(10)}


async def test_lines_that_are_known_repeated_or_different_are_told_apart(stage: Stage) -> None:
    await imported(stage, [line(1, stage.member), line(2, stage.member)])
    other = await a_member(stage.database, stage.program)
    lines = [
        line(1, stage.member),
        line(2, stage.member, amount=Decimal(11)),
        line(3, stage.member),
        replace(line(3, stage.member), number=4),
        replace(line(3, other), number=5),
    ]
    total, totals, bad = await simulated(stage, lines)
    assert (total.added, total.known, total.repeated, total.bad_lines) == (1, 1, 1, 2)
    assert sorted((each.number, type(each.problem)) for each in bad) == [(2, ExternalIdDiffers), (5, ExternalIdDiffers)]
    assert totals.given == {"POINTS": Decimal(10)}


async def test_a_line_that_would_correct_a_rejected_transaction_counts(stage: Stage) -> None:
    await imported(stage, [line(1, stage.member, type="REDEMPTION", points=Decimal(5))])
    total, totals, _ = await simulated(stage, [line(1, stage.member)])
    assert (total.added, total.corrected, totals.given) == (0, 1, {"POINTS": Decimal(10)})


async def test_drafts_and_the_moment_decide_as_for_one_transaction(stage: Stage) -> None:
    draft = await a_draft_promotion(stage.database, stage.program, gives(25), starts_on=TODAY + timedelta(10))
    later = TODAY + timedelta(20)
    lines = [line(1, stage.member, transaction_date=later)]
    _, totals, bad = await simulated(stage, lines, draft_promotions=(draft.code,))
    assert ([each.column for each in bad], totals.given) == (["transaction_date"], {})
    moment = datetime.now(UTC) + timedelta(20)
    _, totals, bad = await simulated(stage, lines, draft_promotions=(draft.code,), as_of=moment)
    assert (bad, totals.given) == ([], {"POINTS": Decimal(35)})
    assert totals.by_promotion == {(draft.code, "POINTS"): Decimal(25)}


async def test_limits_hold_over_the_whole_file_however_small_its_parts(
    rich: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    members = [await a_member(rich.database, rich.program) for _ in range(6)]
    lines = [line(number, member) for number, member in enumerate(members * 3)]
    _, totals, _ = await simulated(rich, lines)
    for promotion in await active_promotions(rich):
        paid = totals.by_promotion.get((promotion.code, "POINTS"), 0)
        assert promotion.limits.total is None or paid == 30
        assert promotion.limits.per_member_month is None or paid == 6 * 15


async def test_members_do_not_simulate_files_and_unknown_partners_do_not_exist(stage: Stage) -> None:
    command = FileSimulate(program=stage.program.code)
    with refusal(NotAllowed(why="members do not simulate files")):
        actor = herself(stage.member)
        await anext(file_simulate(stage.database, stage.desk.programs, actor, command, [], totals=Totals()))
    with refusal(NotFound(what="partner", key="NOBODY", path=("partner",))):
        await simulated(stage, [], partner="NOBODY")
