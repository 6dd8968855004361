"""Mass update: up to 500 partners added or removed, from a list or a CSV, a result per row, safe to repeat."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.memberships import MembershipStatus
from domain.partner_lists import Named, named
from domain.people import Role
from domain.problems import Refused
from domain.store.database import Database
from tests.partner_programs.guild import BEGIN, CURRENT, EXPIRED, TERMINATED, Guild, a_guild
from tests.support.factories import a_partner, somebody
from tests.support.refusals import places, problems_of

DAY = timedelta(days=1)
END, GRACE_END = date(2026, 1, 14), date(2026, 2, 13)
SHOWN = """update { done unchanged refused rows {
    row partner outcome membership { status beginsOn } error { __typename code message path } } }"""


async def mass(guild: Guild, name: str, **values: Any) -> Any:
    return await guild.client().command(name, SHOWN, partnerProgram=guild.program.code, **values)


async def outcomes(guild: Guild, name: str, **values: Any) -> list[tuple[int, str, str | None]]:
    payload = await mass(guild, name, **values)
    assert payload["errors"] == []
    return [(row["row"], row["outcome"], row["error"] and row["error"]["code"]) for row in payload["update"]["rows"]]


async def test_every_row_has_a_result_and_none_harms_another(database: Database) -> None:
    async with a_guild(database) as guild:
        known, new = guild.partner, await guild.another()
        await guild.member()
        codes = [known.code, "NOBODY", new.code, new.code]

        payload = (await mass(guild, "membershipsAdd", partners=codes))["update"]

        assert (payload["done"], payload["unchanged"], payload["refused"]) == (1, 2, 1)
        now = {"status": CURRENT, "beginsOn": str(BEGIN)}
        unknown = {
            "__typename": "NotFound", "code": "NOT_FOUND", "message": "There is no partner 'NOBODY'.",
            "path": ["input", "partners", "2"],
        }  # fmt: skip
        assert payload["rows"] == [
            {"row": 1, "partner": known.code, "outcome": "UNCHANGED", "membership": now, "error": None},
            {"row": 2, "partner": "NOBODY", "outcome": "REFUSED", "membership": None, "error": unknown},
            {"row": 3, "partner": new.code, "outcome": "DONE", "membership": now, "error": None},
            {"row": 4, "partner": new.code, "outcome": "UNCHANGED", "membership": now, "error": None},
        ]
        assert await guild.all_statuses() == {known.id: [CURRENT], new.id: [CURRENT]}


async def test_removing_somebody_who_is_not_a_member_is_refused_by_name(database: Database) -> None:
    async with a_guild(database) as guild:
        never, gone = await guild.another(), await guild.of_another()
        await gone.member()
        await guild.on(GRACE_END - 10 * DAY).member()
        guild.on(GRACE_END + DAY)
        codes = [guild.partner.code, never.code, gone.partner.code]

        [removed, nobody, expired] = (await guild.remove(*codes)).rows

        assert removed.membership is not None
        assert (removed.problem, removed.membership.status) == (None, MembershipStatus.TERMINATED)
        for row, code in ((nobody, never.code), (expired, gone.partner.code)):
            assert row.problem is not None
            assert (row.problem.code, row.problem.path) == ("NOT_MEMBER", ("input", "partners", str(row.row)))
            assert row.problem.message == f"{code} is not a member of this partner program: there is nothing to remove."
        assert await gone.statuses() == [EXPIRED]


async def test_the_same_list_sent_again_changes_nothing(database: Database) -> None:
    async with a_guild(database) as guild:
        codes = [guild.partner.code, (await guild.another()).code]
        assert await outcomes(guild, "membershipsAdd", partners=codes) == [(1, "DONE", None), (2, "DONE", None)]
        before = await _everything(guild)
        again = [(1, "UNCHANGED", None), (2, "UNCHANGED", None)]
        assert await outcomes(guild, "membershipsAdd", partners=codes) == again
        assert await _everything(guild) == before

        assert await outcomes(guild, "membershipsRemove", partners=codes) == [(1, "DONE", None), (2, "DONE", None)]
        before = await _everything(guild)
        assert await outcomes(guild, "membershipsRemove", partners=codes) == again
        assert await _everything(guild) == before
        assert await guild.statuses() == [TERMINATED]


async def test_whoever_was_removed_is_added_again_as_a_new_membership(database: Database) -> None:
    async with a_guild(database) as guild:
        await guild.member()
        await guild.remove()
        await guild.add()
        assert await guild.statuses() == [TERMINATED, CURRENT]


async def test_five_hundred_partners_from_a_csv(database: Database) -> None:
    async with a_guild(database) as guild:
        codes = [(await a_partner(guild.database)).code for _ in range(500)]
        csv = "name;partner\r\n" + "".join(f'"Partner; number {i}";{code}\r\n' for i, code in enumerate(codes))
        payload = (await mass(guild, "membershipsAdd", csv=csv))["update"]
        assert (payload["done"], payload["unchanged"], payload["refused"]) == (500, 0, 0)
        assert [row["row"] for row in payload["rows"]] == list(range(2, 502))
        payload = (await mass(guild, "membershipsRemove", csv=csv))["update"]
        assert (payload["done"], payload["unchanged"], payload["refused"]) == (500, 0, 0)
        assert set(map(tuple, (await guild.all_statuses()).values())) == {(TERMINATED,)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("MISSING_INPUT", "input.partners")),
        ({"partners": ["A"], "csv": "partner\nA"}, ("INVALID_INPUT", "input.csv")),
        ({"partners": []}, ("MISSING_INPUT", "input.partners")),
        ({"csv": "partner\n" + "A\n" * 501}, ("TOO_MANY", "input.csv")),
        ({"csv": "code\nA"}, ("INVALID_INPUT", "input.csv")),
        ({"csv": 'partner\n"A'}, ("INVALID_INPUT", "input.csv")),
        ({"csv": ""}, ("MISSING_INPUT", "input.csv")),
        ({"csv": "partner\n\n"}, ("MISSING_INPUT", "input.csv")),
    ],
)
async def test_a_list_that_is_wrong_as_a_whole_is_refused_as_a_whole(
    database: Database, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    async with a_guild(database) as guild:
        for name in ("membershipsAdd", "membershipsRemove"):
            refused = await guild.client().refused(name, partnerProgram=guild.program.code, **given)
            assert [(code, f"input.{path}") for code, path in refused] == [expected]
        assert await guild.all_statuses() == {}


def test_rows_of_a_file_are_named_by_their_lines() -> None:
    csv = "\N{BYTE ORDER MARK}\npartner\tname\n\n A \tx\ny\n"
    assert named(None, csv, "input") == (Named(4, "A"), Named(5, "y"))
    assert named(None, "name,partner\nonly a name\n", "input") == (Named(2, ""),)
    with pytest.raises(Refused) as caught:
        named(["A"] * 501, None, "input")
    assert places(caught.value.problems) == [("TOO_MANY", "input.partners")]


async def test_memberships_are_dated_back_within_reason(database: Database) -> None:
    async with a_guild(database) as guild:
        guild.on(date(2025, 6, 1))
        codes = (guild.partner.code,)
        for begins_on, expected in (
            (date(2025, 6, 2), "NOT_IN_THE_FUTURE"),
            (date(2023, 12, 31), "DATES_BACKWARD"),
            (date(2024, 5, 31), "MEMBERSHIP_OVER"),
        ):
            refused = await problems_of(guild.add(*codes, begins_on=begins_on))
            assert places(refused) == [(expected, "input.beginsOn")]
        [row] = (await guild.add(*codes, begins_on=BEGIN)).rows
        assert row.membership is not None
        assert (row.membership.begins_on, row.membership.ends_on) == (BEGIN, END)
        await guild.remove()
        [row] = (await guild.add(*codes, begins_on=date(2025, 5, 31))).rows
        assert row.problem is not None
        assert row.problem.code == "MEMBERSHIP_OVERLAP"
        assert "may begin on 2025-06-01 at the earliest" in row.problem.message


async def test_mass_update_is_for_partner_program_administrators(database: Database) -> None:
    async with a_guild(database) as guild:
        given = {"partnerProgram": guild.program.code, "partners": [guild.partner.code]}
        for role in (Role.MSR, Role.PROGRAM_ADMINISTRATOR, Role.PARTNER_MANAGER, Role.PARTNER_APPROVER, Role.MEMBER):
            for name in ("membershipsAdd", "membershipsRemove"):
                query = (
                    f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"
                )
                _, errors = await guild.client(somebody(role)).execute(query, i=given)
                assert [(error.extensions or {})["code"] for error in errors] == ["FORBIDDEN"]
        assert await guild.all_statuses() == {}


async def _everything(guild: Guild) -> list[Any]:
    """All there is of the program's memberships."""
    found: list[Any] = []
    async with guild.database.read() as reader:
        for table, place in (
            ("membership", "id"),
            ("membership_move", "membership_id"),
            ("agreement_line", "membership_id"),
        ):
            query = f"""select x.* from {table} x join membership m on m.id = x.{place}
                where m.partner_program_id = {guild.program.id} order by x.id"""
            found += [tuple(row) for row in await reader.execute(text(query))]
    return found
