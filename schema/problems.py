"""The user errors of payloads: one GraphQL type per problem class of the domain, made from the class itself.

A new problem appears by being written; nothing is to be done here. Its docstring becomes the description, its fields
become fields. A `Decimal` is shown as `Decimal`, unless it is annotated as `Annotated[Decimal, "Points"]`.
"""

import importlib
import pkgutil
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import strawberry

import domain
from domain.decided_costs import refusal_told
from domain.engine.rejections import InsufficientPointBlocks
from domain.problems import Problem
from schema.base import SHOWN, direct, docstring, type_name
from schema.loads import PARTNER
from schema.scalars import Points

PLAIN = frozenset({str, int, bool, Decimal, date, datetime})
MARKED: dict[str, Any] = {"Points": Points, "ID": strawberry.ID}
"""What a marker in `Annotated[..., marker]` shows a value as."""


@strawberry.interface(description="Why a command was refused: nothing was changed.")
class UserError:
    """Shown from a `domain.problems.Problem`."""

    resolve_type = staticmethod(type_name)
    code: str = strawberry.field(description="For programs: it never changes.")
    message: str = strawberry.field(description="For people: what was wrong and what would be right.")
    path: list[str] = strawberry.field(description="Where in the input: `input`, then names of fields.")


DISCREET: frozenset[type[Problem]] = frozenset({InsufficientPointBlocks})
"""Problems of which not everybody is told everything: their fields ask who reads them."""

P = TypeVar("P", bound=Problem)
_made: dict[type[Problem], type] = {}


def problem_types(packages: tuple[str, ...] = ("domain.",)) -> list[type]:
    """A GraphQL type for every problem class of these packages, by name; two of one name are refused."""
    _import_pure_domain()
    named: dict[str, type[Problem]] = {}
    for problem in _descendants(Problem):
        if not problem.__module__.startswith(packages):
            continue
        other = named.setdefault(problem.__name__, problem)
        if other is not problem:
            raise TypeError(f"{problem.__module__} and {other.__module__} both have a problem {problem.__name__}")
    return [_type(named[name]) for name in sorted(named)]


def _import_pure_domain() -> None:
    """What is shown must not depend on what happens to be imported. (Services are, by the resolvers that call them.)"""
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        if module.name not in ("domain.services", "domain.store"):
            importlib.import_module(module.name)


def _descendants(problem: type[Problem]) -> Iterator[type[Problem]]:
    for one in problem.__subclasses__():
        # A slotted dataclass leaves the class it replaced behind: only the one its module holds counts.
        if getattr(sys.modules.get(one.__module__), one.__name__, one) is one:
            yield one
        yield from _descendants(one)


def _type(problem: type[Problem]) -> type:
    if problem not in _made:
        _made[problem] = _make(problem)
        SHOWN[problem] = problem.__name__
    return _made[problem]


def _make(problem: type[Problem]) -> type:
    hints = get_type_hints(problem, include_extras=True)
    own = {one.name: _shown(problem, one.name, hints[one.name]) for one in fields(problem) if one.name != "path"}
    body: dict[str, Any] = {"__annotations__": own, "__module__": __name__}
    if problem in DISCREET:
        own["message"] = str
        body |= {name: _as_told(name) for name in own}
    made = types.new_class(problem.__name__, (UserError,), exec_body=lambda namespace: namespace.update(body))
    return strawberry.type(made, description=docstring(problem))


async def told(problem: P, context: Any) -> P:
    """A problem as whoever asks may hear it."""
    scope = context.principal.scope
    company = None if scope.partner_id is None else await context.load(PARTNER, scope.partner_id)
    return refusal_told(scope, company and company.code, problem)


def _as_told(name: str) -> Any:
    async def resolve(problem: Problem, info: Any) -> Any:
        return getattr(await told(problem, info.context), name)

    return direct(resolve)


def _shown(problem: type[Problem], name: str, hint: Any) -> Any:
    """The GraphQL side of a field's type."""
    if get_origin(hint) is Annotated:
        plain, *markers = get_args(hint)
        return next((MARKED[m] for m in markers if m in MARKED), None) or _shown(problem, name, plain)
    if get_origin(hint) in (types.UnionType, Union):
        return Union[tuple(None if arm is type(None) else _shown(problem, name, arm) for arm in get_args(hint))]  # noqa: UP007
    if get_origin(hint) in (tuple, list):
        return list[_shown(problem, name, _element(get_args(hint)))]  # type: ignore[misc]
    if hint in PLAIN or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint
    raise TypeError(f"{problem.__module__}.{problem.__name__}.{name}: {hint} cannot be shown in a user error")


def _element(arguments: Iterable[Any]) -> Any:
    element, *rest = arguments
    if rest not in ([], [Ellipsis]):
        raise TypeError("only tuples of one type can be shown in a user error")
    return element
