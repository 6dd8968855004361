"""A partner's own file: recorded under its own external ids, with a report of its own; what its terms forbid is refused line by line."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.calendars import business_date
from domain.people import Principal, Role
from domain.services.imports.feeds import MAX_BYTES, MAX_LINES
from tests.portal.house import House
from tests.support.factories import a_point_type, a_program

HEADER = "external_id,member_number,type,transaction_date,amount,sub_type,points,point_type,partner\n"
REPORT = """report { preview lines added known repeated corrected refused
    problems { line column code value } }"""
COUNT = text("select count(*) from transaction where program_id = :program_id")


async def feed(house: House, actor: Principal, document: str, **values: Any) -> Any:
    """The report about a document."""
    payload = await house.client(actor).command(
        "importStart", REPORT, **{"program": house.program, "document": pieces(document), **values}
    )
    assert payload["errors"] == [], payload
    return payload["report"]


def pieces(document: str) -> list[str]:
    """A document in strings that a request may hold."""
    return [document[place : place + 20_000] for place in range(0, len(document), 20_000)]


async def refused(house: House, actor: Principal, document: str = HEADER, **values: Any) -> list[tuple[str, str]]:
    return await house.client(actor).refused(
        "importStart", **{"program": house.program, "document": pieces(document), **values}
    )


async def today(house: House) -> Any:
    async with house.database.read() as reader:
        return business_date(await house.database.now(reader), "UTC")


async def recorded(house: House) -> int:
    async with house.database.read() as reader:
        return int((await reader.execute(COUNT, {"program_id": house.stage.program.id})).scalar_one())


def found(report: Any) -> list[tuple[int, str, str]]:
    return [(each["line"], each["column"], each["code"]) for each in report["problems"]]


async def test_good_lines_are_queued_for_the_partner_and_come_once(house: House) -> None:
    day, number = await today(house), house.stage.member.number
    lines = "".join(f"stay-{each},{number},ACCRUAL,{day},{each}0,,,,\n" for each in (1, 2))
    report = await feed(house, house.clerk, HEADER + lines)
    assert (report["lines"], report["added"], report["refused"], report["problems"]) == (2, 2, 0, [])
    assert await house.stage.queued() == 2
    again = await feed(house, house.clerk, HEADER + lines)
    assert (again["added"], again["known"], await recorded(house)) == (0, 2, 2)
    shown = "{ transactions { edges { node { externalId partner { code } } } } }"
    mine = (await house.client(house.approver).ask(shown))["transactions"]["edges"]
    assert sorted(each["node"]["externalId"] for each in mine) == ["stay-1", "stay-2"]
    assert {each["node"]["partner"]["code"] for each in mine} == {house.hotel.code}
    assert (await house.client(house.rival).ask(shown))["transactions"]["edges"] == []


async def test_external_ids_are_each_partners_own(house: House) -> None:
    line = f"A,{house.stage.member.number},ACCRUAL,{await today(house)},10,,,,\n"
    assert (await feed(house, house.clerk, HEADER + line))["added"] == 1
    assert (await feed(house, house.rival, HEADER + line.replace(",10,", ",99,")))["added"] == 1
    differs = await feed(house, house.clerk, HEADER + line.replace(",10,", ",11,"))
    assert found(differs) == [(2, "external_id", "EXTERNAL_ID_DIFFERS")]
    assert await recorded(house) == 2


async def test_what_the_terms_forbid_is_refused_line_by_line_and_harms_no_other(house: House) -> None:
    await a_point_type(house.database, house.stage.program, code="STAYS")
    await house.agree(house.hotel, report_within_days=30, point_types=("POINTS",))
    day, number = await today(house), house.stage.member.number
    lines = (
        f"1,{number},ACCRUAL,{day},10,,,,{house.hotel.code}\n"
        f"2,{number},ACCRUAL,{day},10,,,,{house.airline.code}\n"
        f"3,{number},ACCRUAL,{day},,MANUAL_CREDIT,50,,\n"
        f"4,{number},ACCRUAL,{day},,GIFT,50,STAYS,\n"
        f"5,{number},ACCRUAL,{day - timedelta(31)},10,,,,\n"
        f"6,{number},ACCRUAL,{day - timedelta(30)},10,,,,\n"
        f"7,{number},REDEMPTION,{day},,MANUAL_DEBIT,5,,\n"
        f"8,nobody,ACCRUAL,{day},10,,,,\n"
    )
    report = await feed(house, house.clerk, HEADER + lines)
    assert found(report) == [
        (3, "partner", "INVALID_INPUT"),
        (4, "sub_type", "NOT_IN_FEEDS"),
        (5, "point_type", "POINT_TYPE_NOT_AGREED"),
        (6, "transaction_date", "LATE_REPORT"),
        (8, "sub_type", "NOT_IN_FEEDS"),
        (9, "member_number", "NOT_FOUND"),
    ]
    assert (report["added"], report["refused"], await recorded(house)) == (2, 6, 2)


async def test_json_lines_and_a_preview_that_writes_nothing(house: House) -> None:
    line = f'{{"external_id": "1", "member_number": "{house.stage.member.number}", "type": "ACCRUAL", "transaction_date": "{await today(house)}", "amount": 10}}\n'
    report = await feed(house, house.clerk, line + line + "[]\n", format="JSON_LINES", preview=True)
    assert (report["preview"], report["added"], report["repeated"], found(report)) == (
        True,
        1,
        1,
        [(3, "", "NOT_JSON")],
    )
    assert await recorded(house) == 0
    report = await feed(house, house.clerk, line, format="JSON_LINES")
    assert (report["preview"], report["added"], await recorded(house)) == (False, 1, 1)


async def test_a_document_that_is_wrong_as_a_whole_is_refused(house: House) -> None:
    assert await refused(house, house.clerk, "  \n") == [("EMPTY_FILE", "document")]
    assert await refused(house, house.clerk, "external_id,colour\n1,red\n") == [
        ("UNKNOWN_COLUMNS", "document"),
        ("MISSING_COLUMNS", "document"),
    ]
    assert await refused(house, house.clerk, HEADER + "1\n" * (MAX_LINES + 1)) == [("TOO_MANY", "document")]
    assert await refused(house, house.clerk, HEADER + "x" * MAX_BYTES) == [("TOO_MANY", "document")]
    assert await refused(house, house.clerk, partner=house.airline.code) == [("NOT_FOUND", "partner")]


async def test_a_program_without_active_terms_takes_no_feed(house: House) -> None:
    other = await a_program(house.database)
    assert await refused(house, house.clerk, program=other.code) == [("NOT_FOUND", "program")]
    await house.agree(house.hotel, active=False)
    assert await refused(house, house.clerk) == [("NOT_ALLOWED", "program")]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MSR, Role.PARTNER_MANAGER])
async def test_feeds_are_for_partners_managers_and_administrators(house: House, role: Role) -> None:
    actor = Principal(None, "somebody", frozenset({role}), house.administrator.scope)
    _, errors = await house.client(actor).execute(
        'mutation { importStart(input: {program: "X", document: ""}) { errors { code } } }'
    )
    assert [(each.extensions or {})["code"] for each in errors] == ["FORBIDDEN"]


async def test_the_hosts_own_files_are_not_bound_by_the_terms(house: House) -> None:
    await house.agree(house.hotel, report_within_days=1)
    line = f"1,{house.stage.member.number},ACCRUAL,{await today(house) - timedelta(9)},10,,,,\n"
    assert (await feed(house, house.stage.manager, HEADER + line, partner=house.hotel.code))["added"] == 1
