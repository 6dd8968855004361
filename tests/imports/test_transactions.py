"""What lines of a file become: queued transactions, once each; and why some do not."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from domain.attributes import AttributeType
from domain.commands.imports import TransactionsImport
from domain.commands.programs import SettingsChange
from domain.currencies import AmountTooFine
from domain.drafts import Draft
from domain.entries import DateOutOfRange
from domain.imports.lines import BadLine, Line
from domain.imports.problems import ExternalIdDiffers, LineTooLong
from domain.imports.reports import Imported
from domain.moves import Move
from domain.people import ENGINE, Role, Scope
from domain.problems import NotAllowed, NotFound, Refused
from domain.programs import Program
from domain.services import batch
from domain.services.engine_programs import EnginePrograms
from domain.services.imports import transactions_import
from domain.store import approvals, imports, queue, transactions
from domain.store import tables as t
from domain.store.database import Database, Writer
from domain.transactions import LineItem, Status, SubStatus, SubType, Transaction, Type
from tests.imports.lines import a_line, import_all, importing, places
from tests.support.factories import a_partner, a_person, a_point_type, a_product, a_program, acting, somebody
from tests.support.members import a_member


async def a_club(database: Database, **values: Any) -> Program:
    """A program with member 1001."""
    program = await a_program(database, **values)
    await a_member(database, program, number="1001")
    return program


async def recorded(database: Database, program: Program) -> list[Transaction]:
    """All transactions of a program, by external id."""
    query = select(t.transaction.c.id).where(t.transaction.c.program_id == program.id)
    async with database.read() as reader:
        ids = list((await reader.execute(query)).scalars())
        found = [each for each in await transactions.load_many(reader, Scope(), ids) if each is not None]
    return sorted(found, key=lambda each: (each.external_id or "", each.id))


async def waiting(database: Database, program: Program) -> int:
    async with database.read() as reader:
        return await queue.count(reader, program.id)


async def process(database: Database, program: Program) -> None:
    async for _ in batch.work(database, EnginePrograms(), program.id):
        pass


async def moves(database: Database, ids: Sequence[int]) -> list[list[tuple[Move, Status]]]:
    async with database.read() as reader:
        found = await approvals.of_transactions(reader, ids)
    return [[(each.move, each.to_status) for each in mine] for mine in found]


async def test_a_line_becomes_a_queued_transaction(database: Database) -> None:
    program = await a_club(database, attributes={"transaction.attributes.miles": AttributeType.NUMBER})
    product, partner = await a_product(database, program), await a_partner(database, program)
    line = a_line(
        2, " X1 ", sub_type="PRODUCT", product=product.code, partner=partner.code, amount="12.50", quantity="2",
        base_points="3.25", point_type="POINTS", qualifying="FALSE", comment="at noon",
        attributes={"miles": "1500", "channel": "SHOP", "note": " "},
        line_items=[{"product": "SKU", "quantity": 1, "amount": Decimal("12.50"), "attributes": {"aisle": 7}}],
    )  # fmt: skip
    total, bad = await importing(database, program, line, source="till")
    assert (total, bad) == (Imported(lines=1, added=1), [])
    [found] = await recorded(database, program)
    assert (found.status, found.type, found.sub_type) == (Status.QUEUED, Type.ACCRUAL, SubType.PRODUCT)
    assert (found.product_id, found.partner_id) == (product.id, partner.id)
    assert (found.amount, found.currency, found.quantity) == (Decimal("12.5"), "USD", Decimal(2))
    assert (found.base_points, found.qualifying, found.comment) == (Decimal("3.25"), False, "at noon")
    assert (found.source, found.external_id, found.transaction_date) == ("till", "X1", date(2026, 1, 5))
    assert found.attributes == {"miles": 1500, "channel": "SHOP"}
    assert found.line_items == (LineItem("SKU", Decimal(1), Decimal("12.5"), {"aisle": 7}),)
    assert (found.created_by_id, found.attempts, found.version) == (None, 0, 1)
    assert await waiting(database, program) == 1
    assert await moves(database, [found.id]) == [[]]


async def test_the_batch_engine_processes_what_was_imported(database: Database) -> None:
    program = await a_club(database)
    await importing(database, program, a_line(2, "A", amount="12.50"), a_line(3, "B", amount="7"))
    await process(database, program)
    found = await recorded(database, program)
    assert [(each.status, each.totals[0].points) for each in found] == [
        (Status.PROCESSED, Decimal(12)),
        (Status.PROCESSED, Decimal(7)),
    ]
    assert await waiting(database, program) == 0


async def test_the_same_lines_again_add_nothing(database: Database) -> None:
    program = await a_club(database)
    lines = [a_line(number, f"E{number}", amount="1.0") for number in range(2, 7)]
    assert (await importing(database, program, *lines))[0] == Imported(lines=5, added=5)
    before = await recorded(database, program)
    reworded = [replace(line, values={**line.values, "amount": 1, "currency": "USD"}) for line in lines]
    assert (await importing(database, program, *reworded))[0] == Imported(lines=5, known=5)
    assert await recorded(database, program) == before
    assert await waiting(database, program) == 5
    await process(database, program)
    assert (await importing(database, program, *lines))[0] == Imported(lines=5, known=5)


async def test_ids_are_unique_per_source_and_partner(database: Database) -> None:
    program = await a_club(database)
    partner = await a_partner(database, program)
    commands: list[dict[str, Any]] = [{}, {"source": "till"}, {"partner": partner.code}]
    for command in [*commands, {"source": "till", "partner": partner.code}]:
        assert (await importing(database, program, a_line(1), **command))[0].added == 1
        assert (await importing(database, program, a_line(1), **command))[0].known == 1
    assert len(await recorded(database, program)) == 4


async def test_a_repeated_line_of_one_file_is_counted_apart(database: Database) -> None:
    program = await a_club(database)
    total, bad = await importing(database, program, a_line(2, amount=1), a_line(3, amount="1.00"), a_line(4, amount=2))
    assert total == Imported(lines=3, added=1, repeated=1, bad_lines=1)
    assert bad == [
        BadLine(
            4,
            ExternalIdDiffers(
                external_id="A", status=Status.QUEUED, columns=("amount",), during=True, path=("external_id",)
            ),
            "A",
        )
    ]
    assert "an earlier line of this import" in bad[0].problem.message


async def test_a_repetition_in_a_later_chunk_is_known_to_come_from_the_same_file(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.services.imports.pipeline.CHUNK_LINES", 2)
    program = await a_club(database)
    lines = [a_line(1, "A"), a_line(2, "B"), a_line(3, "A"), a_line(4, "B", amount=5), a_line(5, "C")]
    total, bad = await importing(database, program, *lines)
    assert total == Imported(lines=5, added=3, repeated=1, bad_lines=1)
    [differs] = bad
    assert differs.number == 4
    assert differs.problem.message == (
        "'B' is the id of an earlier line of this import, which differs in amount, currency: "
        "one id names one transaction, and only one that the engine has rejected may be corrected."
    )


CHANGES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"amount": "12.51"}, ("amount",)),
    ({"transaction_date": "2026-01-06"}, ("transaction_date",)),
    ({"member_number": "1002"}, ("member_number",)),
    ({"type": "REDEMPTION"}, ("type",)),
    ({"sub_type": "GIFT", "points": 5}, ("point_type", "points", "sub_type")),
    ({"attributes": {"shop": "S2", "day": "2026-01-05"}}, ("attributes.shop",)),
    ({"attributes": {"shop": "S1"}}, ("attributes.day",)),
    ({"line_items": [{"product": "SKU"}]}, ("line_items",)),
    ({"base_points": 4}, ("base_points",)),
    ({"product": None, "quantity": 2, "comment": "x"}, ("comment", "product", "quantity")),
]


@pytest.mark.parametrize("processed", [False, True])
async def test_other_content_is_reported_with_the_columns_that_differ(database: Database, processed: bool) -> None:
    program = await a_club(database)
    await a_member(database, program, number="1002")
    product = await a_product(database, program)
    said: dict[str, Any] = {
        "amount": "12.5",
        "product": product.code,
        "attributes": {"shop": "S1", "day": date(2026, 1, 5)},
    }
    await importing(database, program, a_line(1, **said))
    if processed:
        await process(database, program)
    before = await recorded(database, program)
    for changed, columns in CHANGES:
        total, bad = await importing(database, program, a_line(1, **said | changed))
        assert total == Imported(lines=1, bad_lines=1)
        status = Status.PROCESSED if processed else Status.QUEUED
        assert [each.problem for each in bad] == [
            ExternalIdDiffers(external_id="A", status=status, columns=columns, during=False, path=("external_id",))
        ]
    assert await recorded(database, program) == before


async def test_base_points_that_came_with_a_line_are_compared_as_they_are_kept(database: Database) -> None:
    program = await a_club(database)
    await importing(database, program, a_line(1, base_points="10.129"))
    await process(database, program)
    _, bad = await importing(database, program, a_line(1, base_points="10.131", comment="x"))
    assert [each.problem.columns for each in bad if isinstance(each.problem, ExternalIdDiffers)] == [("comment",)]
    _, bad = await importing(database, program, a_line(1, base_points="10.14"))
    assert [each.problem.columns for each in bad if isinstance(each.problem, ExternalIdDiffers)] == [("base_points",)]


async def rejected(database: Database) -> tuple[Program, Transaction]:
    """A transaction that the engine has rejected: nobody can redeem 5 points without having any."""
    program = await a_club(database)
    await importing(database, program, a_line(1, type="REDEMPTION", points=5))
    await process(database, program)
    [found] = await recorded(database, program)
    assert (found.status, found.sub_status) == (Status.REJECTED_ENGINE, SubStatus.INSUFFICIENT_POINTS)
    return program, found


async def test_other_content_corrects_a_rejected_transaction_and_queues_it_again(database: Database) -> None:
    program, before = await rejected(database)
    other = await a_member(database, program, number="1002")
    line = a_line(1, member_number="1002", transaction_date="2026-01-07", amount="8.40", attributes={"shop": "S1"})
    assert (await importing(database, program, line))[0] == Imported(lines=1, corrected=1)
    [found] = await recorded(database, program)
    assert found == replace(
        before, type=Type.ACCRUAL, status=Status.QUEUED, sub_status=None, processed_at=None, member_id=other.id,
        transaction_date=date(2026, 1, 7), amount=Decimal("8.4"), currency="USD", points=None, point_type_id=None,
        attributes={"shop": "S1"}, version=before.version + 1,
    )  # fmt: skip
    assert await waiting(database, program) == 1
    assert (await importing(database, program, line))[0] == Imported(lines=1, known=1)
    await process(database, program)
    [done] = await recorded(database, program)
    assert (done.status, done.attempts, done.totals[0].points) == (Status.PROCESSED, 2, Decimal(8))


async def test_the_same_content_leaves_a_rejected_transaction_as_it_is(database: Database) -> None:
    program, before = await rejected(database)
    line = a_line(1, type="REDEMPTION", points=5)
    assert (await importing(database, program, line))[0] == Imported(lines=1, known=1)
    assert await recorded(database, program) == [before]
    assert await waiting(database, program) == 0


async def test_a_person_who_imports_leaves_approval_records(database: Database) -> None:
    program, before = await rejected(database)
    clerk = acting(await a_person(database, Role.MSR))
    total, _ = await importing(database, program, a_line(1, amount=1), a_line(2, "B", amount=2), actor=clerk)
    assert total == Imported(lines=2, added=1, corrected=1)
    corrected, new = await recorded(database, program)
    assert (corrected.created_by_id, new.created_by_id) == (before.created_by_id, clerk.person_id)
    assert await moves(database, [corrected.id, new.id]) == [
        [(Move.REOPEN, Status.IN_PROGRESS), (Move.QUEUE, Status.QUEUED)],
        [(Move.CREATE_QUEUED, Status.QUEUED)],
    ]


async def test_what_needs_approval_needs_somebody_whose_limit_covers_it(database: Database) -> None:
    program = await a_club(database)
    lines = [a_line(1, "A", sub_type="MANUAL_CREDIT", points=100), a_line(2, "B", sub_type="MANUAL_CREDIT", points=101)]
    total, bad = await importing(database, program, *lines)
    assert (total.added, places(bad)) == (0, [(1, "", "APPROVAL_NEEDED"), (2, "", "APPROVAL_NEEDED")])
    manager = acting(await a_person(database, Role.MANAGER, transaction_approval_limit=Decimal(100)))
    total, bad = await importing(database, program, *lines, actor=manager)
    assert (total.added, places(bad)) == (1, [(2, "", "APPROVAL_NEEDED")])
    assert bad[0].problem.message.startswith("101 points need approval, and your own limit is 100")


async def test_approval_of_purchases_is_about_the_points_that_the_engine_finds(database: Database) -> None:
    program = await a_club(database, settings=SettingsChange(approval_above={SubType.PRODUCT: Decimal(50)}))
    total, bad = await importing(database, program, a_line(1, "A", amount="50.99"), a_line(2, "B", amount=51))
    assert (total.added, places(bad)) == (1, [(2, "", "APPROVAL_NEEDED")])


BAD_VALUES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"external_id": " "}, [("external_id", "MISSING_INPUT")]),
    ({"member_number": None, "type": None}, [("member_number", "MISSING_INPUT"), ("type", "MISSING_INPUT")]),
    ({"type": "EARN"}, [("type", "INVALID_INPUT")]),
    ({"sub_type": "EXPIRY"}, [("sub_type", "INVALID_INPUT")]),
    ({"transaction_date": "05.01.2026"}, [("transaction_date", "INVALID_INPUT")]),
    ({"transaction_date": "2999-01-01"}, [("transaction_date", "DATE_OUT_OF_RANGE")]),
    ({"amount": "-1"}, [("amount", "AMOUNT_OUT_OF_RANGE")]),
    ({"amount": "1e15"}, [("amount", "AMOUNT_OUT_OF_RANGE")]),
    ({"amount": "1,00"}, [("amount", "INVALID_INPUT")]),
    ({"amount": 10.005}, [("amount", "AMOUNT_TOO_FINE")]),
    ({"amount": 1, "currency": "EURO"}, [("currency", "UNKNOWN_CURRENCY")]),
    ({"quantity": "many"}, [("quantity", "INVALID_INPUT")]),
    ({"points": 3}, [("points", "INVALID_INPUT")]),
    ({"sub_type": "GIFT"}, [("points", "MISSING_INPUT")]),
    ({"sub_type": "GIFT", "points": "2.5"}, [("points", "TOO_MANY_DECIMALS")]),
    ({"member_number": "9999"}, [("member_number", "NOT_FOUND")]),
    ({"member_number": "\x00"}, [("member_number", "INVALID_INPUT")]),
    ({"product": "NONE", "partner": "NONE", "point_type": "NONE"},
     [("product", "NOT_FOUND"), ("partner", "NOT_FOUND"), ("point_type", "NOT_FOUND")]),
    ({"attributes": {"miles": "far", "1st": "x"}}, [("attributes.miles", "INVALID_INPUT")]),
    ({"attributes": {"1st": "x"}}, [("attributes.1st", "INVALID_INPUT")]),
    ({"attributes": 7}, [("attributes", "INVALID_INPUT")]),
    ({"line_items": {"product": "SKU"}}, [("line_items", "INVALID_INPUT")]),
    ({"line_items": [{"sku": 1}, 2]}, [("line_items[1].sku", "INVALID_INPUT"), ("line_items[2]", "INVALID_INPUT")]),
    ({"line_items": [{"amount": 1}, {"amount": "x"}]}, [("line_items[2].amount", "INVALID_INPUT")]),
    ({"line_items": [{"amount": -1}]}, [("line_items[1].amount", "AMOUNT_OUT_OF_RANGE")]),
    ({"line_items": [{}] * 1001}, [("line_items", "TOO_MANY")]),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "expected"), BAD_VALUES)
async def test_a_bad_line_is_named_and_harms_no_other(
    database: Database, changed: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    program = await a_club(database, attributes={"transaction.attributes.miles": AttributeType.NUMBER})
    lines = [a_line(2, "A"), replace(a_line(3, "B"), values={**a_line(3, "B").values, **changed}), a_line(4, "C")]
    total, bad = await importing(database, program, *lines)
    assert total == Imported(lines=3, added=2, bad_lines=1)
    assert places(bad) == [(3, column, code) for column, code in expected]
    assert [each.external_id for each in await recorded(database, program)] == ["A", "C"]


async def test_lines_that_could_not_be_read_are_counted_with_the_others(database: Database) -> None:
    program = await a_club(database)
    total, bad = await importing(database, program, a_line(2), BadLine(3, LineTooLong(limit=5)))
    assert (total, places(bad)) == (Imported(lines=2, added=1, bad_lines=1), [(3, "", "LINE_TOO_LONG")])


async def test_a_value_at_fault_is_shown_shortened(database: Database) -> None:
    program = await a_club(database)
    _, bad = await importing(database, program, a_line(2, amount="x" * 1000), a_line(3, amount="10.005"))
    assert [each.value for each in bad] == ["x" * 60 + "…", "10.005"]
    assert isinstance(bad[1].problem, AmountTooFine)


async def test_dates_are_counted_in_the_time_zone_of_the_program(database: Database) -> None:
    program = await a_club(database, time_zone="Pacific/Kiritimati")
    ahead = await a_club(database, time_zone="Pacific/Niue")
    async with database.read() as reader:
        now = await database.now(reader)
    tomorrow = str(now.astimezone(ZoneInfo("Pacific/Kiritimati")).date())
    assert (await importing(database, program, a_line(1, transaction_date=tomorrow)))[0].added == 1
    _, bad = await importing(database, ahead, a_line(1, transaction_date=tomorrow))
    assert [type(each.problem) for each in bad] == [DateOutOfRange]


async def test_the_partner_of_a_file_is_that_of_its_lines(database: Database) -> None:
    program = await a_club(database)
    partner, other = await a_partner(database, program), await a_partner(database, program)
    lines = [a_line(1, "A"), a_line(2, "B", partner=partner.code), a_line(3, "C", partner=other.code)]
    total, bad = await importing(database, program, *lines, partner=partner.code)
    assert (total.added, places(bad)) == (2, [(3, "partner", "INVALID_INPUT")])
    assert {each.partner_id for each in await recorded(database, program)} == {partner.id}
    clerk = somebody(Role.PARTNER_REPRESENTATIVE, partner=partner)
    assert (await importing(database, program, *lines, actor=clerk))[0] == Imported(lines=3, known=2, bad_lines=1)


async def test_an_import_is_refused_as_a_whole_where_nothing_of_it_can_be_right(database: Database) -> None:
    program, elsewhere = await a_club(database), await a_club(database)
    partner = await a_partner(database)
    cases: list[tuple[dict[str, Any], type]] = [
        ({"partner": "NOBODY"}, NotFound),
        ({"actor": somebody(Role.MSR, program=elsewhere)}, NotFound),
        ({"actor": somebody(Role.PARTNER_REPRESENTATIVE, partner=partner), "partner": "OTHER"}, NotFound),
        ({"actor": replace(somebody(Role.MEMBER), scope=Scope(member_id=1))}, NotAllowed),
    ]
    for given, kind in cases:
        with pytest.raises(Refused) as refused:
            await importing(database, program, a_line(1), **given)
        assert [type(problem) for problem in refused.value.problems] == [kind]
    with pytest.raises(Refused):
        await importing(database, replace(program, code="NOPE"), a_line(1))
    assert await recorded(database, program) == []


async def test_two_imports_of_the_same_file_at_once_record_it_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.services.imports.pipeline.CHUNK_LINES", 7)
    program = await a_club(database)
    await a_point_type(database, program)
    lines = [a_line(number, f"E{number}") for number in range(60)]
    done = await asyncio.gather(*(importing(database, program, *lines) for _ in range(3)))
    assert sum(total.added for total, _ in done) == 60
    assert sum(total.known + total.repeated for total, _ in done) == 120
    assert len(await recorded(database, program)) == 60


async def test_an_import_that_is_stopped_keeps_what_was_committed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.services.imports.pipeline.CHUNK_LINES", 2)
    program = await a_club(database)

    def lines() -> Iterator[Line]:
        yield from (a_line(number, f"E{number}") for number in range(5))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await import_all(database, program, lines())
    assert [each.external_id for each in await recorded(database, program)] == ["E0", "E1", "E2", "E3"]


async def test_no_more_than_two_chunks_are_in_memory(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.services.imports.pipeline.CHUNK_LINES", 10)
    program = await a_club(database)
    given, done, ahead = 0, 0, 0

    def lines() -> Iterator[Line]:
        nonlocal given, ahead
        for number in range(100):
            given += 1
            ahead = max(ahead, given - done)
            yield a_line(number, f"E{number}")

    command = TransactionsImport(program=program.code)
    async for chunk in transactions_import(database, EnginePrograms(), ENGINE, command, lines()):
        done += chunk.lines
    assert (given, done, ahead) == (100, 100, 20)


async def test_a_chunk_of_huge_lines_ends_early(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.services.imports.pipeline.CHUNK_BYTES", 1_000)
    program = await a_club(database)
    lines = [replace(a_line(number, f"E{number}"), size=600) for number in range(5)]
    command = TransactionsImport(program=program.code)
    chunks = [done.lines async for done in transactions_import(database, EnginePrograms(), ENGINE, command, lines)]
    assert chunks == [2, 2, 1]


async def test_an_id_may_be_a_number_or_text_with_spaces_around_it(database: Database) -> None:
    program = await a_club(database)
    for external_id in (17, "17", " 17 "):
        line = replace(a_line(1), values={**a_line(1).values, "external_id": external_id})
        await importing(database, program, line)
    assert [each.external_id for each in await recorded(database, program)] == ["17"]


async def test_a_chunk_that_meets_a_deadlock_is_written_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await a_club(database)
    add, tried = imports.add, []

    async def contended(writer: Writer, drafts: Sequence[Draft]) -> None:
        tried.append(len(drafts))
        await add(writer, drafts)
        if len(tried) == 1:
            await writer.execute(text("do $$ begin raise exception using errcode = 'deadlock_detected'; end $$"))

    monkeypatch.setattr(imports, "add", contended)
    total, bad = await importing(database, program, a_line(2, "A"), a_line(3, "B"))
    assert (tried, total, bad) == ([2, 2], Imported(lines=2, added=2), [])
    assert await waiting(database, program) == 2
