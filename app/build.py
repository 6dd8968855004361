"""The schema: every noun's root fields, with everything that each operation passes through.

A noun joins by one line in `NOUNS`. A root field without rights, or a load that nobody answers, stops the build here.
"""

import importlib
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLObjectType, GraphQLUnionType, NoSchemaIntrospectionCustomRule
from graphql.validation import ASTValidationRule
from strawberry import federation
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.tools import create_type
from strawberry.types import ExecutionContext
from strawberry.types.field import StrawberryField

from app.documents import Documents
from app.errors import mask
from app.metrics import OPERATIONS
from resolvers.context import Info
from resolvers.loaders import unanswered
from resolvers.roots import ROOTS, Roots, require
from schema.base import KEYS, DirectField, type_name
from schema.problems import problem_types
from schema.scalars import SCALARS

NOUNS = ("node", "viewer")
"""Modules of `resolvers` that declare root fields."""

FEDERATION = "2.9"
NOTHING = nullcontext()

NAME = 100
"""Characters of an operation's name that the log keeps."""


class Operation(SchemaExtension):
    """A context of its own for every operation, fresh loaders for every event, and no word about our bugs to strangers."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def on_operation(self) -> Iterator[None]:
        run = self.execution_context
        if run.context is not None:
            run.context = run.context.fresh()
        self._documents.prepare(run)
        structlog.contextvars.bind_contextvars(operation=(run.operation_name or "")[:NAME], actor=_actor(run.context))
        yield
        mask(run.result)
        OPERATIONS.labels(_outcome(run.result)).inc()

    def on_stream_result(self, result: Any) -> Iterator[None]:
        mask(result)
        yield
        self.execution_context.context.renew()


def _actor(context: Any) -> int | None:
    return None if context is None else context.principal.person_id


def _outcome(result: Any) -> str:
    return "errors" if result is not None and result.errors else "answered"


class Runner(SchemaExtensionsRunner):
    """Our one extension acts around whole operations and on events: nothing needs to be set up for the steps between."""

    def parsing(self) -> Any:
        return NOTHING

    def validation(self) -> Any:
        return NOTHING

    def executing(self) -> Any:
        return NOTHING

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        return ctx.extensions_results


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Freed as soon as it is done: its helpers (which nothing of ours uses) point back to it and would keep it alive until
    the garbage collector comes by, once per request.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.async_helpers = None  # type: ignore[assignment]


class Schema(federation.Schema):
    """A federation schema whose `_entities` passes our table of rights, and which leaves logging to us."""

    def __init__(self, roots: Roots, **options: Any) -> None:
        self._entity_rights = roots.roles("_entities")
        super().__init__(
            query=create_type("Query", roots.queries),
            mutation=create_type("Mutation", roots.mutations) if roots.mutations else None,
            subscription=create_type("Subscription", roots.subscriptions) if roots.subscriptions else None,
            **options,
        )
        straighten(self)

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> Runner:
        return Runner(execution_context, extensions)

    def entities_resolver(self, info: Info, representations: list[federation.schema.FederationAny]) -> list[Any]:
        """Objects for the gateway of a federation: each representation is `{__typename, id}`."""
        require(self._entity_rights, info)
        return [_entity(info, one) for one in representations]

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """They are logged where they are hidden."""


def _entity(info: Info, representation: Any) -> Any:
    match representation:
        case {"__typename": str(kind), "id": str(id_)} if kind in KEYS:
            return info.context.node(id_)
    message = "A representation is an object with `__typename`, one of our types, and `id`."
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def straighten(schema: Schema) -> None:
    """Let plain attributes and direct fields be one function call, and names of types and values one look-up."""
    for graphql_type in schema._schema.type_map.values():  # noqa: SLF001 Strawberry has no public name for it
        if isinstance(graphql_type, GraphQLUnionType):
            graphql_type.resolve_type = type_name
        if isinstance(graphql_type, CustomGraphQLEnumType):
            graphql_type.coerce_output_value = _names(graphql_type)  # type: ignore[method-assign]
        if not isinstance(graphql_type, GraphQLObjectType):
            continue
        graphql_type.is_type_of = None
        for graphql_field in graphql_type.fields.values():
            made = graphql_field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(made, DirectField):
                graphql_field.resolve = made.direct
            elif isinstance(made, StrawberryField) and made.is_basic_field:
                graphql_field.resolve = _attribute(made.python_name)


def _names(shown: CustomGraphQLEnumType) -> Any:
    """Look a value's name up instead of comparing it with every one there is."""
    return {shown.wrapped_cls(value.value): name for name, value in shown.values.items()}.__getitem__


def _attribute(name: str) -> Any:
    return lambda source, _info: getattr(source, name)


def import_nouns() -> None:
    """Let every noun declare its roots, loads and enums: problems are shown only after that, by the same names."""
    for noun in NOUNS:
        importlib.import_module(f"resolvers.{noun}")


def build(roots: Roots = ROOTS, *, production: bool = False, packages: tuple[str, ...] = ("domain.",)) -> Schema:
    """The schema of some roots and of the problems of `packages`. In production it does not describe itself."""
    import_nouns()
    if missing := unanswered():
        raise LookupError(f"nobody answers these loads of schema/loads.py: {', '.join(missing)}")
    rules: list[type[ASTValidationRule]] = [NoSchemaIntrospectionCustomRule] if production else []
    documents = Documents(*rules)
    return Schema(
        roots,
        types=problem_types(packages),
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=production),
        extensions=[lambda: Operation(documents)],
        execution_context_class=Executor,
        federation_version=FEDERATION,
    )


@cache
def schema(*, production: bool = False) -> Schema:
    """The schema of the product."""
    return build(production=production)


def print_schema() -> str:
    """The schema in its own language, as it is committed in `schema.graphql`."""
    return schema().as_str() + "\n"
