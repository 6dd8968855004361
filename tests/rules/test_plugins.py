"""Plug-ins: found through the entry-point group like the built-in rules; whatever goes wrong in one is its own fault."""

from decimal import Decimal
from importlib.metadata import EntryPoint
from typing import Any

import pytest

import rules.builtin
from domain.programs import BaseRule
from domain.promotions import Rule, RunRule
from domain.rules import Award, Base, CurrencyMismatch, RuleError, RuleKindInfo
from rules import rule_kinds
from rules.hooks import GROUP
from rules.registry import installed, load
from tests.rules.samples import ONE, a_line, a_promotion, compiled, error_of, facts, proposed, refusal
from tests.rules.stranger import EVERYTHING

STRANGER = EntryPoint("stranger", "tests.rules.stranger", GROUP)
KINDS = load([STRANGER])


def run(kind: str, version: int = 1, **parameters: Any) -> RunRule:
    return RunRule(kind, parameters, version)


def points_of(answer: tuple[Any, ...]) -> Decimal:
    (award,) = answer
    assert isinstance(award, Award)
    return award.points


def test_the_built_in_rules_come_through_the_same_door() -> None:
    assert ("builtin", "rules.builtin") in installed().origins
    assert [(kind.name, kind.version) for kind in rules.builtin.milepost_rule_kinds()] == [
        ("perAmount", 1), ("perQuantity", 1), ("perDistance", 1), ("ranges", 1), ("constant", 1),
    ]  # fmt: skip
    assert all(installed().find(kind.name, 1) is kind for kind in rules.builtin.milepost_rule_kinds())


def test_a_plug_in_gets_its_parameters_and_what_it_reads() -> None:
    answer = proposed(run("times", 2, factor="1.5"), facts(transaction__amount=Decimal("20.50")), KINDS)
    assert answer == (Award(None, qualifying=False, points=Decimal("30.750")),)


def test_a_plug_in_may_propose_everything_that_a_promotion_may() -> None:
    assert proposed(run("everything"), facts(), KINDS) == EVERYTHING


def test_a_plug_in_may_propose_nothing() -> None:
    assert proposed(run("nothing"), facts(), KINDS) == ()


NONSENSE = [
    ("raises", "raises 1 failed: ZeroDivisionError: division by zero"),
    ("rejects", "rejects 1 rejected it: no flight of that number"),
    ("forgets", "forgets 1 failed: KeyError: 'member.name'"),
    ("mutates", "mutates 1 failed: TypeError: 'mappingproxy' object does not support item assignment"),
    ("float", "float 1 gave nonsense: 1.5 is neither points nor a proposal"),
    ("nan", "nan 1 gave nonsense: Decimal('NaN') is neither points nor a proposal"),
    ("infinity", "infinity 1 gave nonsense: Decimal('Infinity') points; expected a finite Decimal"),
    ("text", "text 1 gave nonsense: 'many' is neither points nor a proposal"),
    ("bool", "bool 1 gave nonsense: True is neither points nor a proposal"),
    ("negative", "negative 1 gave nonsense: -1 points; expected none or more"),
    ("unknownPointType", "unknownPointType 1 gave nonsense: there is no point type 'GOLD'"),
    ("truthy", "truthy 1 gave nonsense: qualifying cannot be 1"),
    ("forbidden", "forbidden 1 gave nonsense: 'member.name' is no attribute that a rule may change"),
    ("wrongValue", "wrongValue 1 gave nonsense: value cannot be 'one'"),
    ("textArithmetic", "textArithmetic 1 gave nonsense: operation cannot be <AttributeOperation.ADD: 'ADD'>"),
    ("zeroDivision", "zeroDivision 1 gave nonsense: counters.flights would be divided by zero"),
    ("noVouchers", "noVouchers 1 gave nonsense: quantity cannot be 0"),
    ("flood", "flood 1 proposed 101 things; at most 100 are allowed"),
]


@pytest.mark.parametrize(("kind", "message"), NONSENSE)
def test_a_plug_in_that_goes_wrong_rejects_this_transaction_and_is_named(kind: str, message: str) -> None:
    assert error_of(run(kind), facts(a_line()), KINDS) == message


