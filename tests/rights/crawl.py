"""Asking every field of every object, through every path that begins at an id, in somebody's name."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.build import schema
from domain.people import Principal
from schema.ids import unseal
from tests.graphql.web import Web
from tests.rights.documents import Fields
from tests.support.graphql import Client

AT_ONCE = 3
OWN = frozenset({"__typename", "own"})
EMPTY: tuple[object, ...] = (None, [])
ONE_OF = frozenset({"transaction"})
"""Root fields of whose arguments, all optional, one must be given."""


@dataclass
class Found:
    """What somebody saw: the answers, per type the ids of what they were shown, the fields that had a value (`Member.name`), and
    errors other than refusals.
    """

    text: str = ""
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    fields: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


class Crawl:
    """All fields, asked in the name of a principal."""

    def __init__(self, web: Web, program: str) -> None:
        self._web = web
        self.fields = Fields(schema()._schema, program)

    async def roots(self, principal: Principal) -> Found:
        """Everything that root fields without arguments show."""
        found, query = Found(), schema()._schema.query_type
        assert query is not None
        for name, root in query.fields.items():
            needed = [key for key, each in root.args.items() if str(each.type).endswith("!") and key != "first"]
            if needed or name.startswith("_") or name in ONE_OF:
                continue
            arguments = "(first: 100)" if "first" in root.args else ""
            below = self.fields.below(root.type, 3)
            await self._ask(found, principal, f"{{ {name}{arguments} {{ {below} }} }}")
        return found

    async def objects(self, principal: Principal, ids: Iterable[str]) -> Found:
        """Every field of the objects with these ids, each asked by its id."""
        found = Found()
        by_type: dict[str, list[str]] = defaultdict(list)
        for id_ in sorted(ids):
            if (named := unseal(id_)) is not None:
                by_type[named.type].append(id_)
        for kind, mine in sorted(by_type.items()):
            for selected in self.fields.of_node(kind):
                for begin in range(0, len(mine), AT_ONCE):
                    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ own: id __typename {selected} }} }} }}"
                    await self._ask(found, principal, query, ids=mine[begin : begin + AT_ONCE])
        return found

    async def everything(self, principal: Principal) -> Found:
        """What the root fields show, and every object that is met on the way."""
        found = await self.roots(principal)
        seen: set[str] = set()
        while new := {id_ for ids in found.shown.values() for id_ in ids} - seen:
            seen |= new
            more = await self.objects(principal, new)
            found.text += more.text
            found.problems += more.problems
            for kind, ids in more.shown.items():
                found.shown[kind] |= ids
        return found

    async def _ask(self, found: Found, principal: Principal, query: str, **variables: Any) -> None:
        data, errors = await Client(self._web.database, principal, self._web.desk).execute(query, **variables)
        found.text += json.dumps(data, default=str)
        _collect(data, found.shown)
        _valued(data, found.fields)
        for error in errors:
            code = (error.extensions or {}).get("code")
            if code not in {"FORBIDDEN", "UNAUTHENTICATED"}:
                found.problems.append(f"{error.message} at {error.path} of {query[:300]}")


def _collect(data: Any, shown: dict[str, set[str]]) -> None:
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        if isinstance(value, str) and (found := unseal(value)) is not None:
            shown[found.type].add(value)
        else:
            _collect(value, shown)


def _valued(data: Any, fields: set[str]) -> None:
    """The fields of typed objects that have a value."""
    for value in data if isinstance(data, list) else data.values() if isinstance(data, dict) else ():
        _valued(value, fields)
    if isinstance(data, dict) and (kind := data.get("__typename")) is not None:
        fields.update(f"{kind}.{name}" for name, value in data.items() if name not in OWN and value not in EMPTY)
