"""What must hold of every program and every transaction, tried on generated ones: a few dozen each, or thousands by

pytest tests/engine/test_generated.py --hypothesis-profile=thousands
"""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from domain.decisions import Decision, ProgramVersion, read
from domain.engine import EngineProgram, Entry, MemberState, Outcome, Outcomes, run
from domain.engine.decision import decode, encode
from domain.engine.limits import Stock
from domain.engine.replay import Past, replay
from domain.promotions import Promotion
from domain.simulations import differences
from domain.transactions import Status, Type
from tests.engine.generated import Case, cases
from tests.engine.persisted import Persisted
from tests.engine.samples import MEMBER, NOW

GENERATED = settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NUMBERS = range(500, 600)


def worked(case: Case, program: EngineProgram | None = None) -> Outcomes:
    """The case in one chunk."""
    return run(program or case.program(), {MEMBER: case.member}, case.entries, NOW, numbers=NUMBERS)


def payment(program: EngineProgram, outcome: Outcome) -> Any:
    """Who is paid what, and why: everything but the order of what is equal, and the words of a refusal, which name one of many."""
    lots = [
        (lot.promotion_id, lot.point_type_id, lot.qualifying, lot.points, lot.effective_on, lot.expires_on, lot.origin)
        for lot in outcome.lots
    ]
    decided = told(program, outcome)
    return (
        outcome.status, outcome.sub_status, outcome.base_points, sorted(lots, key=repr), decided.considered,
        sorted(decided.awards, key=repr), decided.changes, sorted(outcome.granted, key=repr), outcome.tier_changes,
        sorted((total.point_type, total.points) for total in outcome.totals),
        outcome.rejection and type(outcome.rejection),
    )  # fmt: skip


def told(program: EngineProgram, outcome: Outcome) -> Decision:
    """The decision, as it is read back from its bytes."""
    promotions = {each.id: each for each in program.rules.promotions}
    version = ProgramVersion(program.program, program.point_types, promotions)
    return read(decode(encode(outcome.decision)), version, transaction_id=1, member_id=MEMBER, attempt=1)


def after(done: Outcomes) -> Any:
    """What the member has afterwards; which of several equal lots was taken from depends on their numbers."""
    balances = {key: structs.replace(balance, changes_on=None) for key, balance in done.balances.items()}
    return balances, done.attributes, done.paid, done.woken


@GENERATED
@given(cases(most_promotions=6), st.data())
def test_the_order_in_which_promotions_are_stored_changes_nothing(case: Case, data: st.DataObject) -> None:
    case = replace(case, entries=tuple(each for each in case.entries if each.type is Type.ACCRUAL))
    shuffled: tuple[Promotion, ...] = tuple(data.draw(st.permutations(case.promotions)))

    first, second = case.program(), case.program(shuffled)
    one, other = worked(case, first), worked(case, second)

    assert [payment(first, each) for each in one.outcomes] == [payment(second, each) for each in other.outcomes]
    assert after(one) == after(other)


@GENERATED
@given(cases())
def test_the_engine_is_pure(case: Case) -> None:
    program = case.program()

    assert worked(case, program) == worked(case, program) == worked(case, case.program())


@GENERATED
@given(cases())
def test_a_transaction_alone_is_worth_what_it_is_worth_in_a_chunk(case: Case) -> None:
    """A chunk of the batch, one request after another, and the simulation of each at its turn."""
    program, numbers = case.program(), iter(NUMBERS)
    rows, alone = Persisted(case, case.member), list[Outcome]()
    for entry in case.entries:
        state = {MEMBER: rows.member}
        simulated = run(program, state, [entry], NOW, rows.paid, numbers=[1 << 61])
        done = run(program, state, [entry], NOW, rows.paid, numbers=numbers)
        assert [payment(program, each) for each in simulated.outcomes] == [
            payment(program, each) for each in done.outcomes
        ]
        alone += done.outcomes
        rows.take_up(done)

    together = worked(case, program)

    assert alone == list(together.outcomes)
    whole = Persisted(case, case.member)
    whole.take_up(together)
    assert (rows.member, rows.paid) == (whole.member, whole.paid)


@GENERATED
@given(cases())
def test_a_decision_run_again_gives_the_identical_outcome(case: Case) -> None:
    """Every transaction that was processed, from its stored bytes, after all the others."""
    program, done = case.program(), worked(case)
    accruals = {each.id: each for each in case.entries if each.type is Type.ACCRUAL}
    made = [each for each in done.outcomes if each.follow_up is None and each.status is Status.PROCESSED]
    rows = Persisted(case, case.member)
    rows.take_up(done)

    if not made:
        return
    results, _ = replay(
        program,
        structs.replace(case.member, granted=rows.member.granted, lots=()),
        [_past(case, each, accruals.get(each.transaction_id)) for each in made],
        Stock(dict(rows.paid)),
    )

    for outcome, again in zip(made, results, strict=True):
        if outcome.transaction_id in accruals:
            then = decode(encode(outcome.decision))
            assert differences(program, then, again[0].decision) == ()
            assert again[0].lots == outcome.lots
            assert decode(encode(again[0].decision)).awards == then.awards
            assert again[0].status is outcome.status


def _past(case: Case, outcome: Outcome, entry: Entry | None) -> Past:
    member: MemberState = case.member
    day = next(each.transaction_date for each in case.entries if each.id == outcome.transaction_id)
    given = {total.point_type_id: total.points for total in outcome.totals if entry is not None}
    then = decode(encode(outcome.decision))
    return Past(then, NOW, member.enrolled, day, given, entry)


@GENERATED
@given(cases())
def test_what_is_given_is_what_was_awarded_and_base_points_are_the_least(case: Case) -> None:
    for outcome in worked(case).outcomes:
        paid = [each for each in outcome.decision.awards if each.paid and each.limited]
        of_promotions = [lot for lot in outcome.lots if lot.promotion_id is not None]
        if outcome.status is Status.REJECTED_ENGINE:
            assert (outcome.lots, outcome.uses, outcome.totals, outcome.decision.changes) == ((), (), (), ())
        elif outcome.lots:
            assert [each.limited for each in paid] == [lot.points for lot in of_promotions]
            assert all(0 <= each.limited <= each.rounded for each in outcome.decision.awards)