def test_a_plug_in_that_goes_wrong_harms_no_other_transaction() -> None:
    program = compiled(
        a_promotion(Rule((ONE,)), code="GOOD"), a_promotion(Rule((run("raises"),)), code="BAD"), kinds=KINDS
    )
    with pytest.raises(RuleError, match="promotion BAD, rule 1: raises 1 failed"):
        program.judge(facts(), [0, 1])
    assert len(program.judge(facts(), [0])) == 1


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("base.nan", "base.nan 1 gave Decimal('NaN'); expected a finite Decimal, or None where it does not apply"),
        ("base.float", "base.float 1 gave 1.5; expected a finite Decimal, or None where it does not apply"),
        ("base.negative", "base.negative 1 gave -1 points; base points are never negative"),
        ("base.rejects", "base.rejects 1 rejected it: no flight of that number"),
        ("base.raises", "base.raises 1 failed: ZeroDivisionError: division by zero"),
    ],
)
def test_a_base_rule_that_goes_wrong_rejects_this_transaction_and_is_named(kind: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        compiled(base=(BaseRule(kind, {}),), kinds=KINDS).base(facts())
    assert (caught.value.where, caught.value.message) == (f"base rule 1 ({kind})", message)


def test_a_base_rule_of_a_stranger_may_decline_or_name_its_currency() -> None:
    assert compiled(base=(BaseRule("base.nothing", {}),), kinds=KINDS).base(facts()) == Base(Decimal(0), None)
    with pytest.raises(CurrencyMismatch, match="base points are defined for CHF"):
        compiled(base=(BaseRule("base.wrongCurrency", {}),), kinds=KINDS).base(facts())


def test_a_base_rule_of_a_stranger_sees_only_the_selected_lines() -> None:
    wine = {"lines": [{"attribute": "product", "operator": "EQUALS", "values": ["WINE"]}]}
    given = facts(a_line("WINE", "20"), a_line("MILK", "3"), a_line("WINE", "5.50"))
    assert compiled(base=(BaseRule("base.lineSum", wine),), kinds=KINDS).base(given) == Base(Decimal("25.50"), 0)
    assert compiled(base=(BaseRule("base.lineSum", {}),), kinds=KINDS).base(given) == Base(Decimal("28.50"), 0)


@pytest.mark.parametrize(
    ("action", "path", "message"),
    [
        (run("times"), ("kind",), "No rule kind 'times' of version 1 is installed"),
        (run("times", 2, factor="x"), ("parameters", "factor"), "factor is 'x'; expected a valid decimal."),
        (run("times", 2, size=1), ("parameters", "size"), "'size' is no parameter of this kind of rule."),
        (run("refuses"), ("kind",), "`refuses` refuses these parameters: never twice the same."),
        (run("readsUnknown"), ("parameters",), "There is no attribute 'transaction.attributes.cabin'"),
        (run("base.nan"), ("kind",), "`base.nan` is a base rule of programs, not an action."),
    ],
)
def test_a_plug_in_is_refused_at_activation_with_its_place(
    action: RunRule, path: tuple[str, ...], message: str
) -> None:
    ((found, said),) = refusal(Rule((action,)), kinds=KINDS)
    assert found == ("promotions", "SPRING", "rules", "0", "actions", "0", *path)
    assert said.startswith(message)


def test_an_action_is_no_base_rule() -> None:
    assert refusal(base=(BaseRule("times", {}, 2),), kinds=KINDS) == [
        (("baseRules", "0", "kind"), "`times` is an action of promotions, not a base rule."),
    ]


def test_a_package_that_cannot_be_loaded_harms_no_other() -> None:
    kinds = load([EntryPoint("broken", "tests.rules.nowhere", GROUP), STRANGER])
    assert kinds.failures == {"broken": "ModuleNotFoundError: No module named 'tests.rules.nowhere'"}
    assert proposed(run("nothing"), facts(), kinds) == ()
    ((_, message),) = refusal(Rule((run("magic"),)), kinds=kinds)
    assert message.endswith("not loadable: broken: ModuleNotFoundError: No module named 'tests.rules.nowhere'.")


def test_a_package_without_the_hook_is_no_package_of_rules() -> None:
    kinds = load([EntryPoint("empty", "tests.rules.samples", GROUP)])
    assert (dict(kinds.kinds), dict(kinds.failures)) == ({}, {"empty": "ValueError: it provides no rule kinds"})


def test_a_second_package_with_the_same_kind_is_left_out_and_said() -> None:
    kinds = load([EntryPoint("one", "rules.builtin", GROUP), EntryPoint("two", "rules.builtin", GROUP)])
    assert list(kinds.failures) == []
    again = load([STRANGER, EntryPoint("zwei", "tests.rules.twin", GROUP)])
    assert again.failures == {"zwei": "times 2 is already provided by another package"}


def test_the_kinds_are_described_with_the_schema_of_their_parameters() -> None:
    kinds = {kind.name: kind for kind in rule_kinds()}
    assert list(kinds) == ["constant", "perAmount", "perDistance", "perQuantity", "ranges"]
    amount = kinds["perAmount"]
    assert isinstance(amount, RuleKindInfo)
    assert (amount.version, amount.role, amount.summary) == (1, "BASE", "Points per amount spent in a currency")
    assert sorted(amount.parameters["properties"]) == ["counting", "currency", "lines", "points", "unit", "when"]
    assert amount.parameters["required"] == ["points", "currency"]
    assert "CriterionParameters" in amount.parameters["$defs"]
    assert sorted(kinds["ranges"].parameters["$defs"]["Range"]["properties"]) == ["from", "points", "to"]
