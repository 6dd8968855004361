"""From a document to what executes it.

Not compiled are subscriptions, documents with directives (`@skip`, `@include`: what they leave depends on variables), and
introspection, which is rare and has all the time it needs; nor operations with very many fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import get_variable_values
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from app.execution.fields import NO_VARIABLES, Field, Read, Selection, attribute_reader, computed_reader
from app.execution.running import Run
from app.execution.values import Leaf, Many, One, OneOf, Value
from schema.base import DirectField

MOST_FIELDS = 1_000
"""Of one operation; more are not compiled, so that what is remembered is bounded."""

TYPE_NAME = "__typename"


class TooLarge(Exception):
    """An operation with more fields than are compiled."""


class Compiled:
    """An operation that can be executed again and again."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode) -> None:
        kind = schema.get_root_type(node.operation)
        assert kind is not None, "the document is valid"
        self._schema = schema
        self._definitions = node.variable_definitions or ()
        self._fields = Parts(schema, document, node).root(kind).fields
        self._serially = node.operation is OperationType.MUTATION or len(self._fields) == 1

    async def run(self, context: Any, variables: dict[str, Any]) -> ExecutionResult:
        """Execute it. `variables` as they were sent."""
        coerced = get_variable_values(self._schema, self._definitions, variables, max_errors=50)
        if isinstance(coerced, list):
            return ExecutionResult(None, coerced)
        run, data = Run(context, coerced), dict[str, Any]()
        await (self._one_by_one if self._serially else self._together)(run, data)
        failures = run.failures
        return ExecutionResult(None if failures.all_gone else data, failures.errors or None)

    async def _one_by_one(self, run: Run, data: dict[str, Any]) -> None:
        for field in self._fields:
            await field.awaited(run, None, data)
            await run.settled()
            if run.failures.all_gone:
                return

    async def _together(self, run: Run, data: dict[str, Any]) -> None:
        for field in self._fields:
            field.begin(run, None, data, None)
        await run.settled()


def compiled(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, Compiled]:
    """The operations of a valid document that can be compiled, by name."""
    found = Seen()
    visit(document, found)
    if found.special:
        return {}
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    try:
        return {
            None if each.name is None else each.name.value: Compiled(schema, document, each)
            for each in operations
            if each.operation is not OperationType.SUBSCRIPTION
        }
    except TooLarge:
        return {}


class Seen(Visitor):
    """Whether a document has something that is not compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.special = False

    def enter_directive(self, _node: DirectiveNode, *_: Any) -> None:
        self.special = True

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.special |= node.name.value.startswith("__") and node.name.value != TYPE_NAME


class Parts:
    """Makes the parts of one operation, which share what graphql-core says of it."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode) -> None:
        self.schema = schema
        self.node = node
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._details = {name: FragmentDetails(fragment, None) for name, fragment in self.fragments.items()}
        self._left = MOST_FIELDS

    def root(self, kind: GraphQLObjectType) -> Selection:
        """What is selected on the outermost level; raises TooLarge."""
        found = collect_fields(self.schema, self._details, NO_VARIABLES, kind, self.node)
        return self._selection(kind, found.grouped_field_set)

    def below(self, kind: GraphQLObjectType, details: Any) -> Selection:
        """What is selected of a value."""
        found = collect_subfields(self.schema, self._details, NO_VARIABLES, self.node, kind, details)
        return self._selection(kind, found.grouped_field_set)

    def _selection(self, kind: GraphQLObjectType, grouped: Mapping[str, Any]) -> Selection:
        self._left -= len(grouped)
        if self._left < 0:
            raise TooLarge
        return Selection([self._field(kind, name, details) for name, details in grouped.items()])

    def _field(self, parent: GraphQLObjectType, name: str, details: Any) -> tuple[Field, Read | None]:
        nodes = [each.node for each in details]
        called = nodes[0].name.value
        made = self.schema.get_field(parent, called)
        assert made is not None, "the document is valid"
        value = self._value(made.type, details, nodes, f"{parent.name}.{called}")
        field = Field(name, nodes, made, parent, value, self)
        read = (
            _constant(parent.name) if called == TYPE_NAME else _read(made, value) if isinstance(value, Leaf) else None
        )
        return field, read

    def _value(
        self, kind: GraphQLOutputType, details: Any, nodes: Sequence[FieldNode], called: str, *, nullable: bool = True
    ) -> Value:
        if is_non_null_type(kind):
            return self._value(kind.of_type, details, nodes, called, nullable=False)
        if is_list_type(kind):
            return Many(nodes, called, self._value(kind.of_type, details, nodes, called), nullable=nullable)
        if is_leaf_type(kind):
            return Leaf(nodes, called, kind, nullable=nullable)
        if is_abstract_type(kind):
            return OneOf(nodes, called, kind, lambda name: self._of_type(name, details), nullable=nullable)
        assert isinstance(kind, GraphQLObjectType)
        return One(nodes, called, self.below(kind, details), nullable=nullable)

    def _of_type(self, name: str, details: Any) -> Selection:
        """What is selected of a value whose type has shown: types are few, so that this is never too much."""
        self._left = MOST_FIELDS
        kind = self.schema.get_type(name)
        assert isinstance(kind, GraphQLObjectType), name
        return self.below(kind, details)


def _read(made: GraphQLField, leaf: Leaf) -> Read | None:
    """Reads a leaf whose value is usually there at once."""
    definition = made.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(definition, DirectField):
        return computed_reader(definition.direct, leaf) if definition.load is None else None
    if isinstance(definition, StrawberryField) and definition.is_basic_field:
        return attribute_reader(definition.python_name, leaf)
    return None


def _constant(value: str) -> Read:
    return lambda _source, _info: value
