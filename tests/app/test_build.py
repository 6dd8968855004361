"""The schema: nodes, rights, payload errors, loaders, masked errors, federation, and what stops the build."""

import asyncio
import gc
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.build import Schema, build, print_schema
from app.build import schema as product
from app.operation import Executor
from domain.people import Principal
from domain.services.posting.desk import Overloaded
from resolvers.context import NOBODY, Info
from resolvers.loaders import BATCHES, loads
from resolvers.rights import EVERYBODY
from resolvers.roots import MissingRights, Roots
from schema.base import shows
from schema.ids import seal
from tests.app.stamps import BIG, BOOKS, CLERK, CUSTOMER, Book, Shelf, context, sample, stamp_roots, stamp_schema

BOOK = seal("BookType", BIG + 1)
ADD = """mutation($worth:Points!){stampAdd(input:{book:"%s",worth:$worth,idempotencyKey:"a"}){
    replayed book{stamps{worth}}
    errors{__typename code message path ... on BookFull{room price roles hint}}}}"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    return stamp_schema()


async def run(
    schema: Schema, query: str, variables: Any = None, *, shelf: Shelf | None = None, who: Principal = CLERK
) -> Any:
    return await schema.execute(query, variables, context_value=context(shelf or sample(), who))


def codes(result: Any) -> list[str | None]:
    return [(error.extensions or {}).get("code") for error in result.errors or []]


async def test_plain_frozen_objects_are_shown_as_nodes(schema: Schema) -> None:
    query = f'{{node(id:"{BOOK}"){{__typename id ... on BookType{{title attributes stamps{{id position worth}}}}}}}}'
    assert (await run(schema, query)).data == {
        "node": {
            "__typename": "BookType",
            "id": BOOK,
            "title": "Book 1",
            "attributes": {"size": 1},
            "stamps": [
                {"id": seal("StampType", BIG + 1, p), "position": p, "worth": worth}
                for p, worth in ((1, "0.50"), (2, "1.00"), (3, "1.50"))
            ],
        }
    }


async def test_a_node_with_a_key_of_several_parts_is_found(schema: Schema) -> None:
    query = f'{{node(id:"{seal("StampType", BIG + 1, 2)}"){{... on StampType{{worth book{{title}}}}}}}}'
    assert (await run(schema, query)).data == {"node": {"worth": "1.00", "book": {"title": "Book 1"}}}


@pytest.mark.parametrize(
    "id_",
    [
        "rubbish",
        "",
        seal("BookType", 99),
        seal("BookType", 1, 2),
        seal("StampType", 1),
        seal("StampType", 1, 2, 3),
        seal("Role", 1),
        seal("Nothing", 1),
    ],
)
async def test_what_names_nothing_is_null_alone_and_among_others(schema: Schema, id_: str) -> None:
    query = "query($id:ID!,$ids:[ID!]!){node(id:$id){id} nodes(ids:$ids){id}}"
    result = await run(schema, query, {"id": id_, "ids": [id_, BOOK]})
    assert (result.data, result.errors) == ({"node": None, "nodes": [None, {"id": BOOK}]}, None)


async def test_a_missing_relation_is_null_without_a_question_to_the_database(schema: Schema) -> None:
    shelf = sample()
    query = f'{{node(id:"{seal("BookType", BIG + 9)}"){{... on BookType{{next{{title}}}}}}}}'
    assert (await run(schema, query, shelf=shelf)).data == {"node": {"next": None}}
    assert shelf.calls == ["books 1 of member None"]


async def test_relations_are_loaded_in_one_batch_each_with_the_scope_of_the_caller(schema: Schema) -> None:
    shelf = sample()
    ids = [seal("BookType", BIG + i) for i in (1, 2, 3)]
    query = "query($ids:[ID!]!){nodes(ids:$ids){... on BookType{stamps{worth} next{title}}}}"
    await run(schema, query, {"ids": ids}, shelf=shelf, who=CUSTOMER)
    assert sorted(shelf.calls) == ["books 1 of member 5", "books 3 of member 5", "stamps 3"]


async def test_the_total_of_a_page_is_counted_only_when_asked_for(schema: Schema) -> None:
    shelf = sample()
    query = f'{{book(id:"{BOOK}"){{paged(first:2){{edges{{node{{position}}}} pageInfo{{hasNextPage}} %s}}}}}}'
    await run(schema, query % "", shelf=shelf)
    assert "count" not in shelf.calls
    result = await run(schema, query % "totalCount", shelf=shelf)
    assert result.data["book"]["paged"] == {
        "edges": [{"node": {"position": 1}}, {"node": {"position": 2}}],
        "pageInfo": {"hasNextPage": True},
        "totalCount": 3,
    }


async def test_a_page_goes_on_where_the_one_before_ended(schema: Schema) -> None:
    query = (
        f'query($after:String){{book(id:"{BOOK}"){{paged(first:2,after:$after){{edges{{node{{position}}}} '
        "pageInfo{hasNextPage hasPreviousPage endCursor}}}}"
    )
    first = (await run(schema, query)).data["book"]["paged"]
    second = (await run(schema, query, {"after": first["pageInfo"]["endCursor"]})).data["book"]["paged"]
    assert [one["node"]["position"] for one in second["edges"]] == [3]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_a_cursor_that_is_not_ours_is_the_callers_to_mend(schema: Schema) -> None:
    result = await run(schema, '{books(after:"rubbish"){edges{cursor}}}')
    assert [(error.message, error.extensions) for error in result.errors] == [
        (
            "This cursor is not one of ours: use the `endCursor` of the page before.",
            {"code": "INVALID_CURSOR"},
        )
    ]


async def test_a_refusal_in_a_query_is_an_error_with_its_code(schema: Schema) -> None:
    result = await run(schema, '{book(id:"rubbish"){title}}')
    assert [(error.message, error.extensions, error.path) for error in result.errors] == [
        ("There is no book type 'rubbish'.", {"code": "NOT_FOUND"}, ["book"])
    ]


async def test_a_mutation_answers_its_result(schema: Schema) -> None:
    result = await run(schema, ADD % BOOK, {"worth": "12.5"})
    worths = [{"worth": one} for one in ("0.50", "1.00", "1.50", "12.5")]
    assert result.data == {"stampAdd": {"replayed": False, "book": {"stamps": worths}, "errors": []}}


async def test_a_refusal_is_a_typed_error_of_the_payload_with_its_data(schema: Schema) -> None:
    result = await run(schema, ADD % BOOK, {"worth": "1200"})
    assert result.errors is None
    assert result.data["stampAdd"] == {
        "replayed": False,
        "book": None,
        "errors": [
            {
                "__typename": "BookFull",
                "code": "BOOK_FULL",
                "message": "There is room for 9.50 only.",
                "path": ["input", "worth"],
                "room": "9.50",
                "price": "1.20",
                "roles": ["MSR"],
                "hint": None,
            }
        ],
    }


async def test_an_id_of_another_type_in_an_input_is_a_typed_error(schema: Schema) -> None:
    result = await run(schema, ADD % seal("StampType", 1, 1), {"worth": "1"})
    errors = result.data["stampAdd"]["errors"]
    assert [(one["__typename"], one["path"]) for one in errors] == [("NotFound", ["input", "book"])]


async def test_every_mutation_of_a_request_reads_afresh(schema: Schema) -> None:
    add = '%s:stampAdd(input:{book:"' + BOOK + '",worth:1,idempotencyKey:"%s"}){book{stamps{worth}}}'
    result = await run(schema, "mutation{" + add % ("a", "a") + add % ("b", "b") + "}")
    assert [len(result.data[name]["book"]["stamps"]) for name in "ab"] == [4, 5]


async def test_a_failing_mutation_leaves_the_receipt_of_the_one_before(schema: Schema) -> None:
    add = '%s:stampAdd(input:{book:"' + BOOK + '",worth:%s,idempotencyKey:"a"}){book{title}}'
    with capture_logs() as logs:
        result = await run(schema, "mutation{" + add % ("a", 1) + add % ("b", 13) + "}")
    assert (result.data, codes(result)) == ({"a": {"book": {"title": "Book 1"}}, "b": None}, ["INTERNAL"])
    assert len(logs) == 1


@pytest.mark.parametrize("worth", [1.5, "1e3", "", True, None])
async def test_bad_points_end_the_request_before_anything_runs(schema: Schema, worth: object) -> None:
    shelf = sample()
    result = await run(schema, ADD % BOOK, {"worth": worth}, shelf=shelf)
    assert (result.data, len(result.errors), shelf.calls) == (None, 1, [])


async def test_those_without_a_role_of_the_table_are_refused_by_name(schema: Schema) -> None:
    shelf = sample()
    books = await run(schema, "{books{edges{cursor}}}", who=CUSTOMER, shelf=shelf)
    added = await run(schema, ADD % BOOK, {"worth": "1"}, who=CUSTOMER, shelf=shelf)
    assert [error.message for error in books.errors] == ["You may not call books: it needs the role MSR."]
    assert (codes(books), codes(added), added.data) == (["FORBIDDEN"], ["FORBIDDEN"], {"stampAdd": None})
    assert (shelf.calls, len(shelf.stamps)) == ([], 27)


@pytest.mark.parametrize(
    "query",
    ["{viewer{subject}}", "{node(id:1){id}}", "{nodes(ids:[1]){id}}", "{_entities(representations:[]){__typename}}"],
)
async def test_nobody_may_do_nothing(schema: Schema, query: str) -> None:
    assert codes(await run(schema, query, who=NOBODY)) == ["UNAUTHENTICATED"]


async def test_the_viewer_is_who_asks(schema: Schema) -> None:
    result = await run(schema, "{viewer{subject roles}}", who=CUSTOMER)
    assert result.data == {"viewer": {"subject": "customer", "roles": ["MEMBER"]}}


async def test_a_bug_is_hidden_behind_a_number_that_is_in_the_log_once(schema: Schema) -> None:
    with capture_logs() as logs:
        result = await run(schema, "query Spy{secret}")
    (error,) = result.errors
    assert (error.message, error.extensions["code"], error.path) == ("Internal error.", "INTERNAL", ["secret"])
    assert [(log["event"], log["incident"], str(log["exc_info"])) for log in logs] == [
        ("incident", error.extensions["incident"], "password=hunter2")
    ]


@pytest.mark.parametrize(
    ("busy", "logged"),
    [(Overloaded("10,000 requests wait already."), []), (TimeoutError("pool"), ["database busy"])],
)
async def test_a_busy_server_says_so_and_nothing_else(schema: Schema, busy: Exception, logged: list[str]) -> None:
    shelf = sample()
    shelf.broken = busy
    with capture_logs() as logs:
        result = await run(schema, f'{{node(id:"{BOOK}"){{id}}}}', shelf=shelf)
    message = "The server is busy: try again in a moment, with the same idempotency key."
    assert [(error.message, error.extensions) for error in result.errors] == [
        (message, {"code": "OVERLOADED", "retryAfter": 1})
    ]
    assert [log["event"] for log in logs] == logged


async def test_a_batch_that_fails_fails_each_that_waits_for_it_without_a_word_of_why(schema: Schema) -> None:
    shelf = sample()
    shelf.broken = RuntimeError("password=hunter2")
    with capture_logs():
        result = await run(schema, "query($i:[ID!]!){nodes(ids:$i){id}}", {"i": [BOOK]}, shelf=shelf)
    assert (result.data, codes(result)) == ({"nodes": [None]}, ["INTERNAL"])
    assert "hunter2" not in str(result.errors)


async def test_a_batch_that_is_cancelled_is_heard_of_by_those_who_wait() -> None:
    class Stuck(Shelf):
        async def now(self, _reader: Any) -> None: ...

        def read(self) -> Any:
            raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match=r"^the batch was cancelled$"):
        await context(Stuck()).load(BOOKS, 1)


async def test_a_gateway_finds_objects_by_their_ids_with_the_same_rights(schema: Schema) -> None:
    query = "query($r:[_Any!]!){_entities(representations:$r){__typename ... on BookType{title}}}"
    given: list[Any] = [
        {"__typename": "BookType", "id": BOOK},
        {"__typename": "BookType", "id": seal("BookType", 5)},
        {"__typename": "Nothing", "id": BOOK},
        {"id": BOOK},
        {"__typename": "BookType", "id": 5},
        "text",
    ]
    result = await run(schema, query, {"r": given})
    assert result.data == {"_entities": [{"__typename": "BookType", "title": "Book 1"}, *[None] * 5]}
    assert codes(result) == ["BAD_USER_INPUT"] * 4


async def test_events_are_read_afresh_and_their_source_is_closed(schema: Schema) -> None:
    shelf = sample()
    events = await schema.subscribe("subscription{bookChanged{stamps{worth}}}", context_value=context(shelf))
    seen = []
    for _ in range(2):
        shelf.changes.put_nowait(shelf.books[BIG + 1])
        event = await anext(events)
        assert event.data is not None
        seen.append(len(event.data["bookChanged"]["stamps"]))
        shelf.stamps.append(shelf.stamps[0])
    assert (seen, shelf.listening) == ([3, 4], 1)
    await events.aclose()
    assert shelf.listening == 0


async def test_a_subscription_has_rights_too(schema: Schema) -> None:
    shelf = sample()
    events = await schema.subscribe("subscription{bookChanged{title}}", context_value=context(shelf, CUSTOMER))
    assert [codes(event) async for event in events] == [["FORBIDDEN"]]
    assert shelf.listening == 0


def executors() -> int:
    return sum(isinstance(one, Executor) for one in gc.get_objects())


async def test_an_operation_leaves_nothing_to_the_garbage_collector(schema: Schema) -> None:
    await run(schema, f'{{node(id:"{BOOK}"){{id}}}}')
    gc.collect()
    before = executors()
    gc.disable()
    try:
        for _ in range(10):
            await run(schema, f'{{node(id:"{BOOK}"){{id ... on BookType{{stamps{{worth}}}}}}}}')
        assert executors() == before
    finally:
        gc.enable()


def test_production_does_not_describe_itself() -> None:
    production = build(stamp_roots(), production=True, packages=("domain.", "tests.app.stamps"))
    result = production.execute_sync("{__schema{types{name}}}", context_value=context(sample()))
    assert [error.message for error in result.errors or []] == [
        "GraphQL introspection has been disabled, but the requested query contained the field '__schema'.",
        "GraphQL introspection has been disabled, but the requested query contained the field 'types'.",
    ]
    result = production.execute_sync("{_service{sdl}}", context_value=context(sample()))
    assert [error.message for error in result.errors or []] == [
        "This server does not describe itself: `_service` is not answered."
    ]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{viewr{subject}}", {}),
        ("{viewer{subjct}}", {}),
        ('{member(prgram:"A"){number}}', {}),
        ("query($p:Strin){program(code:$p){code}}", {}),
        ("{programs(first:1,orderBy:{field:COD}){edges{node{code}}}}", {}),
        ("query($o:ProgramOrderBy){programs(first:1,orderBy:$o){edges{node{code}}}}", {"o": {"field": "COD"}}),
        ("query($o:ProgramOrderBy){programs(first:1,orderBy:$o){edges{node{code}}}}", {"o": {"fild": "CODE"}}),
        (
            "query($o:ProgramOrderBy){programs(first:1,orderBy:$o)@skip(if:false){edges{node{code}}}}",
            {"o": {"fild": "CODE"}},
        ),
    ],
)
async def test_production_does_not_guess_what_was_meant(query: str, variables: dict[str, Any]) -> None:
    async def told(*, production: bool) -> str:
        result = await product(production=production).execute(query, variables, context_value=context(sample()))
        assert result.errors
        return " ".join(error.message for error in result.errors)

    assert "Did you mean" not in await told(production=True)
    assert "Did you mean" in await told(production=False)


def test_a_root_field_without_rights_cannot_be_declared() -> None:
    roots = Roots({"_entities": EVERYBODY})

    async def points_vanish(_info: Info) -> str:
        """Undecided."""
        return ""

    with pytest.raises(MissingRights, match=r"^pointsVanish has no entry in resolvers/rights.py: say which roles"):
        roots.query(str)(points_vanish)
    assert roots.queries == []


def test_a_root_field_without_a_description_cannot_be_declared() -> None:
    roots = Roots({"_entities": EVERYBODY, "mute": EVERYBODY})

    async def mute(_info: Info) -> str:
        return ""

    with pytest.raises(TypeError, match=r"it needs a docstring, which becomes its description$"):
        roots.query(str)(mute)


def test_a_field_that_loads_what_nobody_answers_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BATCHES, BOOKS)
    with pytest.raises(LookupError) as error:
        stamp_schema()
    assert str(error.value) in {
        "BookType.next loads Load('books'), which nobody answers with @loads",
        "StampType.book loads Load('books'), which nobody answers with @loads",
    }


def test_a_load_is_answered_once() -> None:
    with pytest.raises(TypeError, match=r"is answered twice"):
        loads(BOOKS)(BATCHES[BOOKS])


def test_a_domain_class_is_shown_by_one_type() -> None:
    class Second:
        """Another book."""

        title: str

    with pytest.raises(TypeError, match=r"^Book is shown by BookType already, it cannot be shown by Second too$"):
        shows(Book)(Second)


def test_a_type_needs_a_description() -> None:
    class Silent:
        title: str

    class Model: ...

    with pytest.raises(TypeError, match=r"it needs a docstring"):
        shows(Model)(Silent)


def test_mutations_are_nullable_and_inputs_are_described(schema: Schema) -> None:
    sdl = schema.as_str()
    assert "stampAdd(input: StampAddInput!): StampAddPayload\n" in sdl
    assert '"""What to put where."""\ninput StampAddInput {' in sdl
    assert "idempotencyKey: ID!" in sdl


def test_the_schema_of_the_product_is_printed_the_same_every_time() -> None:
    first, second = print_schema(), print_schema()
    assert first == second
    assert first.endswith("}\n")
    assert "interface UserError" in first
