"""The command line: every command explains itself, does what it says, and names what a person can mend in one line."""

import re
from datetime import date
from decimal import Decimal

import jwt
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from app import sample
from app.cli import app
from app.commands.schema import differences
from app.listening import listening
from app.runtime import opened
from app.seed import seed
from app.settings import DEVELOPMENT_SECRET, load
from app.tokens import active, subject_of
from domain.commands.programs import SettingsChange
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit
from domain.people import Role
from domain.problems import NotFound
from domain.services.engine_programs import EnginePrograms
from domain.services.jobs import claim_due
from domain.services.people import person_of_subject
from domain.services.posting import Desk
from domain.store import migrate
from domain.store.database import Database
from domain.transactions import Type
from tests.app.milepost import Answer, free_port, milepost
from tests.support.factories import a_program
from tests.support.members import refusal
from tests.support.transactions import a_stage

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


def subject(answer: Answer) -> str:
    """Whom the token that was printed names."""
    assert (answer.code, answer.err) == (0, "")
    claims = jwt.decode(answer.out.strip(), DEVELOPMENT_SECRET, ["HS256"], audience="milepost-api")
    return str(claims["sub"])


@pytest.fixture
async def sample_url(fresh_database_url: str) -> str:
    """A database with the sample program."""
    async with opened(load(), fresh_database_url) as runtime:
        await seed(runtime)
    return fresh_database_url


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    said = CliRunner().invoke(app, [command, "--help"]).output
    assert "Example: " in said or "COMMAND [ARGS]" in said


async def test_tokens_are_for_people_who_have_the_role(sample_url: str) -> None:
    token = await milepost("token", "--role", "partner_approver", "--partner", "SEAVIEW", DATABASE_URL=sample_url)
    assert subject(token) == "citrus.seaview.approver"
    nobody = await milepost("token", "--role", "MEMBER", "--member", "1002", DATABASE_URL=sample_url)
    assert nobody == Answer(
        2, "", "milepost: There is no active person who is MEMBER with the log-in of member 1002: "
        "add one by `milepost person create`, or the sample by `milepost seed`.\n",
    )  # fmt: skip


async def test_of_several_with_a_role_the_first_is_meant_and_a_member_by_its_number(sample_url: str) -> None:
    database = Database(sample_url)
    assert await subject_of(database, Role.MANAGER) == "citrus.manager"
    assert await subject_of(database, Role.MEMBER, member="1001") == "citrus.clara"
    assert await subject_of(database, Role.MEMBER, member="1001", program="CITRUS") == "citrus.clara"
    for number, program in (("9", None), ("1001", "OTHER")):
        with refusal(NotFound(what="member", key=number)):
            await subject_of(database, Role.MEMBER, member=number, program=program)
    await database.close()


async def test_the_first_administrator_is_added_without_a_token(fresh_database_url: str) -> None:
    given = ("person", "create", "--subject", "ada", "--name", "Ada Winter", "--role", "program_administrator")
    added = await milepost(*given, "--role", "MANAGER", "--limit", "500", DATABASE_URL=fresh_database_url)
    assert added == Answer(0, "ada is added. A token for them: milepost token --subject ada\n", "")
    again = await milepost(*given, DATABASE_URL=fresh_database_url)
    assert again == Answer(2, "", "milepost: There is already a person 'ada'.\n")
    assert subject(await milepost("token", "--subject", "ada", DATABASE_URL=fresh_database_url)) == "ada"
    database = Database(fresh_database_url)
    person = await person_of_subject(database, "ada")
    assert person is not None
    assert person.roles == {Role.PROGRAM_ADMINISTRATOR, Role.MANAGER}
    assert person.transaction_approval_limit == 500
    assert await active(database, "ada") == "ada"
    with refusal(NotFound(what="active person", key="eva")):
        await active(database, "eva")
    await database.close()


def test_a_token_is_for_a_person_or_a_role_that_exists() -> None:
    for given, said in (
        (("--role", "engine"), "'engine' is none of MEMBER, MSR, MANAGER"),
        ((), "give either --role or --subject"),
        (("--role", "MSR", "--subject", "ada"), "give either --role or --subject"),
    ):
        refused = CliRunner().invoke(app, ["token", *given])
        assert refused.exit_code == 2
        assert said in refused.output
    limit = CliRunner().invoke(app, ["person", "create", "--limit", "nan"])
    assert "'nan' is not a number." in limit.output


async def test_production_makes_no_token(fresh_database_url: str) -> None:
    answer = await milepost(
        "token", "--role", "MSR", MILEPOST_ENVIRONMENT="production", DATABASE_URL=fresh_database_url
    )
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("milepost: this installation takes no tokens of its own")
    assert "Traceback" not in answer.err


