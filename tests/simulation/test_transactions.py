"""One transaction, simulated: what really happens next is exactly what was said, and saying it changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.commands.programs import ProgramDeactivate, SettingsChange
from domain.engine.rejections import InsufficientPoints
from domain.entries import NewTransaction
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import ENGINE, Role
from domain.problems import Invalid, Missing, NotAllowed, NotFound, Refused
from domain.promotions import AttributeOperation, Criterion, Operator, Promotion, Rule, UpdateAttribute
from domain.rule_problems import UnknownAttribute
from domain.services import transactions as services
from domain.services.posting import Desk
from domain.services.programs import program_deactivate
from domain.simulations import Simulation
from domain.store import replays
from domain.transactions import Status, SubStatus, Transaction, Type
from tests.simulation.asking import SPENDING, a_rich_program, again, done, seen, simulated, simulated_entry
from tests.support.factories import a_partner, result_of
from tests.support.members import a_member, herself, refusal
from tests.support.promotions import a_draft_promotion, a_promotion, deactivated, gives, joins
from tests.support.transactions import Stage, a_stage, counts

IN_A_YEAR = ExpiryPolicy(ExpiryKind.PERIOD, 1, PeriodUnit.YEAR)
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Rich:
    """A stage whose program has promotions of many kinds."""

    stage: Stage
    promotions: list[Promotion]

    async def with_a_new_member(self) -> Stage:
        """The same for another member, who has joined what is to be joined."""
        member = await a_member(self.stage.database, self.stage.program)
        for promotion in self.promotions:
            if promotion.enrollment_required:
                await joins(self.stage.database, self.stage.program, member, promotion)
        return replace(self.stage, member=member)


@pytest_asyncio.fixture
async def rich(desk: Desk) -> Rich:
    stage = await a_stage(desk, settings=SettingsChange(expiry=IN_A_YEAR))
    return Rich(stage, await a_rich_program(stage))


@dataclass(frozen=True)
class Purchase:
    """So many cents, so many days ago."""

    cents: int
    days: int


@dataclass(frozen=True)
class Spending:
    """So many points, so many days ago."""

    points: int
    days: int


STORIES = st.lists(
    st.one_of(
        st.builds(Purchase, st.integers(0, 5_000), st.integers(0, 70)),
        st.builds(Spending, st.integers(1, 90), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=7,
)


def entry_of(stage: Stage, said: Purchase | Spending) -> NewTransaction:
    """What is asked about."""
    day = TODAY - timedelta(said.days)
    if isinstance(said, Spending):
        return stage.entry(type=Type.REDEMPTION, points=Decimal(said.points), transaction_date=day)
    return stage.entry(amount=Decimal(said.cents) / 100, transaction_date=day)


def points_of(simulation: Simulation) -> Decimal:
    """What it would give, of the program's one point type."""
    assert simulation.receipt.result is not None
    [total] = simulation.receipt.result.totals
    return total.points


def reads_nothing() -> Criterion:
    """A criterion about what does not exist."""
    return Criterion("transaction.attributes.nothing", Operator.IS_EMPTY)


async def really(stage: Stage, entry: NewTransaction) -> Transaction:
    """The entry, recorded and processed."""
    if entry.type is Type.REDEMPTION:
        receipt = await services.points_redeem(stage.desk, stage.msr, replace(stage.redeeming(1), entry=entry))
    else:
        receipt = await services.points_earn(stage.desk, stage.msr, replace(stage.earning(1), entry=entry))
    assert receipt.result is not None
    return receipt.result


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES)
async def test_a_simulation_equals_what_is_then_done_and_doing_it_again_differs_in_nothing(
    rich: Rich, story: Sequence[Purchase | Spending]
) -> None:
    stage = await rich.with_a_new_member()
    made = []
    for said in story:
        entry = entry_of(stage, said)
        expected = await simulated_entry(stage, entry)
        transaction = await really(stage, entry)
        assert seen(expected) == await done(stage, transaction)
        made.append(transaction)
    for transaction in made:
        assert (await again(stage, transaction)).differs == ()


async def test_nothing_is_written_not_even_where_limits_are_counted_and_drafts_are_tried(rich: Rich) -> None:
    stage = rich.stage
    transaction = result_of(await stage.earn(30))
    draft = await a_draft_promotion(stage.database, stage.program)
    before = await counts(stage.database)
    await simulated_entry(stage, stage.entry())
    await simulated_entry(stage, stage.entry(type=Type.REDEMPTION, points=Decimal(5)))
    await simulated_entry(stage, stage.entry(), actor=stage.manager, draft_promotions=(draft.code,))
    await again(stage, transaction)
    assert await counts(stage.database) == before


