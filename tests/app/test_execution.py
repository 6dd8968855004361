"""What is compiled answers to the letter what graphql-core answers: values, nulls, errors, their places and their order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from app.execution import compiled
from app.execution.compiling import MOST_FIELDS
from schema.ids import seal
from tests.app.stamps import BIG, CLERK, context, sample, stamp_schema

SDL = """
interface Thing { name: String }
type Box implements Thing { name: String must: String! box: Box sure: Box! boxes: [Box!]! maybe: [Box] rows: [[Int!]] any: Thing all: [Thing!] }
type Ball implements Thing { name: String weight(times: Int! = 2, tag: String): Int! }
type Query { box: Box other: Box! any: Thing }
type Mutation { first: Box second: Box! third: Box }
"""
DOCUMENT = """
query ($times: Int! = 3, $tag: String) { a: box { ...parts } other { ...parts box { ...parts } } any { ...ball __typename } }
fragment parts on Box {
  __typename name renamed: name must box { name sure { must } } sure { name box { must } } boxes { name must }
  boxes { box { name } } maybe { must } rows any { name ... on Box { must } ...ball } all { name ...ball }
}
fragment ball on Ball { weight(times: $times, tag: $tag) twice: weight light: weight(times: 0) }
"""
MUTATION = "mutation { first { name must } second { name } third { must } __typename }"
NAMES = (
    "name",
    "must",
    "box",
    "sure",
    "boxes",
    "maybe",
    "rows",
    "any",
    "all",
    "weight",
    "other",
    "first",
    "second",
    "third",
)

Source = dict[str, Any]


class Behaviour:
    """What happens when a field is asked: `how` it answers, and with what."""

    def __init__(self, how: str, value: Any) -> None:
        self.how, self.value = how, value

    def answer(self) -> Any:
        """A value, an error, or one of them later."""
        match self.how:
            case "raise":
                raise ValueError("broken")
            case "error":
                return GraphQLError("an error as a value")
            case "later":
                return asyncio.ensure_future(self._later(0))
            case "coroutine":
                return self._later(0)
            case "future":
                return asyncio.ensure_future(self._later(1))
            case "fail later":
                return asyncio.ensure_future(self._fail())  # graphql-core forgets coroutines beside an error
        return self.value

    async def _later(self, turns: int) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return self.value

    async def _fail(self) -> Any:
        await asyncio.sleep(0)
        raise ValueError("broken later")


def resolve(source: Source, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A field of a source."""
    found = (source or info.context)[info.field_name]
    if info.field_name == "weight":
        assert info.path.as_list()[-1] in {"weight", "twice", "light"}
        return found.value if arguments["times"] > 1 else (_ for _ in ()).throw(ValueError(str(arguments)))
    return found.answer()


def made() -> GraphQLSchema:
    schema = build_schema(SDL)
    for kind in ("Box", "Ball", "Query", "Mutation"):
        for field in schema.type_map[kind].fields.values():  # type: ignore[attr-defined]
            field.resolve = resolve
    schema.type_map["Thing"].resolve_type = lambda value, *_: value["kind"]  # type: ignore[attr-defined]
    return schema


SCHEMA = made()
QUERY, COMMANDS = parse(DOCUMENT), parse(MUTATION)
assert not validate(SCHEMA, QUERY), validate(SCHEMA, QUERY)

SYNC, ASYNC = ("value", "value", "value", "raise", "error"), ("later", "future", "fail later")


def sources(hows: tuple[str, ...]) -> st.SearchStrategy[Source]:
    """Sources whose fields answer in these ways, now and then with null or with nonsense."""
    how = st.sampled_from(hows)

    def field(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Behaviour]:
        return st.builds(Behaviour, how, st.one_of(values, values, values, st.none()))

    def boxes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Source]:
        objects = st.one_of(inner, st.none())
        many = st.one_of(st.lists(objects, max_size=3), st.just(5))
        text, rows = (
            st.sampled_from(("text", {})),
            st.lists(st.one_of(st.lists(st.sampled_from((1, None, "x"))), st.none()), max_size=2),
        )
        values = {
            "name": text,
            "must": text,
            "boxes": many,
            "maybe": many,
            "all": many,
            "rows": rows,
            "weight": st.just(1),
        }
        return st.fixed_dictionaries({
            "kind": st.just("Box"), **{name: field(values.get(name, objects)) for name in NAMES}
        })  # fmt: skip

    ball = st.fixed_dictionaries(
        {
            "kind": st.just("Ball"),
            "name": field(st.just("ball")),
            "weight": st.builds(Behaviour, st.just("value"), st.one_of(st.just(1), st.none())),
        }
    )
    return st.recursive(boxes(ball), boxes, max_leaves=6)


