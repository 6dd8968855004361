"""The fields that are selected of an object: leaves that are read at once, and fields whose value may have to be awaited."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo, default_field_resolver
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from app.execution.places import Place
from app.execution.running import Run, is_awaitable
from app.execution.values import Leaf, Value
from schema.base import DirectField

if TYPE_CHECKING:
    from app.execution.compiling import Parts

Read = Callable[[Any, Any], Any]
NOTHING: Mapping[str, Any] = {}


class Field:
    """One field of a selection: `name` in the answer, how it is resolved, and what its value becomes."""

    __slots__ = ("_arguments", "_direct", "_made", "_node", "_nodes", "_parent", "_parts", "_resolve", "name", "value")

    def __init__(  # noqa: PLR0917 - what graphql-core says of a field
        self,
        name: str,
        nodes: Sequence[FieldNode],
        made: GraphQLField,
        parent: GraphQLObjectType,
        value: Value,
        parts: "Parts",
    ) -> None:
        self.name = name
        self.value = value
        self._nodes, self._node = list(nodes), nodes[0]
        self._made, self._parent, self._parts = made, parent, parts
        definition = made.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        self._direct = isinstance(definition, StrawberryField) and (
            isinstance(definition, DirectField) or definition.is_basic_field
        )
        self._resolve: Any = made.resolve or default_field_resolver
        self._arguments = self._fixed_arguments()

    def _fixed_arguments(self) -> Mapping[str, Any] | None:
        """The arguments, where no variable decides them."""
        if not self._made.args:
            return NOTHING
        return None if self._node.arguments else get_argument_values(self._made, self._node, NO_VARIABLES)

    def begin(self, run: Run, source: Any, out: dict[str, Any], place: Place | None) -> None:
        """Resolve it into `out`, now or later."""
        try:
            value = self.resolved(run, source, place)
        except Exception as error:  # noqa: BLE001 - it is told at its place
            out[self.name] = None
            self.value.fail(run, error, out, self.name, place)
        else:
            self.value.put(run, value, out, self.name, place)

    async def awaited(self, run: Run, source: Any, out: dict[str, Any]) -> None:
        """The same for a field of the outermost level, whose value is awaited here."""
        try:
            value = self.resolved(run, source, None)
            if is_awaitable(value):
                value = await value
        except Exception as error:  # noqa: BLE001 - it is told at its place
            out[self.name] = None
            self.value.fail(run, error, out, self.name, None)
        else:
            self.value.put(run, value, out, self.name, None)

    def resolved(self, run: Run, source: Any, place: Place | None) -> Any:
        """What its resolver answers; raises what that raises, and bad arguments."""
        if self._direct:
            return self._resolve(source, run)
        arguments = self._arguments
        if arguments is None:
            arguments = get_argument_values(self._made, self._node, run.variables)
        return self._resolve(source, self._info(run, place), **arguments)

    def _info(self, run: Run, place: Place | None) -> GraphQLResolveInfo[Any]:
        parts = self._parts
        path: Path | None = None
        for key in () if place is None else place.path():
            path = Path(path, key, None)
        resolve_info: Any = GraphQLResolveInfo
        return resolve_info(  # type: ignore[no-any-return]
            self._node.name.value, self._nodes, self._made.type, self._parent, Path(path, self.name, self._parent.name),
            parts.schema, parts.fragments, None, parts.node, run.variables.coerced, run.context, is_awaitable, None, None,
        )  # fmt: skip


class Selection:
    """What is selected of an object, in the order of the answer."""

    __slots__ = ("_steps", "fields")

    def __init__(self, fields: Sequence[tuple[Field, Read | None]]) -> None:
        self.fields = [field for field, _ in fields]
        self._steps = [(field.name, read, field) for field, read in fields]

    def fill(self, run: Run, source: Any, out: dict[str, Any], place: Place | None) -> None:
        """Fill an object in; what must be awaited follows."""
        for name, read, field in self._steps:
            if read is None:
                field.begin(run, source, out, place)
                continue
            try:
                out[name] = read(source, run)
            except Pending as pending:
                field.value.put(run, pending.value, out, name, place)
            except Exception as error:  # noqa: BLE001 - it is told at its place
                out[name] = None
                field.value.fail(run, error, out, name, place)


class Pending(Exception):
    """A leaf whose value is not there yet."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def attribute_reader(name: str, leaf: Leaf) -> Read:
    """Reads an attribute, and writes it."""
    get, write, missing = attrgetter(name), leaf.write, None if leaf.nullable else leaf.missing
    plain = leaf.plain

    def read(source: Any, _run: Run) -> Any:
        value = get(source)
        if type(value) is plain:
            return value
        if value is None:
            if missing is None:
                return None
            raise missing()
        return write(value)

    return read


def computed_reader(compute: Read, leaf: Leaf) -> Read:
    """Reads what a function of the object says, and writes it; raises Pending where that must be awaited."""
    write, missing = leaf.write, None if leaf.nullable else leaf.missing

    def read(source: Any, run: Run) -> Any:
        value = compute(source, run)
        if value is None:
            if missing is None:
                return None
            raise missing()
        if is_awaitable(value):
            raise Pending(value)
        return write(value)

    return read


NO_VARIABLES = VariableValues({}, {})
