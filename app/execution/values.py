"""How the value of a field becomes part of the answer: a name or number as it is written, a list, an object with its fields.

`put` never raises: what goes wrong is told at its place.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLAbstractType, GraphQLEnumType, GraphQLError, GraphQLLeafType, Undefined

from app.execution.places import Place
from app.execution.running import Run, is_awaitable

if TYPE_CHECKING:
    from app.execution.fields import Selection

Holder = dict[str, Any] | list[Any]


class Value:
    """What may stand at a place; `called` is the field's name, for errors."""

    __slots__ = ("called", "nodes", "nullable")

    def __init__(self, nodes: Sequence[FieldNode], called: str, *, nullable: bool) -> None:
        self.nodes = nodes
        self.called = called
        self.nullable = nullable

    def put(self, run: Run, value: Any, holder: Any, key: str | int, up: Place | None) -> None:
        """Fill `holder[key]` in, or see to it that a value that is not there yet will."""
        holder[key] = None
        if is_awaitable(value):
            run.later(value, partial(self._arrived, run, holder, key, up))
            return
        try:
            if isinstance(value, Exception):
                raise value  # noqa: TRY301 - a field may answer its error
            if value is not None and value is not Undefined:
                self.fill(run, value, holder, key, up)
            elif not self.nullable:
                raise self.missing()  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - it is told at its place
            self.fail(run, error, holder, key, up)

    def fill(self, run: Run, value: Any, holder: Any, key: str | int, up: Place | None) -> None:
        """Fill in a value that is there."""
        raise NotImplementedError

    def fail(self, run: Run, error: Exception, holder: Any, key: str | int, up: Place | None) -> None:
        """Tell an error at its place."""
        run.failures.add(error, self.nodes, Place(holder, key, self.nullable, up))

    def missing(self) -> TypeError:
        """There is no value where there must be one."""
        return TypeError(f"Cannot return null for non-nullable field {self.called}.")

    def _arrived(self, run: Run, holder: Any, key: str | int, up: Place | None, future: "asyncio.Future[Any]") -> None:
        try:
            value = future.result()
        except Exception as error:  # noqa: BLE001 - it is told at its place
            self.fail(run, error, holder, key, up)
        else:
            self.put(run, value, holder, key, up)


class Leaf(Value):
    """A scalar or an enum."""

    __slots__ = ("plain", "write")

    def __init__(self, nodes: Sequence[FieldNode], called: str, kind: GraphQLLeafType, *, nullable: bool) -> None:
        super().__init__(nodes, called, nullable=nullable)
        self.plain = AS_IT_IS.get(kind.name)
        self.write = writer(kind, self.plain)

    def fill(self, run: Run, value: Any, holder: Any, key: str | int, up: Place | None) -> None:
        holder[key] = self.write(value)


class Many(Value):
    """A list."""

    __slots__ = ("item",)

    def __init__(self, nodes: Sequence[FieldNode], called: str, item: Value, *, nullable: bool) -> None:
        super().__init__(nodes, called, nullable=nullable)
        self.item = item

    def fill(self, run: Run, value: Any, holder: Any, key: str | int, up: Place | None) -> None:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{self.called}'.")
        place, items = Place(holder, key, self.nullable, up), list[Any]()
        holder[key] = items
        put = self.item.put
        for index, each in enumerate(value):
            items.append(None)
            put(run, each, items, index, place)


class One(Value):
    """An object."""

    __slots__ = ("selection",)

    def __init__(self, nodes: Sequence[FieldNode], called: str, selection: "Selection", *, nullable: bool) -> None:
        super().__init__(nodes, called, nullable=nullable)
        self.selection = selection

    def fill(self, run: Run, value: Any, holder: Any, key: str | int, up: Place | None) -> None:
        holder[key] = out = dict[str, Any]()
        self.selection.fill(run, value, out, Place(holder, key, self.nullable, up))


class OneOf(Value):
    """An object whose type shows when it is there; what is selected of a type is worked out when it first comes."""

    __slots__ = ("_kind", "_selection_of", "_selections")

    def __init__(
        self,
        nodes: Sequence[FieldNode],
        called: str,
        kind: GraphQLAbstractType,
        selection_of: "Callable[[str], Selection]",
        *,
        nullable: bool,
    ) -> None:
        super().__init__(nodes, called, nullable=nullable)
        self._kind = kind
        self._selection_of = selection_of
        self._selections: dict[str, Selection] = {}

    def fill(self, run: Run, value: Any, holder: Any, key: str | int, up: Place | None) -> None:
        resolve: Any = self._kind.resolve_type
        name = resolve(value, run, self._kind)
        selection = self._selections.get(name)
        if selection is None:
            selection = self._selections[name] = self._selection_of(name)
        holder[key] = out = dict[str, Any]()
        selection.fill(run, value, out, Place(holder, key, self.nullable, up))


AS_IT_IS: Mapping[str, type] = {"String": str, "ID": str, "Boolean": bool}
"""Types whose values of this class are written as they are."""


def writer(kind: GraphQLLeafType, plain: type | None) -> Callable[[Any], Any]:
    """How values of a scalar or an enum are written; those of the class `plain` as they are."""
    write = kind.coerce_output_value
    if isinstance(kind, GraphQLEnumType):
        return write  # a name is looked up, or there is none

    def checked(value: Any) -> Any:
        if type(value) is plain:
            return value
        if isinstance(value, Exception):
            raise value
        written = write(value)
        if written is None or written is Undefined:
            raise TypeError(
                f"Expected `{kind}.coerce_output_value({value!r})` to return non-nullable value, returned: {written}"
            )
        return written

    return checked
