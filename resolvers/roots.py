'''Root fields: who may call them, and what a refusal looks like. The only place for both.

How a noun plugs in, in `resolvers/<noun>.py`, which `app/build.py` names in its list:

    @loads(MEMBERS, node="Member")                      # MEMBERS is declared in schema/loads.py
    async def _members(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Member | None]: ...

    @query(Member | None)                               # roles: an entry in resolvers/rights.py
    async def member(info: Info, id: strawberry.ID) -> d.Member | None:
        """A member by id."""                           # becomes the description; answers domain objects

    @mutation(MemberEnrollPayload)                      # nullable; Refused becomes the payload's `errors`
    async def member_enroll(info: Info, input: MemberEnrollInput) -> Receipt[d.Member]: ...

    @subscription(Transaction)                          # an async generator of domain objects
    async def transaction_changed(info: Info, member: strawberry.ID) -> AsyncGenerator[d.Transaction, None]: ...
'''

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from domain.people import LOG_INS
from domain.problems import Refused
from domain.receipts import Receipt
from resolvers.context import NOBODY, Context, Info
from resolvers.figures import ERRORS
from resolvers.places import placed
from resolvers.rights import RIGHTS, Roles
from schema.base import docstring

Resolver = Callable[..., Any]

ASK_AGAIN_SECONDS = 2
"""How long a subscription goes on with rights that may be gone."""


class MissingRights(Exception):
    """A root field that nobody has decided about."""


def require(roles: Roles, info: Info) -> None:
    """Refuse callers without any of the roles."""
    principal = info.context.principal
    if not roles.isdisjoint(principal.roles):
        return
    if principal is NOBODY:
        raise GraphQLError("Say who you are: this needs a token.", extensions={"code": "UNAUTHENTICATED"})
    needed = ", ".join(sorted(role.value for role in roles))
    kind = "the role" if len(roles) == 1 else "one of"
    raise GraphQLError(
        f"You may not call {info.field_name}: it needs {kind} {needed}.", extensions={"code": "FORBIDDEN"}
    )


class Rights(FieldExtension):
    """Refuses callers without one of the roles that the table names."""

    def __init__(self, roles: Roles) -> None:
        self.roles = roles

    def resolve(self, next_: Resolver, source: object, info: Info, **arguments: Any) -> Any:
        require(self.roles, info)
        return next_(source, info, **arguments)

    async def resolve_async(self, next_: Resolver, source: object, info: Info, **arguments: Any) -> Any:
        require(self.roles, info)
        answer = next_(source, info, **arguments)
        return await answer if isawaitable(answer) else answer


class Command(Rights):
    """Also turns a refusal into the payload's `errors`, and lets the payload read afresh."""

    resolve = FieldExtension.resolve

    async def resolve_async(self, next_: Resolver, source: object, info: Info, **arguments: Any) -> Any:
        require(self.roles, info)
        try:
            receipt: Receipt[Any] = await next_(source, info, **arguments)
        except Refused as refused:
            receipt = Receipt(errors=refused.problems)
        finally:
            info.context.renew()
        for problem in receipt.errors:
            ERRORS.labels("payload", problem.code).inc()
        return replace(receipt, errors=placed(receipt.errors, arguments)) if receipt.errors else receipt


class Stream(Rights):
    """Of a subscription: who may still see it is asked again from time to time, and its source is closed with it."""

    async def resolve_async(self, next_: Resolver, source: object, info: Info, **arguments: Any) -> Any:
        require(self.roles, info)
        return self._still_allowed(info.context, next_(source, info, **arguments))

    async def _still_allowed(self, context: Context, events: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
        asked = time.monotonic()
        async with aclosing(events):
            with context.streams.one(context.principal):
                async for event in events:
                    if time.monotonic() - asked > ASK_AGAIN_SECONDS:
                        await _check_again(context)
                        asked = time.monotonic()
                    yield event


async def _check_again(context: Context) -> None:
    if context.ask_again is not None and await context.ask_again() != context.principal:
        raise GraphQLError("Your token or your rights have changed: subscribe again.", extensions={"code": "FORBIDDEN"})


class Roots:
    """The root fields of one schema, and the table that says who may call them."""

    def __init__(self, rights: Mapping[str, Roles]) -> None:
        self.rights = rights
        self.queries: list[StrawberryField] = []
        self.mutations: list[StrawberryField] = []
        self.subscriptions: list[StrawberryField] = []

    def query(self, graphql_type: Any, **options: Any) -> Callable[[Resolver], StrawberryField]:
        """Declare a query; its resolver answers domain objects."""
        return lambda resolver: self._root(self.queries, strawberry.field, Rights, graphql_type, resolver, options)

    def mutation(self, payload: Any, **options: Any) -> Callable[[Resolver], StrawberryField]:
        """Declare a mutation. It is nullable: a failing second mutation must not erase the receipt of the first."""
        return lambda resolver: self._root(
            self.mutations, strawberry.mutation, Command, payload | None, resolver, options
        )

    def subscription(self, graphql_type: Any, **options: Any) -> Callable[[Resolver], StrawberryField]:
        """Declare a subscription; its resolver is an async generator of domain objects."""
        return lambda resolver: self._root(
            self.subscriptions, strawberry.subscription, Stream, graphql_type, resolver, options
        )

    def roles(self, name: str) -> Roles:
        """Who may call an operation."""
        if name not in self.rights:
            raise MissingRights(f"{name} has no entry in resolvers/rights.py: say which roles may call it")
        return self.rights[name]

    def _root(  # noqa: PLR0917 one private place behind three short doors
        self,
        declared: list[StrawberryField],
        make: Any,
        guard: type[Rights],
        graphql_type: Any,
        resolver: Resolver,
        options: dict[str, Any],
    ) -> StrawberryField:
        roles = self.roles(options.get("name") or to_camel_case(resolver.__name__))
        options = {"description": f"{docstring(resolver)} {_said(roles)}", **options}
        root: StrawberryField = make(graphql_type=graphql_type, extensions=[guard(roles)], **options)(resolver)
        declared.append(root)
        return root


def _said(roles: Roles) -> str:
    """Who may call an operation, as its description ends."""
    named = ", ".join(role.value for role in LOG_INS if role in roles)
    return f"Roles: {'all' if roles.issuperset(LOG_INS) else named}."


ROOTS = Roots(RIGHTS)
query, mutation, subscription = ROOTS.query, ROOTS.mutation, ROOTS.subscription