async def test_what_the_engine_would_refuse_is_an_answer_with_its_reason(stage: Stage) -> None:
    simulation = await simulated_entry(stage, stage.entry(type=Type.REDEMPTION, points=Decimal(5)))
    problem = InsufficientPoints(point_type="POINTS", available=Decimal(0), required=Decimal(5), path=("input",))
    assert simulation.receipt.errors == (problem,)
    assert simulation.receipt.result is not None
    assert simulation.receipt.result.status is Status.REJECTED_ENGINE
    assert (simulation.lots, simulation.uses) == ([], [])


async def test_a_member_simulates_its_own_and_nobody_elses(stage: Stage) -> None:
    own = await simulated_entry(stage, stage.entry(), actor=herself(stage.member))
    assert points_of(own) == 10
    other = await a_member(stage.database, stage.program)
    with pytest.raises(Refused) as refused:
        await simulated_entry(stage, stage.entry(), member=other, actor=herself(stage.member))
    assert [(each.code, each.path) for each in refused.value.problems] == [("NOT_FOUND", ("input", "member"))]


async def test_a_partner_simulates_for_itself_alone(stage: Stage) -> None:
    partner = await a_partner(stage.database, stage.program)
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    member = await a_member(stage.database, stage.program, clerk)
    answer = await simulated_entry(stage, stage.entry(), member=member, actor=clerk)
    assert answer.receipt.result is not None
    assert answer.receipt.result.partner_id == partner.id
    with refusal(NotFound(what="partner", key="OTHER", path=("input", "partner"))):
        await simulated_entry(stage, stage.entry(partner="OTHER"), member=member, actor=clerk)


async def test_a_draft_counts_as_active_for_this_simulation_alone(stage: Stage) -> None:
    draft = await a_draft_promotion(stage.database, stage.program, gives(25))
    tried = await simulated_entry(stage, stage.entry(), actor=stage.manager, draft_promotions=(draft.code,))
    assert points_of(tried) == 35
    assert [each.promotion.code for each in tried.decisions[-1].considered] == [draft.code]
    assert points_of(await simulated_entry(stage, stage.entry())) == 10
    assert [each.points for each in result_of(await stage.earn(10)).totals] == [10]


async def test_drafts_are_for_managers_and_administrators(stage: Stage) -> None:
    draft = await a_draft_promotion(stage.database, stage.program)
    why = "drafts of promotions are for managers and program administrators"
    for actor in (stage.msr, herself(stage.member)):
        with refusal(NotAllowed(why=why, path=("input", "draftPromotions"))):
            await simulated_entry(stage, stage.entry(), actor=actor, draft_promotions=(draft.code,))
    administrator = await stage.person(Role.PROGRAM_ADMINISTRATOR)
    tried = await simulated_entry(stage, stage.entry(), actor=administrator, draft_promotions=(draft.code,))
    assert points_of(tried) == 35


async def test_a_draft_that_could_not_be_activated_is_refused_at_its_place(stage: Stage) -> None:
    good = await a_draft_promotion(stage.database, stage.program)
    nothing = await a_draft_promotion(stage.database, stage.program, gives(25, reads_nothing()))
    with pytest.raises(Refused) as refused:
        await simulated_entry(stage, stage.entry(), actor=stage.manager, draft_promotions=(good.code, nothing.code))
    [problem] = refused.value.problems
    assert isinstance(problem, UnknownAttribute)
    assert problem.path == ("input", "draftPromotions", "1", "rules", "0", "criteria", "0", "attribute")


async def test_a_draft_may_need_what_another_draft_counts(stage: Stage) -> None:
    add = UpdateAttribute("counters.visits", AttributeOperation.ADD, Decimal(1))
    counting = await a_draft_promotion(stage.database, stage.program, Rule((add,)))
    first = Criterion("counters.visits", Operator.EQUALS, (Decimal(0),))
    reading = await a_draft_promotion(stage.database, stage.program, gives(5, first))
    drafts = (counting.code, reading.code)
    tried = await simulated_entry(stage, stage.entry(), actor=stage.manager, draft_promotions=drafts)
    assert points_of(tried) == 15


async def test_an_unknown_draft_and_one_that_is_active_are_refused(stage: Stage) -> None:
    active = await a_promotion(stage.database, stage.program)
    path = ("input", "draftPromotions", "0")
    with refusal(NotFound(what="promotion", key="NOBODY", path=path)):
        await simulated_entry(stage, stage.entry(), actor=stage.manager, draft_promotions=("NOBODY",))
    expected = "a promotion that is not active: this one is considered anyway"
    with refusal(Invalid(value=active.code, expected=expected, path=path)):
        await simulated_entry(stage, stage.entry(), actor=stage.manager, draft_promotions=(active.code,))


