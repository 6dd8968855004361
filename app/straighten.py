"""The shortest way to a value: after the schema is built, its fields are resolved without Strawberry in between.

Only fields with arguments and root fields keep Strawberry's machinery, which they need. A field that loads what nobody
answers stops the build here.
"""

from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLUnionType
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from resolvers.loaders import BATCHES
from schema.base import DirectField, type_name


def straighten(schema: GraphQLSchema) -> None:
    """Let plain attributes and direct fields be one function call, and names of types and values one look-up."""
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLUnionType):
            graphql_type.resolve_type = type_name
        if isinstance(graphql_type, CustomGraphQLEnumType):
            graphql_type.coerce_output_value = _names(graphql_type)  # type: ignore[method-assign]
        if isinstance(graphql_type, GraphQLObjectType):
            graphql_type.is_type_of = None
            for graphql_field in graphql_type.fields.values():
                _straighten_field(graphql_type.name, graphql_field)


def _straighten_field(type_: str, graphql_field: GraphQLField) -> None:
    made = graphql_field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(made, DirectField):
        if made.load is not None and made.load not in BATCHES:
            raise LookupError(f"{type_}.{made.python_name} loads {made.load}, which nobody answers with @loads")
        graphql_field.resolve = made.direct
    elif isinstance(made, StrawberryField) and made.is_basic_field:
        graphql_field.resolve = _attribute(made.python_name)


def _names(shown: CustomGraphQLEnumType) -> Any:
    """A value's name is looked up instead of being compared with every one there is."""
    return {shown.wrapped_cls(value.value): name for name, value in shown.values.items()}.__getitem__


def _attribute(name: str) -> Any:
    return lambda source, _info: getattr(source, name)
