"""The schema: every noun's root fields, with everything that each operation passes through.

A noun joins by one line in `NOUNS`. A root field without rights, or a field that loads what nobody answers, stops the build.
"""

import asyncio
import importlib
from functools import cache
from typing import Any

from graphql import FieldNode, GraphQLError, NoSchemaIntrospectionCustomRule
from graphql.validation import ASTValidationRule
from strawberry import federation
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.field import StrawberryField

from app.documents import Documents
from app.errors import timed_out
from app.operation import Executor, Operation, Runner
from app.straighten import straighten
from resolvers.context import Info
from resolvers.roots import ROOTS, Roots, require
from schema.base import KEYS
from schema.problems import problem_types
from schema.scalars import SCALARS

NOUNS = (
    "node",
    "viewer",
    "programs",
    "products",
    "promotions",
    "joint_promotions",
    "campaigns",
    "partners",
    "pricing_rules",
    "partner_transactions",
    "partner_accounts",
    "blocks",
    "people",
    "api_keys",
    "activities",
    "partner_programs",
    "applications",
    "memberships",
    "members",
    "families",
    "merges",
    "erasure",
    "member_export",
    "tiers",
    "loans",
    "inbox",
    "ledger",
    "statements",
    "refunds",
    "transactions",
    "imports",
    "disputes",
    "transaction_moves",
    "points",
    "simulations",
    "decisions",
    "batch_runs",
    "webhooks",
    "jobs",
    "requeuing",
    "vouchers",
    "holds",
)
"""Modules of `resolvers` that declare root fields."""

FEDERATION = "2.9"

DESCRIPTIONS = {
    "Query": "What can be asked.",
    "Mutation": "What can be done. Each answers what came of it, and `errors` that say why it was refused.",
    "Subscription": "What can be watched.",
}


class Schema(federation.Schema):
    """A federation schema whose `_entities` passes our table of rights, which leaves logging to us, and which executes what is
    compiled.
    """

    def __init__(self, roots: Roots, documents: Documents, **options: Any) -> None:
        self._entity_rights = roots.roles("_entities")
        self._documents = documents
        super().__init__(
            query=_root("Query", roots.queries),
            mutation=_root("Mutation", roots.mutations) if roots.mutations else None,
            subscription=_root("Subscription", roots.subscriptions) if roots.subscriptions else None,
            **options,
        )
        straighten(self._schema)

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> Runner:
        return Runner(execution_context, extensions)

    async def _execute_operation(self, execution_context: ExecutionContext, *rest: Any) -> Any:
        if execution_context.context is None:
            return await self._executed(execution_context, *rest)
        seconds = execution_context.context.settings.operation_seconds
        patience = asyncio.timeout(seconds)
        try:
            async with patience:
                return await self._executed(execution_context, *rest)
        except TimeoutError:
            if not patience.expired():
                raise
            execution_context.result = ExecutionResult(data=None, errors=[timed_out(seconds)])
            return execution_context.result

    async def _executed(self, execution_context: ExecutionContext, *rest: Any) -> Any:
        known = self._documents.compiled(execution_context)
        if known is None:
            return await super()._execute_operation(execution_context, *rest)
        result = await known.run(execution_context.context, execution_context.variables or {})
        execution_context.result = result
        return result

    def entities_resolver(self, info: Info, representations: list[federation.schema.FederationAny]) -> list[Any]:
        """Objects for the gateway of a federation: each representation is `{__typename, id}`."""
        require(self._entity_rights, info)
        return [_entity(info, one) for one in representations]

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """They are logged where they are hidden."""


class Undescribed(NoSchemaIntrospectionCustomRule):
    """Refuses introspection, and `_service`, which tells the gateway of a federation as much: give it `milepost schema`."""

    def enter_field(self, node: FieldNode, *rest: Any) -> None:
        super().enter_field(node, *rest)
        if node.name.value == "_service":
            self.report_error(GraphQLError("This server does not describe itself: `_service` is not answered.", node))


def _root(name: str, fields: list[StrawberryField]) -> type:
    return create_type(name, fields, description=DESCRIPTIONS[name])


def _entity(info: Info, representation: Any) -> Any:
    match representation:
        case {"__typename": str(kind), "id": str(id_)} if kind in KEYS:
            return info.context.node(id_)
    message = "A representation is an object with `__typename`, one of our types, and `id`."
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def import_nouns() -> None:
    """Let every noun declare its roots, loads and enums: problems are shown only after that, by the same names."""
    for noun in NOUNS:
        importlib.import_module(f"resolvers.{noun}")


def build(roots: Roots = ROOTS, *, production: bool = False, packages: tuple[str, ...] = ("domain.",)) -> Schema:
    """The schema of some roots and of the problems of `packages`. In production it does not describe itself."""
    import_nouns()
    rules: list[type[ASTValidationRule]] = [Undescribed] if production else []
    documents = Documents(*rules, suggest=not production)
    return Schema(
        roots,
        documents,
        types=problem_types(packages),
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=production),
        extensions=[lambda: Operation(documents, suggest=not production)],
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
