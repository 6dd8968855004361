"""Untrusted kinds run in a helper process: the same answers, and an end at the time limit that harms nobody else."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.programs import BaseRule
from domain.promotions import AttributeOperation, Rule, RunRule
from domain.rules import AttributeUpdate, Award, Base, CompiledRules, CurrencyMismatch, RuleError
from rules import Definition, compile_program
from rules.faults import Fault
from rules.kinds import Rejection
from rules.sandbox import Sandbox, shared
from rules.wire import LENGTH, answer, packed, unpacked
from tests.rules.samples import ATTRIBUTES, ONE, POINT_TYPES, a_line, a_promotion, facts, refusal
from tests.rules.stranger import ANSWERS, BASE, EVERYTHING
from tests.rules.test_plugins import KINDS, NONSENSE, run

UNTRUSTED = frozenset({*ANSWERS, "times", "refuses", *(kind.name for kind in BASE)})


def untrusting(*actions: RunRule, base: tuple[BaseRule, ...] = (), limit: float = 5.0) -> CompiledRules:
    promotions = tuple(a_promotion(Rule((action,)), code=f"P{n}") for n, action in enumerate(actions))
    return compile_program(Definition(base, promotions, POINT_TYPES, ATTRIBUTES, UNTRUSTED, limit), KINDS)


def answer_of(rules: CompiledRules, given: Any, index: int = 0) -> tuple[Any, ...]:
    (verdict,) = rules.judge(given, [index])
    return verdict.fired[0].proposals


@pytest.fixture(scope="module", autouse=True)
def helper() -> Iterator[Sandbox]:
    sandbox = shared(KINDS.origins)
    yield sandbox
    sandbox.close()


def test_an_untrusted_kind_answers_as_a_trusted_one() -> None:
    rules = untrusting(run("times", 2, factor="1.5"), run("everything"), run("nothing"), run("lineSum"))
    given = facts(a_line(amount="1.10"), a_line(amount="2.20"), transaction__amount=Decimal("9999999999999999.9999"))
    assert answer_of(rules, given) == (Award(None, qualifying=False, points=Decimal("14999999999999999.99985")),)
    assert answer_of(rules, given, 1) == EVERYTHING
    assert answer_of(rules, given, 2) == ()
    assert answer_of(rules, given, 3) == (Award(None, qualifying=False, points=Decimal("3.30")),)


@pytest.mark.parametrize(("kind", "message"), NONSENSE)
def test_nonsense_is_the_same_error_from_a_helper(kind: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        answer_of(untrusting(run(kind)), facts(a_line()))
    assert (caught.value.where, caught.value.message) == ("promotion P0, rule 1", message)


def test_one_warm_process_serves_all_transactions() -> None:
    rules = untrusting(run("process"))
    assert len({answer_of(rules, facts()) for _ in range(5)}) == 1


def test_a_kind_that_loops_is_ended_at_its_limit_and_harms_no_other() -> None:
    rules, patient = untrusting(run("loops"), run("times", 2), limit=1.0), untrusting(run("times", 2))
    before = answer_of(untrusting(run("process")), facts())
    with pytest.raises(RuleError, match=r"promotion P0, rule 1: loops 1 ran longer than 1 s and was ended"):
        rules.judge(facts(), [0, 1])
    assert answer_of(patient, facts()) == (Award(None, qualifying=False, points=Decimal(100)),)
    assert answer_of(untrusting(run("process")), facts()) != before


def test_a_kind_that_ends_its_process_is_named_and_harms_no_other() -> None:
    rules = untrusting(run("dies"), run("times", 2))
    with pytest.raises(RuleError, match="dies 1 ended its process, or answered nonsense: it closed its output"):
        answer_of(rules, facts())
    assert answer_of(rules, facts(), 1) == (Award(None, qualifying=False, points=Decimal(100)),)


def test_what_a_kind_prints_does_not_disturb_its_answer() -> None:
    assert answer_of(untrusting(run("loud")), facts()) == (Award(None, qualifying=False, points=Decimal(5)),)


def test_a_helper_does_not_see_our_environment(monkeypatch: pytest.MonkeyPatch, helper: Sandbox) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    helper.close()
    assert answer_of(untrusting(run("peeks")), facts()) == (Award(None, qualifying=False, points=Decimal(0)),)


def test_an_answer_that_cannot_be_sent_is_an_error() -> None:
    with pytest.raises(RuleError, match="object 1 failed: it answered what cannot be sent: object <object object"):
        answer_of(untrusting(run("object")), facts())


def test_a_base_rule_may_be_untrusted_too() -> None:
    given = facts(a_line(amount="1.10"))
    assert untrusting(base=(BaseRule("base.lineSum", {}),)).base(given) == Base(Decimal("1.10"), 0)
    assert untrusting(base=(BaseRule("base.nothing", {}),)).base(given) == Base(Decimal(0), None)
    with pytest.raises(CurrencyMismatch):
        untrusting(base=(BaseRule("base.wrongCurrency", {}),)).base(given)


def test_a_kind_that_refuses_its_parameters_is_refused_at_activation() -> None:
    with pytest.raises(
        Exception, match="`refuses` refuses these parameters: refuses 1 failed: ValueError: never twice the same"
    ):
        untrusting(run("refuses"))


@pytest.mark.parametrize(
    "value",
    [
        None, True, 5, "text", Decimal("-0.10"), Decimal("9999999999999999.9999"), date(2026, 2, 28),
        [Decimal(1), None], {"transaction.amount": Decimal("1.50"), "lines": [{"amount": None, "on": date(2026, 1, 1)}]},
    ],
)  # fmt: skip
def test_what_is_packed_is_unpacked_with_type_and_digits(value: Any) -> None:
    found = unpacked(packed(value)[LENGTH.size :])
    assert (found, repr(found)) == (value, repr(value))


def test_proposals_travel_as_plain_data() -> None:
    for proposal in (*EVERYTHING, Rejection("no"), AttributeUpdate("x", AttributeOperation.SET, date(2026, 1, 1))):
        assert answer(unpacked(packed(proposal)[LENGTH.size :])) == proposal


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        (["Popen", "rm"], "'Popen' is no proposal"),
        (["Award", 1], "not enough values to unpack"),
        (["TierMove", "A", "SIDEWAYS", None], "'SIDEWAYS' is not a valid TierDirection"),
        ([["AttributeUpdate"]], "not enough values to unpack"),
    ],
)
def test_plain_data_that_is_no_proposal_is_refused(plain: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        answer(plain)


def test_a_helper_that_does_not_start_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/true")
    with pytest.raises(Fault, match="the helper process for rules did not start: it closed its output"):
        Sandbox(()).ask("times", 2, {}, None, 1.0)


def test_a_trusted_program_needs_no_helper() -> None:
    assert (
        refusal(Rule((ONE, run("refuses"))), kinds=KINDS)[0][1]
        == "`refuses` refuses these parameters: never twice the same."
    )
