"""Parameters of rule kinds: checked against the kind's model, plus two that every base rule takes.

`when` are criteria on the transaction; `lines` are criteria on line items, and the rule then sees only the lines that meet them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.problems import Invalid, Missing, Problem, Refused
from domain.promotions import Criterion, LineTest, Operator
from domain.rule_problems import InvalidRule
from domain.rules import RuleKindInfo
from rules.kinds import Parameters, Role, RuleKind


class CriterionParameters(Parameters):
    """A structured criterion in JSON, with the words of the API."""

    attribute: str
    operator: Operator
    values: tuple[bool | str | int | Decimal, ...] = ()
    other: str | None = None
    factor: Decimal | None = None
    lines: LineTest | None = None
    where: tuple["CriterionParameters", ...] = ()

    def criterion(self) -> Criterion:
        where = tuple(nested.criterion() for nested in self.where)
        return Criterion(self.attribute, self.operator, self.values, self.other, self.factor, self.lines, where)


class Conditions(BaseModel):
    """What every base rule takes beside its kind's own parameters."""

    model_config = ConfigDict(frozen=True)

    when: tuple[CriterionParameters, ...] = Field((), description="Criteria that the transaction must meet")
    lines: tuple[CriterionParameters, ...] | None = Field(
        None, description="Criteria on line items: the rule sees the amount and quantity of those alone"
    )

    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(each.criterion() for each in self.when)

    def selection(self) -> tuple[Criterion, ...] | None:
        return None if self.lines is None else tuple(each.criterion() for each in self.lines)


def split(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A base rule's parameters: the conditions, and those of its kind."""
    conditions = {name: value for name, value in parameters.items() if name in Conditions.model_fields}
    return conditions, {name: value for name, value in parameters.items() if name not in conditions}


def validated(model: type[BaseModel], parameters: Mapping[str, Any]) -> Any:
    """An instance of the model; refuses with one problem per parameter that is wrong, each with its place."""
    try:
        return model.model_validate(dict(parameters))
    except ValidationError as error:
        raise Refused(*(_problem(found) for found in error.errors(include_url=False))) from None


def _problem(found: Mapping[str, Any]) -> Problem:
    path = ("parameters", *(str(part) for part in found["loc"]))
    if found["type"] == "missing":
        return Missing(path=path, why="this kind of rule needs it")
    if found["type"] == "extra_forbidden":
        return InvalidRule(path=path, reason=f"{path[-1]!r} is no parameter of this kind of rule")
    expected = found["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return Invalid(path=path, value=str(found["input"]), expected=expected)


def described(kind: RuleKind[Any]) -> RuleKindInfo:
    """A kind as the API shows it; the schema holds everything its parameters may contain."""
    schema = kind.parameters.model_json_schema(by_alias=True)
    if kind.role is Role.BASE:
        extra = Conditions.model_json_schema(by_alias=True)
        schema["properties"] = {**schema.get("properties", {}), **extra["properties"]}
        schema["$defs"] = {**schema.get("$defs", {}), **extra["$defs"]}
    return RuleKindInfo(kind.name, kind.version, kind.role.value, kind.summary, schema)
