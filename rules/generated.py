"""All promotions of a program as one Python function, made of their criteria: asked for every transaction, so every step counts.

What it does is what `rules/promotions.py` does one promotion after the other, and a test compares the two. Where anything
goes wrong in it, the caller asks those, which name the promotion and the rule.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from domain.promotions import Operator
from domain.rules import Fired
from rules.criteria import Comparison, Test
from rules.frames import Frame
from rules.operators import COMPARISONS
from rules.promotions import CompiledPromotion, CompiledRule

Weigh = Callable[[Frame, list[int], list[Fired]], None]
"""From a frame and the obstacles of all promotions: verdicts replace those that are 0, and what fired is added to the list."""

MOST = 20
"""Rules of a promotion, and criteria of a rule, that are written out; what is longer is asked as it is."""

SIGNS = {"EQUALS": "==", "NOT_EQUALS": "!=", "LESS": "<", "AT_MOST": "<=", "GREATER": ">", "AT_LEAST": ">="}

TEXTS: Mapping[Operator, str] = MappingProxyType({
    Operator.EQUALS: "{a} == {k}",
    Operator.BETWEEN: "{a} is not None and {k} <= {a} <= {k2}",
    Operator.IN: "{a} in {k}",
    Operator.NOT_IN: "{a} is not None and {a} not in {k}",
    Operator.IS_EMPTY: "{a} is None",
    Operator.IS_NOT_EMPTY: "{a} is not None",
    Operator.CONTAINS: "{a} is not None and {k} in {a}",
    **{
        operator: f"{{a}} is not None and {{a}} {SIGNS[operator.value]} {{k}}"
        for operator in COMPARISONS
        if operator is not Operator.EQUALS
    },
})  # fmt: skip
"""The operators of `rules/operators.py` with constants on the right, as they are written out."""


@dataclass(slots=True)
class _Source:
    """Lines of the function, and what its names stand for."""

    promotions: Sequence[CompiledPromotion]
    lines: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=lambda: {"Fired": Fired, "new": tuple.__new__})
    shared: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[type, Any], str] = field(default_factory=dict)

    def name(self, kind: str, value: Any) -> str:
        """A name for an object."""
        name = f"{kind}{len(self.names)}"
        self.names[name] = value
        return name

    def constant(self, value: Any) -> str:
        """A name for a constant; equal ones of a type share it."""
        key = type(value), value
        if key not in self.known:
            self.known[key] = self.name("k", value)
        return self.known[key]

    def write(self) -> str:
        """The whole function."""
        texts = Counter(text for rule in self._rules() for test in rule.tests if (text := self.comparison(test)))
        places = sorted({place for rule in self._rules() for test in rule.tests for place in _places(test)})
        self.lines = ["def weigh(f, v, fired):", *(f"    a{place} = f[{place}]" for place in places)]
        for text, count in texts.items():
            if count > 1:
                self.shared[text] = f"c{len(self.shared)}"
                self.lines.append(f"    {self.shared[text]} = {text}")
        for index, promotion in enumerate(self.promotions):
            self.lines += [f"    if not v[{index}]:", *self._promotion(index, promotion)]
        return "\n".join([*self.lines, "    return None"])

    def _rules(self) -> Iterator[CompiledRule]:
        return (rule for promotion in self.promotions for rule in promotion.rules)

    def comparison(self, test: Test) -> str | None:
        """A plain criterion as it is written out."""
        if test.plain is None:
            return None
        a, plain = f"a{test.plain.place}", test.plain
        if plain.other is not None:
            b = f"a{plain.other}"
            return f"({a} is not None and {b} is not None and {a} {SIGNS[plain.operator.value]} {b})"
        many = plain.operator in {Operator.IN, Operator.NOT_IN}
        values = [frozenset(plain.values)] if many else plain.values
        k, k2 = [*map(self.constant, values), "", ""][:2]
        return f"({TEXTS[plain.operator].format(a=a, k=k, k2=k2)})"

    def _condition(self, test: Test) -> str:
        text = self.comparison(test)
        return f"{self.name('t', test.holds)}(f)" if text is None else self.shared.get(text, text)

    def _promotion(self, index: int, promotion: CompiledPromotion) -> Iterator[str]:
        longest = max(len(rule.tests) for rule in promotion.rules)
        if len(promotion.groups) > 1 or max(longest, len(promotion.rules)) > MOST:
            yield f"        v[{index}] = {self.name('p', promotion.weigh)}(f, fired)"
            return
        for rule, first in zip(promotion.rules, promotion.first_places, strict=True):
            if rule.index:
                yield f"        if v[{index}]:"
            yield from self._rule(index, rule, first, "    " if rule.index else "")

    def _rule(self, index: int, rule: CompiledRule, first: int, indent: str) -> Iterator[str]:
        word = "if"
        for place, test in enumerate(rule.tests, first):
            yield f"{indent}        {word} not {self._condition(test)}: v[{index}] = {place}"
            word = "elif"
        begin = f"{indent}        else:" if rule.tests else f"{indent}        if True:"
        back = f"v[{index}] = 0; " if rule.index else ""
        propose = rule.actions[0] if len(rule.actions) == 1 else rule.proposals
        proposals = f"{self.name('p', propose)}(f)"
        yield f"{begin} {back}fired.append(new(Fired, ({index}, {rule.index}, {proposals})))"


def _places(test: Test) -> Iterator[int]:
    plain: Comparison | None = test.plain
    if plain is not None:
        yield plain.place
        if plain.other is not None:
            yield plain.other


def generate(promotions: Sequence[CompiledPromotion]) -> Weigh:
    """The function; its text is made of numbers and of names for constants, never of anything that somebody wrote."""
    source = _Source(promotions)
    code = compile(source.write(), "<promotions>", "exec")
    exec(code, source.names)  # noqa: S102 - see above
    weigh: Weigh = source.names["weigh"]
    return weigh
