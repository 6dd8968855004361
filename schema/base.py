"""How a GraphQL type shows a domain class: by its attributes, without being one.

`@shows(model)` makes the type; plain annotations are attributes of the model; `loaded` and `computed` are fields that cost
a function call; only `field` (for fields with arguments) goes through Strawberry's machinery.
"""

import enum
from collections.abc import Callable
from copy import copy
from typing import Any, Self, TypeVar, dataclass_transform

import strawberry
from strawberry import federation
from strawberry.types.field import StrawberryField

from schema.context import K, Load, V
from schema.ids import seal
from schema.inputs import Builder

T = TypeVar("T")
Direct = Callable[[Any, Any], Any]

SHOWN: dict[type, str] = {}
"""Domain class -> name of the GraphQL type that shows it."""

KEYS: dict[str, tuple[str, ...]] = {}
"""Name of a GraphQL type with a global id -> the attributes that make its key."""

_IDS: dict[type, Callable[[Any], str]] = {}
"""Domain class -> its objects' global ids."""


class DirectField(StrawberryField):
    """A field that is a plain function of the object and graphql-core's info: the build puts `direct` in its place.

    `load` is what it loads, if it does: somebody must answer that. Of its info a direct field asks for nothing but the `context`.
    """

    direct: Direct
    load: Load[Any, Any] | None = None

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied.direct, copied.load = self.direct, self.load
        return copied


def direct(resolve: Direct, description: str | None = None) -> Any:
    """A field without arguments, resolved by `resolve(object, info)`: the fastest kind there is."""
    made = DirectField(description=description)
    made.direct = resolve
    return made


def computed(compute: Callable[[Any], Any], description: str | None = None) -> Any:
    """A field that follows from the object alone."""
    return direct(lambda source, _: compute(source), description)


def loaded(load: Load[K, V], by: str | Callable[[Any], K | None], description: str | None = None) -> Any:
    """A related object (or list) that is loaded by a key of this one: an attribute's name, or a function. No key: null."""
    key = by if callable(by) else lambda source: getattr(source, by)

    def resolve(source: Any, info: Any) -> Any:
        found = key(source)
        return None if found is None else info.context.load(load, found)

    made = direct(resolve, description)
    made.load = load
    return made


def field(graphql_type: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A field with arguments; its resolver answers domain objects, and its `self` is the domain object too."""
    made: Any = strawberry.field(graphql_type=graphql_type, **options)
    return lambda resolver: _described(made, resolver)(resolver)


def _described(made: StrawberryField, resolver: Callable[..., Any]) -> StrawberryField:
    described = copy(made)
    described.description = made.description or resolver.__doc__
    return described


def global_id(value: object) -> str:
    """The global id of a domain object."""
    return _IDS[type(value)](value)


def type_name(value: object, _info: object = None, _type: object = None) -> str:
    """The type of an object in an interface or a union: one look-up, however many types there are."""
    return SHOWN[type(value)]


@strawberry.interface(description="An object with a global id, to be read again by `node`.")
class Node:
    """Types that inherit from it are found by `node`; their global id is made from the key given to `shows`."""

    resolve_type = staticmethod(type_name)
    id: strawberry.ID = computed(global_id, "The same object has the same id for ever.")


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def shows(model: type, *, key: tuple[str, ...] = ("id",)) -> Callable[[type[T]], type[T]]:
    """Make a GraphQL type of the class below it, for objects of `model`; its docstring is its description.

    `key` names the attributes of the model that make a Node's global id: integers, of 64 bits at most.
    """

    def decorate(cls: type[T]) -> type[T]:
        shown = SHOWN.setdefault(model, cls.__name__)
        if shown != cls.__name__:
            raise TypeError(
                f"{model.__qualname__} is shown by {shown} already, it cannot be shown by {cls.__name__} too"
            )
        if not issubclass(cls, Node):
            return strawberry.type(cls, description=docstring(cls))
        KEYS[cls.__name__] = key
        _IDS[model] = _sealer(cls.__name__, key)
        cls.is_type_of = staticmethod(lambda value, _: type(value) is model)  # type: ignore[attr-defined]
        cls.resolve_reference = classmethod(_resolve_reference)  # type: ignore[attr-defined]
        return federation.type(cls, description=docstring(cls), keys=["id"])

    return decorate


def _sealer(kind: str, key: tuple[str, ...]) -> Callable[[Any], str]:
    if len(key) == 1:
        only = key[0]
        return lambda value: seal(kind, getattr(value, only))
    return lambda value: seal(kind, *(getattr(value, part) for part in key))


def _resolve_reference(_cls: type, info: strawberry.Info[Any, None], id: str) -> Any:
    """What the gateway of a federation asks for."""
    return info.context.node(id)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def takes(cls: type[T]) -> type[T]:
    """Make a GraphQL input of the class below it; its docstring is its description."""
    return _built(strawberry.input(cls, description=docstring(cls)))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def takes_one(cls: type[T]) -> type[T]:
    """The same for an input of which exactly one field must be given; all are optional, their default is UNSET."""
    return _built(strawberry.input(cls, description=docstring(cls), one_of=True))


def _built(cls: type[T]) -> type[T]:
    cls.__strawberry_definition__.from_input = Builder()  # type: ignore[attr-defined]
    return cls


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def answers(cls: type[T]) -> type[T]:
    """Make a payload type of the class below it; its docstring is its description."""
    return strawberry.type(cls, description=docstring(cls))


def offers(model: type[enum.Enum], name: str | None = None) -> None:
    """Show an enum of the domain under its own name or another; its docstring is its description."""
    wanted = name or model.__name__
    shown = getattr(model, "__strawberry_definition__", None)
    if shown is None:
        strawberry.enum(model, name=wanted, description=docstring(model))
    elif shown.name != wanted:
        raise TypeError(f"{model.__qualname__} is shown as {shown.name} already, it cannot be {wanted} too")
    else:
        # Where a type shows it before it is offered, Strawberry has made it without its description.
        shown.description = docstring(model)


def docstring(thing: Any) -> str:
    """The description of something that clients see, which must have one of its own."""
    found = thing.__dict__.get("__doc__") if isinstance(thing, type) else thing.__doc__
    if not found:
        raise TypeError(
            f"{thing.__qualname__} is shown to clients: it needs a docstring, which becomes its description"
        )
    return " ".join(found.split())
