"""Asking the product's own schema as a client does, with everything but HTTP in between."""

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

from app.build import schema
from domain.people import Principal
from domain.receipts import Receipt
from domain.store.database import Database
from domain.store.json import decode, encode
from resolvers.context import Context


@dataclass(frozen=True)
class InTests:
    """The settings that resolvers see."""

    environment: str = "test"
    webhooks_private: bool = False
    slow_ms: int = 1_000
    operation_seconds: float = 600


class NoDesk:
    """Stands for the group-commit desk where nothing may be posted."""

    async def submit(self, _command: Any) -> Receipt[Any]:
        """Nobody should get here."""
        raise AssertionError("nothing is posted in this test")


@dataclass(frozen=True)
class Client:
    """Somebody who asks; `desk` commits postings in groups, where a test needs that."""

    database: Database
    principal: Principal
    desk: Any = field(default_factory=NoDesk)
    settings: InTests = InTests()

    async def execute(self, query: str, /, **variables: Any) -> tuple[Any, list[GraphQLError]]:
        """The data, and the top-level errors. Variables arrive as over HTTP: a fraction is an exact decimal."""
        context = Context(self.settings, self.database, self.desk, self.principal)
        result = await schema().execute(query, decode(encode(variables)), context_value=context)
        return result.data, list(result.errors or ())

    async def ask(self, query: str, /, **variables: Any) -> Any:
        """The data of a request that must have no top-level errors."""
        data, errors = await self.execute(query, **variables)
        assert errors == [], errors
        return data

    async def command(self, name: str, shown: str, /, **given: Any) -> Any:
        """The payload of one mutation, with the input `given`; `shown` are the fields of the payload besides the errors."""
        kind = f"{name[:1].upper()}{name[1:]}Input"
        query = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {shown} errors {{ code message path }} }} }}"
        return (await self.ask(query, input=given))[name]

    async def refused(self, name: str, /, **given: Any) -> list[tuple[str, str]]:
        """Why a mutation was refused: code and path of each error, the path without `input`."""
        errors = (await self.command(name, "__typename", **given))["errors"]
        assert errors != [], f"{name} was carried out"
        return [(error["code"], ".".join(error["path"][1:])) for error in errors]
