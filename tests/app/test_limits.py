"""Limits: every one names itself and what was found, and a small document cannot blow up into a large one."""

from typing import Any
from unittest import mock

import pytest
from graphql import ExecutionResult, parse, validate

from app import documents
from app.build import Schema
from app.cost import Plan
from app.documents import MAX_ERRORS
from schema.ids import seal
from tests.app.stamps import BIG, Shelf, context, sample, stamp_schema

BOOK = seal("BookType", BIG + 1)


@pytest.fixture(scope="module")
def schema() -> Schema:
    return stamp_schema()


async def run(schema: Schema, query: str, variables: Any = None, shelf: Shelf | None = None, **options: Any) -> Any:
    return await schema.execute(query, variables, context_value=context(shelf or sample()), **options)


async def refusal(schema: Schema, query: str, variables: Any = None) -> tuple[str, Any]:
    """The message and code of the one error that ended a request before anything ran."""
    shelf = sample()
    result = await run(schema, query, variables, shelf)
    assert (result.data, shelf.calls, len(result.errors)) == (None, [], 1)
    return result.errors[0].message, (result.errors[0].extensions or {}).get("code")


def nested(levels: int) -> str:
    """A query of exactly so many levels of fields."""
    return f'{{book(id:"{BOOK}")' + "{next" * (levels - 2) + "{id}" + "}" * (levels - 2) + "}"


async def test_fifteen_levels_are_allowed_and_sixteen_are_not(schema: Schema) -> None:
    assert (await run(schema, nested(15))).errors is None
    expected = "This request has 16 levels of fields; at most 15 are allowed."
    assert await refusal(schema, nested(16)) == (expected, "LIMIT_EXCEEDED")


async def test_levels_are_counted_through_fragments(schema: Schema) -> None:
    query = nested(14).replace("{id}", "{...F}") + " fragment F on BookType{next{next{id}}}"
    expected = "This request has 16 levels of fields; at most 15 are allowed."
    assert await refusal(schema, query) == (expected, "LIMIT_EXCEEDED")


async def test_thirty_aliases_are_allowed_and_one_more_is_not(schema: Schema) -> None:
    def aliases(count: int) -> str:
        return f'{{book(id:"{BOOK}"){{' + " ".join(f"a{i}:title" for i in range(count)) + "}}"

    assert (await run(schema, aliases(30))).errors is None
    expected = "This request has 31 aliases; at most 30 are allowed."
    assert await refusal(schema, aliases(31)) == (expected, "LIMIT_EXCEEDED")


async def test_ten_root_fields_are_allowed_and_one_more_is_not_wherever_it_stands(schema: Schema) -> None:
    ten = " ".join("viewer{subject}" for _ in range(10))
    assert (await run(schema, f"{{{ten}}}")).errors is None
    query = f"{{{ten} ...F}} fragment F on Query{{...{{viewer{{subject}}}}}}"
    expected = "This request has 11 root fields; at most 10 are allowed."
    assert await refusal(schema, query) == (expected, "LIMIT_EXCEEDED")


async def test_twenty_directives_are_allowed_and_one_more_is_not(schema: Schema) -> None:
    def directives(count: int) -> str:
        return "{viewer{" + " ".join("subject@skip(if:false)" for _ in range(count)) + "}}"

    assert (await run(schema, directives(20))).errors is None
    expected = "This request has 21 directives; at most 20 are allowed."
    assert await refusal(schema, directives(21)) == (expected, "LIMIT_EXCEEDED")


async def test_a_document_has_at_most_two_thousand_tokens(schema: Schema) -> None:
    message, _ = await refusal(schema, "{" + "viewer " * 2000 + "}")
    assert message == "Syntax Error: Document contains more than 2000 tokens. Parsing aborted."


async def test_a_document_has_at_most_fifty_thousand_characters(schema: Schema) -> None:
    expected = "This request has 60,019 characters in its document; at most 50,000 are allowed."
    assert await refusal(schema, "{viewer{subject}} #" + " " * 60_000) == (expected, "LIMIT_EXCEEDED")


async def test_a_list_in_the_document_or_in_variables_has_at_most_five_hundred_items(schema: Schema) -> None:
    expected = "This request has 501 items in one list; at most 500 are allowed."
    query = "query($r:[_Any!]!){_entities(representations:$r){__typename}}"
    assert await refusal(schema, query, {"r": [{"a": [1] * 501}]}) == (expected, "LIMIT_EXCEEDED")
    literal = "{_entities(representations:[{a:[" + "1 " * 501 + "]}]){__typename}}"
    assert await refusal(schema, literal) == (expected, "LIMIT_EXCEEDED")