async def test_the_sample_has_somebody_for_every_role_and_is_made_once(empty_database_url: str) -> None:
    first = await milepost("migrate", DATABASE_URL=empty_database_url)
    assert (first.code, first.out) == (0, "The database is up to date.\n")
    made = await milepost("seed", DATABASE_URL=empty_database_url)
    assert (made.code, made.out) == (0, "The sample program CITRUS is made.\n")
    again = await milepost("seed", DATABASE_URL=empty_database_url)
    assert (again.code, again.out) == (0, "The sample program CITRUS is there already.\n")
    roles = {role for person in (*sample.STAFF, sample.LOG_IN) for role in person.roles}
    assert roles == set(Role) - {Role.ENGINE}


async def test_a_sample_that_was_interrupted_is_completed(fresh_database_url: str) -> None:
    async with opened(load(), fresh_database_url) as runtime:
        await seed(runtime)
        await seed(runtime)
    verified = await milepost("verify", DATABASE_URL=fresh_database_url)
    assert verified.code == 0
    assert "BROKEN" not in verified.out


async def test_process_works_the_queue_and_counts_the_outcomes(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    code = stage.program.code
    for _ in range(20):
        await stage.record(stage.entry(amount=Decimal(10)), queue=True)
    await stage.record(stage.entry(type=Type.REDEMPTION, points=Decimal(10_000)), queue=True)
    answer = await milepost("process", "--program", code, DATABASE_URL=url)
    heading, *outcomes = answer.out.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert re.fullmatch(rf"{code}: 21 transactions worked in [\d.]+ s, \d+ a second; 0 wait\.", heading)
    assert [line.split() for line in outcomes] == [["1", "INSUFFICIENT_POINTS"], ["20", "NO_PROMOTIONS_QUALIFIED"]]
    assert (await stage.balance()).available == 200
    again = await milepost("process", "--program", code, DATABASE_URL=url)
    assert (again.code, again.out) == (0, f"{code}: nothing waits.\n")


async def test_explain_says_why(sample_url: str) -> None:
    told = await milepost("explain", "sample-5", "--program", "CITRUS", DATABASE_URL=sample_url)
    lines = told.out.splitlines()
    assert (told.code, lines[0][:24], lines[0][-11:]) == (0, "REDEMPTION/PRODUCT of 20", ": PROCESSED")
    assert lines[2] == "  Cost: 450 POINTS by the price of product OLIVEOIL."
    assert lines[3].startswith("  Taken: 450 POINTS from the lot of ")
    assert lines[4] == "  Available: 1,522 before, 1,072 POINTS after."
    none = await milepost("explain", "sample-99", "--program", "CITRUS", DATABASE_URL=sample_url)
    assert none == Answer(2, "", "milepost: CITRUS has no transaction with the external id 'sample-99'.\n")


async def test_explain_tells_transactions_with_the_same_external_id_apart(fresh_database: Database) -> None:
    stage = await a_stage(Desk(fresh_database, EnginePrograms()))
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    code, day = stage.program.code, date(2026, 11, 1)
    for source in (None, "till"):
        await stage.record(stage.entry(transaction_date=day, external_id="B-1", source=source))
    both = await milepost("explain", "B-1", "--program", code, DATABASE_URL=url)
    assert both.out.splitlines() == [
        f"ACCRUAL/PRODUCT of {day}, no source: IN_PROGRESS",
        "  It was not worked yet.",
        f"ACCRUAL/PRODUCT of {day}, source till: IN_PROGRESS",
        "  It was not worked yet.",
    ]
    one = await milepost("explain", "B-1", "--program", code, "--source", "till", DATABASE_URL=url)
    assert one.out.splitlines() == [f"ACCRUAL/PRODUCT of {day}: IN_PROGRESS", "  It was not worked yet."]
    none = await milepost("explain", "B-1", "--program", code, "--source", "web", DATABASE_URL=url)
    reason = f"{code} has no transaction with the external id 'B-1' of the source 'web'."
    assert none == Answer(2, "", f"milepost: {reason}\n")


async def test_expire_takes_what_has_lapsed(fresh_database: Database) -> None:
    policy = ExpiryPolicy(ExpiryKind.PERIOD, length=1, unit=PeriodUnit.MONTH)
    stage = await a_stage(Desk(fresh_database, EnginePrograms()), settings=SettingsChange(expiry=policy))
    url = fresh_database.engine.url.render_as_string(hide_password=False)
    code = stage.program.code
    await stage.earn(30, transaction_date=date(2026, 1, 10))
    await stage.earn(5)
    answer = await milepost("expire", "--program", code, DATABASE_URL=url)
    heading, *points = answer.out.splitlines()
    assert (answer.code, heading) == (0, f"{code}: 1 transaction of 1 member made for what has lapsed.")
    assert [line.split() for line in points] == [["30", "POINTS"]]
    again = await milepost("expire", "--program", code, DATABASE_URL=url)
    assert again.out == f"{code}: nothing has lapsed that is not written down already.\n"
    assert ((await stage.balance()).available, (await stage.balance()).expired) == (Decimal(5), Decimal(30))


async def test_failures_are_one_line_and_exit_code_2(empty_database_url: str) -> None:
    nobody = f"postgresql://milepost:secret@127.0.0.1:{free_port()}/points"
    unreachable = await milepost("migrate", DATABASE_URL=nobody)
    assert (unreachable.code, unreachable.err.count("\n")) == (2, 1)
    assert unreachable.err.startswith("milepost: the database postgresql://milepost:***@127.0.0.1:")
    empty = await milepost("serve", "--port", str(free_port()), DATABASE_URL=empty_database_url)
    assert empty == Answer(2, "", "milepost: the database has no tables yet: run `milepost migrate`\n")
    with listening("127.0.0.1", port := free_port()):
        taken = await milepost("run", "--port", str(port), DATABASE_URL=empty_database_url)
    reason = "address already in use; PORT or --port chooses another one"
    assert taken == Answer(2, "", f"milepost: cannot listen on 127.0.0.1:{port}: {reason}\n")
    migrate.upgrade(empty_database_url)
    unknown = await milepost("process", "--program", "NOWHERE", DATABASE_URL=empty_database_url)
    assert unknown == Answer(2, "", "milepost: There is no program 'NOWHERE'.\n")
    no_broker = await milepost(
        "work", DATABASE_URL=empty_database_url, BROKER_URL=f"redis://:secret@127.0.0.1:{port}/3"
    )
    assert (no_broker.code, no_broker.out) == (2, "")
    assert f"milepost: the broker redis://127.0.0.1:{port}/3 cannot be used: " in no_broker.err
    assert "secret" not in no_broker.err
    assert "Traceback" not in no_broker.err


PERIOD = ("--program", "ISLES", "--partner", "INN", "--from", "2026-11-01", "--through", "2026-11-30")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "fees", *PERIOD, "--out", "/no/such/folder/fees.csv"], "there is no folder /no/such/folder"),
        (["export", "fees", *PERIOD, "--from", "01.11.2026", "--out", "fees.csv"], "'01.11.2026' is not a date such as 2026-01-31."),
        (["simulate", "--processed", "--program", "ISLES", "--from", "November"], "'November' is not a date such as 2026-01-31."),
        (["import", "members", __file__, "--program", "ISLES", "--report", "/no/such/folder/bad.csv"], "there is no folder"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_right_is_refused_before_any_work(arguments: list[str], said: str) -> None:
    answer = CliRunner().invoke(app, arguments, env={"COLUMNS": "300", "TERMINAL_WIDTH": "300"})
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.replace("│", " ").split())


