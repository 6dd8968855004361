"""A state machine drives the whole member side, with the clock moving; a model on two pages says what must come out.

After every step each member's balance and lots equal the model's; at the end of a run every invariant of the ledger holds.

pytest tests/ledger --hypothesis-profile=thousands
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.members import Member, MemberKind
from domain.store import migrate
from domain.transactions import Status, Type
from tests import databases
from tests.ledger import model
from tests.ledger.grounds import (
    MAXIMUM,
    REWARD_PRICE,
    VOUCHER_PRICE,
    WORTH,
    Answer,
    Ask,
    Counter,
    Ground,
    Terms,
    a_while,
)

T = TypeVar("T")
TERMS = [
    Terms(repays=50, grace=0),
    Terms(repays=0, grace=10),
    Terms(repays=100, grace=0),
    Terms(repays=50, grace=0, lends=120),
    Terms(repays=0, grace=10, lends=40),
]
PEOPLE = 3
HOUSEHOLD = PEOPLE
WHO, PERSON = st.integers(0, HOUSEHOLD), st.integers(0, PEOPLE - 1)
WHICH, POINTS = st.integers(0, 50), st.integers(1, 400)
CENTS = st.decimals(1, 300, places=2)
RUNS_PER_GROUND = 20
FEW = 100
"""What Hypothesis tries if nobody says otherwise."""


class Grounds:
    """Where runs play: on one ground for some time, then on a new one, so that looking at all of it stays quick."""

    def __init__(self, server: str, loop: asyncio.AbstractEventLoop) -> None:
        self.server, self.loop, self.stack = server, loop, ExitStack()
        self.ground: Ground | None = None
        self.left = 0

    def next(self) -> Ground:
        if self.ground is None or not self.left:
            self.close()
            url = self.stack.enter_context(databases.empty_database(self.server, "machine"))
            migrate.upgrade(url)
            self.ground, self.left = Ground(url), RUNS_PER_GROUND
        self.left -= 1
        return self.ground

    def close(self) -> None:
        if self.ground is not None:
            self.loop.run_until_complete(self.ground.close())
        self.ground, self.left = None, 0
        self.stack.close()


class MemberSide(RuleBasedStateMachine):
    """Three people and a household of one program, and everything that can happen to their points."""

    grounds: Grounds

    def __init__(self) -> None:
        super().__init__()
        self.ground = self.grounds.next()
        self.clock = self.ground.clock
        self.bought: list[tuple[Any, model.Member, model.Bought]] = []
        self.spent: list[tuple[Any, model.Member, model.Spent]] = []
        self.loans: list[tuple[Any, model.Member, model.Loan]] = []
        self.holds: list[tuple[Any, model.Member, model.Hold]] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.grounds.loop.run_until_complete(work)

    def ask(self, request: Ask, expected: str | None = None, **how: bool) -> Any:
        """What a request made; it must be refused with this code, if one is expected."""
        answer: Answer = self.run(self.counter.ask(request, **how))
        assert answer.codes == (() if expected is None else (expected,))
        return answer.result

    @initialize(terms=st.sampled_from(TERMS))
    def a_program_with_four_members(self, terms: Terms) -> None:
        self.counter = Counter(self.ground, *self.run(self.ground.opened(terms)))
        kinds = [MemberKind.INDIVIDUAL] * PEOPLE + [MemberKind.HOUSEHOLD]
        self.members: list[Member] = [self.run(self.counter.enrol(kind)) for kind in kinds]
        self.models = [self.a_model(terms) for _ in kinds]
        self.terms = terms
        self.borrowers: set[int] = set()

    @staticmethod
    def a_model(terms: Terms) -> model.Member:
        return model.Member(terms.repays, terms.grace, terms.lends)

    @rule(who=WHO, dollars=CENTS, days_ago=st.integers(0, 40))
    def somebody_buys(self, who: int, dollars: Decimal, days_ago: int) -> None:
        day = self.clock.today - a_while(days=days_ago)
        made = self.ask(self.counter.earning(self.members[who], dollars, day))
        one = self.models[who]
        self.bought.append((made, one, one.earn(int(dollars), day, self.clock.today)))

    @rule(who=WHO, points=POINTS)
    def somebody_is_given_points(self, who: int, points: int) -> None:
        made = self.ask(self.counter.giving(self.members[who], points))
        one = self.models[who]
        self.bought.append((made, one, one.earn(points, self.clock.today, self.clock.today, gift=True)))

    @rule(who=WHO, points=POINTS)
    def somebody_redeems(self, who: int, points: int) -> None:
        spent = self.models[who].redeem(points, self.clock.today)
        self.spends(who, self.counter.redeeming(self.members[who], points), spent)

    @rule(who=WHO)
    def somebody_redeems_everything(self, who: int) -> None:
        if points := self.models[who].available(self.clock.today):
            self.somebody_redeems(who, points)

    @rule(who=WHO, points=POINTS, days_ago=st.integers(0, 25))
    def somebody_earns_and_spends_all_in_one_commit(self, who: int, points: int, days_ago: int) -> None:
        """By the batch engine, in the order of date and number: each finds what the one before left."""
        today, one, counter = self.clock.today, self.models[who], self.counter
        day = today - a_while(days=days_ago)
        bought = one.earn(points, day, today)
        wanted = [each for each in (one.available(today), self.terms.lends + 1) if each]
        spent = [one.redeem(each, today) for each in wanted]
        entries = [counter.entry(Type.ACCRUAL, amount=Decimal(points), transaction_date=day)]
        entries += [counter.entry(Type.REDEMPTION, points=Decimal(each), transaction_date=today) for each in wanted]
        first, *others = self.run(counter.in_one_commit(self.members[who], entries))
        refusals = [each.sub_status.value for each in others if each.status is not Status.PROCESSED and each.sub_status]
        assert (first.status, refusals) == (Status.PROCESSED, [each for each in spent if isinstance(each, str)])
        self.bought.append((first, one, bought))
        self.spent += [
            (made, one, each) for made, each in zip(others, spent, strict=True) if isinstance(each, model.Spent)
        ]

    @rule(who=WHO)
    def somebody_buys_a_voucher(self, who: int) -> None:
        spent = self.models[who].buy_voucher(VOUCHER_PRICE, self.clock.today)
        self.spends(who, self.counter.buying(self.members[who]), spent)

    @rule(who=WHO)
    def somebody_pays_with_a_voucher(self, who: int) -> None:
        spent = self.models[who].pay_with_voucher(REWARD_PRICE - WORTH, self.clock.today)
        self.spends(who, self.counter.paying_with_voucher(self.members[who]), spent)

    def spends(self, who: int, request: Ask, spent: model.Spent | str) -> None:
        made = self.ask(request, spent if isinstance(spent, str) else None)
        if isinstance(spent, model.Spent):
            self.spent.append((made, self.models[who], spent))

    @rule(who=WHO, other=WHO, points=POINTS)
    def somebody_sends_points(self, who: int, other: int, points: int) -> None:
        if who == other:
            self.ask(self.counter.sending(self.members[who], self.members[other], points), "TRANSFER_TO_SELF")
            return
        refused = self.models[who].transfer(points, self.clock.today, self.models[other])
        self.ask(self.counter.sending(self.members[who], self.members[other], points), refused)

    @rule(who=WHO, points=POINTS)
    def somebody_borrows(self, who: int, points: int) -> None:
        if who not in self.borrowers:
            self.run(self.counter.allow_loans(self.members[who]))
            self.borrowers.add(who)
        one = self.models[who]
        loan = one.borrow(points, self.clock.today, MAXIMUM)
        if isinstance(loan, model.Loan):
            self.loans.append((self.ask(self.counter.lending(self.members[who], points)), one, loan))
        else:
            self.ask(self.counter.lending(self.members[who], points), loan)

    @precondition(lambda self: self.loans)
    @rule(which=WHICH, points=POINTS)
    def a_loan_is_repaid(self, which: int, points: int) -> None:
        made, one, loan = self.loans[which % len(self.loans)]
        points = min(points, loan.outstanding + 1)
        self.ask(self.counter.repaying(made, points), one.repay(loan, points, self.clock.today))

    @precondition(lambda self: self.loans)
    @rule(which=WHICH)
    def a_loan_is_cancelled(self, which: int) -> None:
        made, one, loan = self.loans[which % len(self.loans)]
        self.ask(self.counter.cancelling(made), one.unlend(loan))

    @precondition(lambda self: self.bought)
    @rule(which=WHICH, part=st.none() | POINTS)
    def a_purchase_comes_back(self, which: int, part: int | None) -> None:
        made, one, bought = self.bought[which % len(self.bought)]
        share = None if part is None else Fraction(part, bought.points)
        self.ask(self.taking_back(made, part), one.unearn(bought, share, self.clock.today))

    @precondition(lambda self: self.bought)
    @rule(which=WHICH, dollars=CENTS)
    def a_purchase_comes_back_for_money(self, which: int, dollars: Decimal) -> None:
        made, one, bought = self.bought[which % len(self.bought)]
        if made.amount is not None:
            share = Fraction(dollars) / Fraction(made.amount)
            refused = one.unearn(bought, share, self.clock.today)
            self.ask(self.counter.refunding(made, amount=dollars), refused)

    @precondition(lambda self: self.spent)
    @rule(which=WHICH, part=st.none() | POINTS)
    def a_redemption_comes_back(self, which: int, part: int | None) -> None:
        """A voucher comes back whole, with all that was paid beside it or for it."""
        made, one, spent = self.spent[which % len(self.spent)]
        part = None if spent.bought or spent.used else part
        share = None if part is None else Fraction(part, spent.points)
        self.ask(self.taking_back(made, part), one.unspend(spent, share, self.clock.today))

    def taking_back(self, made: Any, part: int | None) -> Ask:
        return self.counter.cancelling(made) if part is None else self.counter.refunding(made, points=Decimal(part))

    @rule(who=WHO, points=POINTS, minutes=st.sampled_from([1, 15, 60]))
    def points_are_kept_for_a_checkout(self, who: int, points: int, minutes: int) -> None:
        one = self.models[who]
        hold = one.hold(points, self.clock.now, minutes)
        if isinstance(hold, model.Hold):
            self.holds.append((self.ask(self.counter.holding(self.members[who], points, minutes)), one, hold))
        else:
            self.ask(self.counter.holding(self.members[who], points, minutes), hold)

    @precondition(lambda self: self.holds)
    @rule(which=WHICH, points=POINTS)
    def a_checkout_is_paid(self, which: int, points: int) -> None:
        made, one, hold = self.holds[which % len(self.holds)]
        points = min(points, int(made.points))
        if hold not in one.holds:
            self.ask(self.counter.capturing(made, points), model.OVER)
            return
        self.spent.append((self.ask(self.counter.capturing(made, points)), one, one.capture(hold, points)))

    @precondition(lambda self: self.holds)
    @rule(which=WHICH)
    def a_checkout_is_given_up(self, which: int) -> None:
        made, one, hold = self.holds[which % len(self.holds)]
        over = hold not in one.holds
        self.ask(self.counter.releasing(made), model.OVER if over else None, again=False)
        if not over:
            one.release(hold)

    @rule(who=PERSON)
    def somebody_joins_or_leaves_the_household(self, who: int) -> None:
        one = self.models[who]
        if one.parent is None:
            self.run(self.counter.join(self.members[who], self.members[HOUSEHOLD]))
            one.parent = self.models[HOUSEHOLD]
        else:
            self.run(self.counter.leave(self.members[who]))
            one.parent = None

    @rule(who=PERSON, into=PERSON)
    def somebody_was_enrolled_twice(self, who: int, into: int) -> None:
        """Who was merged is looked at until the end of the run; a new member takes the place."""
        if who == into:
            return
        refused = self.models[who].merge_into(self.models[into], self.clock.today)
        self.ask(self.counter.merging(self.members[who], self.members[into]), refused, again=False)
        if refused is None:
            self.members.append(self.members[who])
            self.models.append(self.models[who])
            self.members[who], self.models[who] = self.run(self.counter.enrol()), self.a_model(self.terms)
            self.borrowers.discard(who)

    @rule(which=WHICH)
    def a_request_comes_again(self, which: int) -> None:
        if self.counter.asked:
            self.run(self.counter.ask_again(which))

    @rule(days=st.integers(1, 25))
    def days_pass(self, days: int) -> None:
        self.time_passes(days * 24 * 60)

    @rule(minutes=st.sampled_from([1, 14, 15, 45]))
    def minutes_pass(self, minutes: int) -> None:
        self.time_passes(minutes)

    def time_passes(self, minutes: int) -> None:
        self.clock.now += a_while(minutes=minutes)
        for one in self.models:
            one.settle(self.clock.now)

    @rule()
    def the_nightly_jobs_run_twice(self) -> None:
        self.run(self.counter.release_due())
        self.run(self.counter.night())
        assert self.run(self.counter.night()) == 0
        for one in self.models:
            one.expire(self.clock.today)

    @invariant()
    def every_balance_and_every_lot_is_the_models(self) -> None:
        figures, lots = self.run(self.counter.shown(self.members))
        assert figures == [one.figures(self.clock.today) for one in self.models]
        assert lots == [one.left() for one in self.models]

    def teardown(self) -> None:
        broken = self.run(self.ground.broken())
        if broken:
            self.grounds.left = 0
        assert broken == []


@contextmanager
def machine(server: str) -> Iterator[type[RuleBasedStateMachine]]:
    loop = asyncio.new_event_loop()
    grounds = Grounds(server, loop)
    yield type("Machine", (MemberSide,), {"grounds": grounds})
    grounds.close()
    loop.close()


RUNS = 15 if settings().max_examples <= FEW else settings().max_examples // 3
"""Two thousand with the profile of thousands."""

SEARCH = settings(
    max_examples=RUNS,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def test_every_member_has_what_the_model_says_and_the_invariants_hold(database_server: str) -> None:
    with machine(database_server) as member_side:
        run_state_machine_as_test(member_side, settings=SEARCH)
