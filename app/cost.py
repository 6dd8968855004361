"""What an operation may cost: its fields, times every list size above them, as a function of its variables.

Compiled once per document. What no variable decides is a number already; the rest is a small tree of sums and products.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)

from app.limits import exceeded
from domain.pages import MAX_FIRST

BUDGET = 20_000
MAX_IDS = 100
USUAL_LIST = 5
"""How many objects a list without `first` is taken to have."""
PAGE = 10
"""What a page costs beside its objects: each is read by a query of its own."""
PAGED = frozenset({"edges", "errors"})
"""Lists whose size is counted already, or is small."""

Variables = Mapping[str, Any]
Times = int | Callable[[Variables], int]


@dataclass(slots=True)
class Weight:
    """The cost of a selection set: `fixed`, and parts that count several times, or as often as the variables say."""

    fixed: int = 0
    parts: list[tuple[Times, "Weight"]] = field(default_factory=list)

    def add(self, times: Times, part: "Weight") -> None:
        """Count a part so many times; a part that no variable decides becomes a number at once."""
        if isinstance(times, int) and not part.parts:
            self.fixed += times * part.fixed
        else:
            self.parts.append((times, part))

    def __call__(self, variables: Variables, known: dict[int, int] | None = None) -> int:
        """The cost with these variables; a fragment is worked out once, however often it is used."""
        known = {} if known is None else known
        if id(self) not in known:
            known[id(self)] = self.fixed + sum(
                (times if isinstance(times, int) else times(variables)) * part(variables, known)
                for times, part in self.parts
            )
        return known[id(self)]


class Plan:
    """The weights of a document's operations."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[str, Weight] = {}
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self._weights = {d.name.value if d.name else None: self._operation(d) for d in operations}

    def check(self, operation: str | None, variables: Variables) -> int:
        """The cost of an operation with these variables. Refuse an operation that these variables make too costly, and a document that leaves open which is meant.

        An unknown name is refused later, elsewhere.
        """
        if not operation and len(self._weights) > 1:
            message = f"This document has {len(self._weights)} operations: name the one to run in `operationName`."
            raise GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
        weigh = self._weights.get(operation) if operation else next(iter(self._weights.values()), None)
        cost = 0 if weigh is None else weigh(variables)
        if cost > BUDGET:
            raise exceeded("points of cost (fields times the sizes of lists)", BUDGET, cost)
        return cost

    def _operation(self, node: OperationDefinitionNode) -> Callable[[Variables], int]:
        weight = self._weight(node.selection_set, self._schema.get_root_type(node.operation))
        defaults = {
            d.variable.name.value: value_from_ast_untyped(d.default_value)
            for d in node.variable_definitions or ()
            if d.default_value
        }
        if not defaults:
            return weight
        return lambda variables: weight({**defaults, **variables})

    def _weight(self, selections: SelectionSetNode, parent: Any) -> Weight:
        weight = Weight()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                weight.fixed += 1
                if node.selection_set and not node.name.value.startswith("__"):
                    schema_field = parent.fields[node.name.value]
                    below = self._weight(node.selection_set, get_named_type(schema_field.type))
                    weight.fixed += PAGE if "first" in schema_field.args else 0
                    weight.add(_times(node, schema_field), below)
            elif isinstance(node, FragmentSpreadNode):
                weight.add(1, self._fragment(node.name.value))
            else:
                weight.add(1, self._on(node, parent))
        return weight

    def _on(self, node: Any, parent: Any) -> Weight:
        condition = node.type_condition
        return self._weight(node.selection_set, self._schema.get_type(condition.name.value) if condition else parent)

    def _fragment(self, name: str) -> Weight:
        if name not in self._known:
            self._known[name] = self._on(self._fragments[name], None)
        return self._known[name]


def _times(node: FieldNode, schema_field: Any) -> Times:
    """How many objects a field may answer."""
    for name, argument in schema_field.args.items():
        if name == "first":
            return _argument(node, name, argument, page_size)
        if is_list_type(get_nullable_type(argument.type)) and get_named_type(argument.type).name in ("ID", "_Any"):
            return _argument(node, name, argument, partial(_list_size, name))
    if is_list_type(get_nullable_type(schema_field.type)) and node.name.value not in PAGED:
        return USUAL_LIST
    return 1


def _argument(node: FieldNode, name: str, argument: GraphQLArgument, size: Callable[[object], int]) -> Times:
    given: Any = next((a.value for a in node.arguments or () if a.name.value == name), None)
    if isinstance(given, VariableNode):
        variable = given.name.value
        return lambda variables: size(variables.get(variable, argument.default_value))
    if isinstance(given, ListValueNode):
        return size(given.values)
    return size(argument.default_value if given is None else value_from_ast_untyped(given))


def page_size(first: object) -> int:
    """`first`, which must be from 1 to 100."""
    if type(first) is int and 1 <= first <= MAX_FIRST:
        return first
    message = f"`first` is {str(first)[:20]}; it must be from 1 to {MAX_FIRST}."
    raise GraphQLError(message, extensions={"code": "BAD_USER_INPUT", "limit": MAX_FIRST})


def _list_size(name: str, ids: object) -> int:
    count = len(ids) if isinstance(ids, list | tuple) else 1  # GraphQL takes one value for a list of one
    if count > MAX_IDS:
        raise exceeded(f"items in `{name}`", MAX_IDS, count)
    return count