async def test_ids_are_at_most_a_hundred_wherever_they_stand(schema: Schema) -> None:
    expected = "This request has 101 items in `ids`; at most 100 are allowed."
    query = "query($ids:[ID!]!){nodes(ids:$ids){id}}"
    assert await refusal(schema, query, {"ids": ["x"] * 101}) == (expected, "LIMIT_EXCEEDED")
    assert await refusal(schema, "{nodes(ids:[" + '"x" ' * 101 + "]){id}}") == (expected, "LIMIT_EXCEEDED")
    assert (await run(schema, query, {"ids": ["x"] * 100})).data == {"nodes": [None] * 100}


async def test_representations_are_at_most_a_hundred(schema: Schema) -> None:
    query = "query($r:[_Any!]!){_entities(representations:$r){__typename}}"
    expected = "This request has 101 items in `representations`; at most 100 are allowed."
    assert await refusal(schema, query, {"r": [{}] * 101}) == (expected, "LIMIT_EXCEEDED")


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_first_is_from_one_to_a_hundred(schema: Schema, first: int) -> None:
    expected = (f"`first` is {first}; it must be from 1 to 100.", "BAD_USER_INPUT")
    assert await refusal(schema, f"{{books(first:{first}){{edges{{cursor}}}}}}") == expected
    query = "query($n:Int!){books(first:$n){edges{cursor}}}"
    assert await refusal(schema, query, {"n": first}) == expected
    query = f"query($n:Int!={first}){{books(first:$n){{edges{{cursor}}}}}}"
    assert await refusal(schema, query) == expected


async def test_cost_is_fields_times_the_sizes_of_lists_and_depends_on_variables(schema: Schema) -> None:
    query = "query($a:Int!,$b:Int!=100){books(first:$a){edges{node{paged(first:$b){edges{node{id worth}}}}}}}"
    # 1 root, 10 for its page + 100 times (edges, node, paged, 10 for its page + 100 times (edges, node, id, worth))
    expected = "This request has 41,311 points of cost (fields times the sizes of lists); at most 20,000 are allowed."
    assert await refusal(schema, query, {"a": 100}) == (expected, "LIMIT_EXCEEDED")
    assert (await run(schema, query, {"a": 3, "b": 3})).errors is None


async def test_pages_cost_their_queries_however_small_they_are(schema: Schema) -> None:
    pages = " ".join(f"p{number}:paged(first:1){{edges{{node{{id}}}}}}" for number in range(20))
    message, _ = await refusal(schema, f"{{books(first:100){{edges{{node{{{pages}}}}}}}}}")
    # 1 root, 10 for its page + 100 times (edges, node + 20 times (paged, 10 for its page, edges, node, id))
    assert message.startswith("This request has 28,211 points of cost")


async def test_a_list_without_a_size_counts_as_five(schema: Schema) -> None:
    chain = "stamps{book{" * 6 + "title" + "}}" * 6
    # At each level 5 times (book + what is below): 5 + 5 * (1 + ...)
    below = 1
    for _ in range(6):
        below = 1 + 5 * (1 + below)
    expected = (
        f"This request has {1 + below:,} points of cost (fields times the sizes of lists); at most 20,000 are allowed."
    )
    assert await refusal(schema, f'{{book(id:"{BOOK}"){{{chain}}}}}') == (expected, "LIMIT_EXCEEDED")


async def test_fragments_that_double_each_other_are_measured_in_no_time(schema: Schema) -> None:
    """Followed one by one they would be 2**150 fields: nobody would live to see the answer."""
    doubling = "".join(f"fragment F{i} on BookType{{...F{i + 1} ...F{i + 1}}} " for i in range(150))
    query = f'query($n:Int!){{book(id:"{BOOK}"){{...F0}}}} {doubling} fragment F150 on BookType{{paged(first:$n){{edges{{cursor}}}}}}'
    message, code = await refusal(schema, query, {"n": 1})
    assert (message.startswith("This request has"), code) == (True, "LIMIT_EXCEEDED")


def sisters(count: int) -> str:
    """One object, asked so many times beside each other."""
    return f'{{book(id:"{BOOK}"){{' + "next{id}" * count + "}}"


async def test_the_same_field_is_asked_so_often_that_it_takes_no_time_to_compare_it_with_itself(schema: Schema) -> None:
    assert (await run(schema, sisters(50))).errors is None
    message = "This request asks the same fields too often beside each other: ask each once, and put together what is below it."
    assert await refusal(schema, sisters(480)) == (message, "LIMIT_EXCEEDED")
    inside = "{" + "next{" + "next{id}" * 12 + "}" + "}"
    wide = f'{{book(id:"{BOOK}"){{' + f"next{inside}" * 24 + "}}"
    assert await refusal(schema, wide) == (message, "LIMIT_EXCEEDED")