async def both(document: Any, source: Source, variables: dict[str, Any]) -> tuple[ExecutionResult, ExecutionResult]:
    """What is compiled answers, and what graphql-core does."""
    [operation] = compiled(SCHEMA, document).values()
    mine = await operation.run(source, variables)
    theirs = execute(SCHEMA, document, context_value=source, variable_values=variables)
    return mine, await theirs if isinstance(theirs, Awaitable) else theirs


def told(result: ExecutionResult) -> list[Any]:
    return [(error.message, error.path, error.locations) for error in result.errors or []]


@given(sources(SYNC), st.sampled_from(({}, {"times": 2, "tag": "x"}, {"times": 0}, {"times": None}, {"times": "x"})))
@settings(max_examples=80, deadline=None)
def test_values_nulls_and_errors_are_the_same(source: Source, variables: dict[str, Any]) -> None:
    mine, theirs = asyncio.run(both(QUERY, source, variables))
    assert (mine.data, told(mine)) == (theirs.data, told(theirs))
    mine, theirs = asyncio.run(both(COMMANDS, source, {}))
    assert (mine.data, told(mine)) == (theirs.data, told(theirs))


@given(sources((*SYNC, *ASYNC)))
@settings(max_examples=80, deadline=None)
def test_values_that_come_later_make_no_difference(source: Source) -> None:
    mine, theirs = asyncio.run(both(QUERY, source, {}))
    assert mine.data == theirs.data
    assert bool(mine.errors) == bool(theirs.errors)
    mine, theirs = asyncio.run(both(COMMANDS, source, {}))
    assert (mine.data, told(mine)) == (theirs.data, told(theirs))


@pytest.mark.parametrize(
    "query",
    [
        "{ box @include(if: true) { name } }",
        "query ($no: Boolean!) { box { name @skip(if: $no) } }",
        "{ __schema { types { name } } }",
        "{ box { " + " ".join(f"n{number}: name" for number in range(MOST_FIELDS)) + " } }",
    ],
)
def test_what_is_special_is_left_to_graphql_core(query: str) -> None:
    assert not validate(SCHEMA, parse(query))
    assert compiled(SCHEMA, parse(query)) == {}


async def test_mutations_wait_for_each_other_down_to_the_last_leaf() -> None:
    seen: list[str] = []

    def behaviour(name: str) -> Callable[[], Any]:
        async def answer() -> Any:
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            seen.append(f"{name} ends")
            return "x"

        return answer

    def box(name: str) -> Source:
        late = Behaviour("value", None)
        late.answer = behaviour(name)  # type: ignore[method-assign]
        return {"kind": "Box", "name": late, "must": late}

    source = {name: Behaviour("coroutine", box(name)) for name in ("first", "second", "third")}
    [operation] = compiled(SCHEMA, parse("mutation { first { name } second { name } third { name } }")).values()
    assert (await operation.run(source, {})).errors is None
    assert seen == [f"{name} {what}" for name in ("first", "second", "third") for what in ("begins", "ends")]


async def test_whoever_gives_up_takes_along_what_was_begun() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    class Endless(Behaviour):
        async def _later(self, turns: int) -> Any:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

    source = {"box": Endless("coroutine", None), "any": Behaviour("value", None)}
    [operation] = compiled(SCHEMA, parse("{ box { name } any { name } }")).values()
    running = asyncio.ensure_future(operation.run(source, {}))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await ended.wait()


async def test_the_product_executes_what_is_compiled_as_it_does_the_rest() -> None:
    query = f"""{{book(id:"{seal("BookType", BIG + 1)}") %s {{
        id title __typename stamps{{worth book{{id}}}} paged(first:2){{totalCount edges{{node{{position}}}}}}}}}}"""
    schema = stamp_schema()
    asked = context(sample(), CLERK)
    shown = [await schema.execute(query % said, context_value=asked) for said in ("", "@include(if: true)")]
    assert shown[0].errors is shown[1].errors is None
    assert shown[0].data == shown[1].data
    assert (shown[0].data or {})["book"]["paged"]["totalCount"] == 3
