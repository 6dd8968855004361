"""Documents made from the schema: the shortest one that calls an operation, and those that ask every field of a type.

Arguments of fields that must be given are known by their names (`Fields.given`), others are asked with a sample of their type.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

SAMPLES: dict[str, Any] = {
    "ID": "nothing", "String": "NOTHING", "Int": 1, "Boolean": True, "Points": "1", "Decimal": "1", "Date": "2026-01-01",
    "DateTime": "2026-01-01T00:00:00Z", "Attributes": {}, "JSON": {}, "_Any": {"__typename": "Member", "id": "nothing"},
}  # fmt: skip
"""A value of every scalar, for what must be given."""

TODAY = datetime.now(UTC).date()

DEEPEST = 4
"""Levels of objects without an id below one that has an id."""
FIELDS_AT_ONCE = 3
FIRST = 3


def sample(input_type: Any) -> Any:
    """A value of an input type with nothing but what must be given; a list has one item."""
    if isinstance(input_type, GraphQLNonNull):
        return sample(input_type.of_type)
    if is_list_type(input_type):
        return [sample(input_type.of_type)]
    if isinstance(input_type, GraphQLEnumType):
        return next(iter(input_type.values))
    if isinstance(input_type, GraphQLInputObjectType):
        if input_type.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].is_one_of:
            name, field = next(iter(input_type.fields.items()))
            return {name: sample(field.type)}
        return {name: sample(field.type) for name, field in input_type.fields.items() if is_required_input_field(field)}
    return SAMPLES[input_type.name]


def call(kind: str, name: str, field: Any) -> tuple[str, dict[str, Any]]:
    """The shortest document that calls an operation, and its variables."""
    needed = {key: argument for key, argument in field.args.items() if is_required_argument(argument)}
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in needed.items())
    passed = ", ".join(f"{key}: ${key}" for key in needed)
    head = f"{kind}({declared})" if needed else kind
    below = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    document = f"{head} {{ {name}{f'({passed})' if needed else ''}{below} }}"
    return document, {key: sample(argument.type) for key, argument in needed.items()}


class Fields:
    """Selections of every field of every type of a schema; `asked` are those that were ever selected."""

    def __init__(self, schema: GraphQLSchema, program: str) -> None:
        self._schema = schema
        begin, end = str(TODAY - timedelta(days=300)), str(TODAY)
        self._given = {"program": program, "from": begin, "to": end, "through": end}
        self.nodes = sorted(each.name for each in schema.get_implementations(_node(schema)).objects)
        self.asked: set[str] = set()

    def of_node(self, name: str) -> Iterator[str]:
        """Selections that together ask every field of a type with an id, and of what is below it."""
        kind = self._object(name)
        chosen = [self._field(kind, field, DEEPEST, through=True) for field in kind.fields]
        for begin in range(0, len(chosen), FIELDS_AT_ONCE):
            yield " ".join(filter(None, chosen[begin : begin + FIELDS_AT_ONCE]))

    def below(self, shown: Any, levels: int = DEEPEST) -> str:
        """What to select of a type: of an object with an id its own values, of others everything below them."""
        named = get_named_type(shown)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            kinds = self._schema.get_possible_types(named)
            own = " ".join(f"... on {kind.name} {{ {self._of(kind, levels)} }}" for kind in kinds)
            return f"__typename {own if len(kinds) <= FIELDS_AT_ONCE else ''}"
        return self._of(named, levels)

    def _of(self, kind: GraphQLObjectType, levels: int) -> str:
        parts = [self._field(kind, name, levels - 1, through=kind.name not in self.nodes) for name in kind.fields]
        return " ".join(["__typename", *filter(None, parts)])

    def _field(self, kind: GraphQLObjectType, name: str, levels: int, *, through: bool) -> str:
        """One field with what is below it; nothing for an object, if those are not gone through or are too deep."""
        field = kind.fields[name]
        leaf = is_leaf_type(get_named_type(field.type))
        if not leaf and (levels <= 0 or not through):
            return ""
        self.asked.add(f"{kind.name}.{name}")
        arguments = self._arguments(field)
        selected = "" if leaf else f" {{ {self.below(field.type, levels)} }}"
        return f"{name}{arguments}{selected}"

    def _arguments(self, field: Any) -> str:
        said = {key: self._literal(key, each) for key, each in field.args.items() if is_required_argument(each)}
        if "first" in field.args:
            said["first"] = str(FIRST)
        return f"({', '.join(f'{key}: {value}' for key, value in said.items())})" if said else ""

    def _literal(self, key: str, argument: Any) -> str:
        if key in self._given:
            return json.dumps(self._given[key])
        value = sample(argument.type)
        return str(value) if isinstance(get_named_type(argument.type), GraphQLEnumType) else json.dumps(value)

    def _object(self, name: str) -> GraphQLObjectType:
        found = self._schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found


def _node(schema: GraphQLSchema) -> GraphQLInterfaceType:
    found = schema.type_map["Node"]
    assert isinstance(found, GraphQLInterfaceType)
    return found