async def test_a_document_is_told_its_first_twenty_faults(schema: Schema) -> None:
    result = await run(schema, "{" + f'book(id:"{BOOK}"){{' + " ".join(f"a{i}" for i in range(400)) + "}}")
    assert len(result.errors or ()) == MAX_ERRORS + 1


async def test_fragments_in_a_circle_are_refused(schema: Schema) -> None:
    query = f'{{book(id:"{BOOK}"){{...A}}}} fragment A on BookType{{...B}} fragment B on BookType{{...A}}'
    message, _ = await refusal(schema, query)
    assert message == "Cannot spread fragment 'A' within itself via 'B'."


async def test_a_document_nested_too_deep_to_be_read_is_refused(schema: Schema) -> None:
    message, _ = await refusal(schema, "{a" * 900 + "}" * 900)
    assert message == "Syntax Error: Document is nested too deeply. Parsing aborted."


async def test_fragments_in_a_long_chain_are_followed(schema: Schema) -> None:
    chain = "".join(f"fragment F{i} on BookType{{...F{i + 1}}} " for i in range(60))
    query = f'{{book(id:"{BOOK}"){{...F0}}}} {chain} fragment F60 on BookType{{title}}'
    assert (await run(schema, query)).data == {"book": {"title": "Book 1"}}


async def test_a_document_that_exhausts_the_stack_while_it_is_measured_is_refused(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "Shape", mock.Mock(side_effect=RecursionError))
    expected = ("This document is nested too deep.", "LIMIT_EXCEEDED")
    assert await refusal(schema, "query Exhausting{viewer{subject}}") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\0b", "A string has a NUL character: no text can hold one."),
        ("a\ud800b", "A string has half a surrogate pair: it is not valid Unicode."),
        ("a" * 20_001, "This request has 20,001 characters in one string; at most 20,000 are allowed."),
    ],
)
async def test_text_that_cannot_be_stored_is_refused(schema: Schema, text: str, message: str) -> None:
    found, _ = await refusal(schema, "query($id:ID!){node(id:$id){id}}", {"id": text})
    assert found == message


async def test_text_in_a_document_is_checked_too(schema: Schema) -> None:
    message, _ = await refusal(schema, '{node(id:"a\\u0000b"){id}}')
    assert message == "A string has a NUL character: no text can hold one."


async def test_variables_nested_too_deep_are_refused(schema: Schema) -> None:
    deep: Any = 1
    for _ in range(1000):
        deep = [deep]
    message, code = await refusal(schema, "query($r:[_Any!]!){_entities(representations:$r){__typename}}", {"r": deep})
    assert (message, code) == (
        "This request has 21 levels in its variables; at most 20 are allowed.",
        "LIMIT_EXCEEDED",
    )


async def test_a_document_seen_before_is_neither_parsed_nor_validated_again(schema: Schema) -> None:
    query = "query Again($n:Int!){books(first:$n){edges{node{title}}}}"
    with (
        mock.patch.object(documents, "parse", wraps=parse) as parsed,
        mock.patch.object(documents, "validate", wraps=validate) as validated,
        mock.patch.object(documents, "Plan", wraps=Plan) as planned,
        mock.patch("strawberry.schema.schema.parse") as parsed_elsewhere,
        mock.patch("strawberry.schema.schema.validate") as validated_elsewhere,
    ):
        first = await run(schema, query, {"n": 1})
        second = await run(schema, query, {"n": 2})
    assert (len(first.data["books"]["edges"]), len(second.data["books"]["edges"])) == (1, 2)
    assert [one.call_count for one in (parsed, validated, planned)] == [1, 1, 1]
    assert [one.call_count for one in (parsed_elsewhere, validated_elsewhere)] == [0, 0]


async def test_documents_are_forgotten_oldest_first_by_number_and_by_length(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = documents.Documents()

    def remember(name: str) -> None:
        known._remember(name, mock.Mock())

    monkeypatch.setattr(documents, "MAX_DOCUMENTS", 2)
    for name in ("a", "b", "c"):
        remember(name)
    assert list(known._known) == ["b", "c"]
    monkeypatch.setattr(documents, "MAX_CHARACTERS", 5)
    remember("long!")
    assert (list(known._known), known._characters) == (["long!"], 5)


async def test_of_several_operations_only_the_one_that_runs_is_paid_for(schema: Schema) -> None:
    query = (
        "query Cheap{viewer{subject}} "
        "query Dear{books(first:100){edges{node{paged(first:100){edges{node{id worth}}}}}}}"
    )
    assert (await run(schema, query, operation_name="Cheap")).data == {"viewer": {"subject": "clerk"}}
    dear: ExecutionResult = await run(schema, query, operation_name="Dear")
    assert dear.errors is not None
    assert dear.errors[0].message.startswith("This request has 41,311 points of cost")