def test_a_difference_of_schemas_is_named_breaking_changes_first() -> None:
    before = "type Query {\n  old: Int\n  kept: Int\n}\n"
    now = "type Query {\n  kept: Int!\n  new: Int\n}\n"
    assert differences(before, now) == [
        "schema.graphql differs from the code:",
        "  FIELD_REMOVED: Field Query.old was removed.",
        "  FIELD_ADDED: Field Query.new was added.",
        "  FIELD_CHANGED_KIND_SAFE: Field Query.kept changed type from Int to Int!.",
        "Accept it by `milepost schema > schema.graphql`.",
    ]


async def test_jobs_are_listed_and_run_by_hand(fresh_database_url: str) -> None:
    nothing = await milepost("jobs", DATABASE_URL=fresh_database_url)
    assert nothing.out == "There are no jobs yet: a worker makes those of every program (milepost work).\n"
    database = Database(fresh_database_url)
    program = await a_program(database)
    ran = await milepost("jobs", "start", "EXPIRY", program.code, DATABASE_URL=fresh_database_url)
    assert ran == Answer(0, f"EXPIRY {program.code}: nothing to do\n", "")
    head, *rows = (await milepost("jobs", DATABASE_URL=fresh_database_url)).out.splitlines()
    assert re.split(r" {2,}", head) == ["JOB", "WHEN", "LAST STARTED", "LAST FINISHED", "NEXT RUN", "RESULT"]
    [expiry] = [re.split(r" {2,}", row) for row in rows if row.startswith("EXPIRY")]
    assert (expiry[0], expiry[1], expiry[-1]) == (f"EXPIRY {program.code}", "daily at 00:01", "nothing to do")
    await claim_due(database)
    running = await milepost("jobs", "start", f"TIERS {program.code}", DATABASE_URL=fresh_database_url)
    assert running.code == 2
    assert f"TIERS {program.code} is running now" in running.err
    unknown = await milepost("jobs", "start", "EXPIRY", "NOWHERE", DATABASE_URL=fresh_database_url)
    assert unknown == Answer(2, "", "milepost: There is no job 'EXPIRY NOWHERE'.\n")
    await database.close()