async def test_as_of_a_date_the_promotions_and_lots_of_that_date_count(desk: Desk) -> None:
    stage = await a_stage(desk, settings=SettingsChange(expiry=IN_A_YEAR))
    await a_promotion(stage.database, stage.program, starts_on=TODAY + timedelta(30))
    await stage.earn(50)
    later = datetime.now(UTC) + timedelta(40)
    tried = await simulated_entry(stage, stage.entry(), as_of=later)
    assert points_of(tried) == 35
    assert tried.receipt.result is not None
    assert tried.receipt.result.transaction_date == later.date()
    spending = stage.entry(type=Type.REDEMPTION, points=Decimal(50))
    assert (await simulated_entry(stage, spending, as_of=later)).receipt.errors == ()
    lapsed = await simulated_entry(stage, spending, as_of=later + timedelta(366))
    [problem] = lapsed.receipt.errors
    assert isinstance(problem, InsufficientPoints)
    assert problem.available == 0


async def test_a_moment_too_far_away_is_refused(stage: Stage) -> None:
    moment = datetime(9999, 12, 31, tzinfo=UTC)
    expected = "a moment within 3,660 days of now"
    with refusal(Invalid(value=moment.isoformat(), expected=expected, path=("input", "asOf"))):
        await simulated_entry(stage, stage.entry(), as_of=moment)


async def test_a_new_transaction_says_whose_it_is_and_what(stage: Stage) -> None:
    why = "a new transaction says whose it is and whether it earns or burns"
    with refusal(Missing(why=why, path=("input", "member")), Missing(why=why, path=("input", "type"))):
        await simulated(stage)


async def test_a_waiting_transaction_is_simulated_as_it_would_be_processed_now(stage: Stage) -> None:
    transaction = await stage.record(stage.entry(amount=Decimal(30)))
    simulation = await again(stage, transaction)
    assert points_of(simulation) == 30
    assert (simulation.then, simulation.differs) == (None, ())
    assert await stage.status(transaction) is Status.IN_PROGRESS


async def test_what_approval_would_be_needed_for_can_be_simulated_all_the_same(stage: Stage) -> None:
    assert points_of(await simulated_entry(stage, stage.credit(500))) == 500


async def test_a_processed_transaction_shows_its_decision_of_then_beside_the_one_of_now(stage: Stage) -> None:
    transaction = result_of(await stage.earn(30))
    promotion = await a_promotion(stage.database, stage.program, gives(25))
    simulation = await again(stage, transaction)
    assert simulation.then is not None
    assert (simulation.then.transaction_id, simulation.then.awards) == (transaction.id, ())
    assert simulation.differs == ("subStatus", "awards", "lots")
    assert [(each.promotion.code, each.paid) for each in simulation.decisions[-1].awards] == [(promotion.code, True)]
    assert [each.points for each in simulation.lots] == [30, 25]
    await deactivated(stage.database, stage.program, promotion)
    assert (await again(stage, transaction)).differs == ()


async def test_a_processed_redemption_takes_the_lots_of_then_though_they_are_gone(stage: Stage) -> None:
    await stage.earn(30)
    redemption = result_of(await stage.redeem(30))
    simulation = await again(stage, redemption)
    assert simulation.differs == ()
    assert [(each.before, each.after) for each in simulation.decisions[-1].balances] == [(Decimal(30), Decimal(0))]


async def test_the_third_purchase_was_the_third_also_after_the_fourth(rich: Rich) -> None:
    stage = await rich.with_a_new_member()
    purchases = [result_of(await stage.earn(1)) for _ in range(4)]
    third = await again(stage, purchases[2])
    assert third.differs == ()
    assert Decimal(40) in [each.points for each in third.lots]


async def test_what_the_engine_made_itself_is_not_simulated(stage: Stage) -> None:
    await a_promotion(stage.database, stage.program, gives(2), applies_to=(SPENDING,))
    await stage.earn(30)
    redemption = result_of(await stage.redeem(30))
    async with stage.database.read() as reader:
        *_, follow_up = await replays.processed(reader, [stage.member.id])
    assert follow_up.follows_id == redemption.id
    why = "the engine itself made this transaction: simulate the one that it follows"
    with refusal(NotAllowed(why=why, path=("input", "id"))):
        await again(stage, follow_up)


async def test_a_transaction_of_another_program_or_out_of_sight_does_not_exist(stage: Stage, desk: Desk) -> None:
    other = await a_stage(desk)
    transaction = result_of(await other.earn(10))
    stranger = await a_member(stage.database, stage.program)
    own = result_of(await stage.earn(10))
    for actor, asked in ((stage.msr, transaction), (herself(stranger), own)):
        with refusal(NotFound(what="transaction", path=("input", "id"))):
            await again(stage, asked, actor=actor)


async def test_a_program_that_is_halted_refuses_new_transactions_but_tells_of_old_ones(stage: Stage) -> None:
    transaction = result_of(await stage.earn(10))
    result_of(await program_deactivate(stage.database, ENGINE, ProgramDeactivate(stage.program.code)))
    new = await simulated_entry(stage, stage.entry())
    assert new.receipt.result is not None
    assert new.receipt.result.sub_status is SubStatus.PROGRAM_INACTIVE
    assert (await again(stage, transaction)).differs == ()
