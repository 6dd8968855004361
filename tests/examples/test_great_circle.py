"""The example package and the page that follows it: built, installed in a fresh environment, found, and at work."""

import re
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from domain.people import Role
from domain.store.database import Database
from tests.docs.pages import ROOT, examples, timeless
from tests.examples.airline import Airline, serving
from tests.examples.environments import Environment, built, fresh_environment
from tests.support.factories import a_person

PACKAGE = ROOT / "examples" / "great-circle"
PAGE = ROOT / "docs" / "write-a-rule.md"
CODE = re.compile(r"^```(?:python|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOUND = """
from importlib.metadata import entry_points
from rules import rule_kinds
print([point.value for point in entry_points(group="milepost.rules")])
print([kind.name for kind in rule_kinds()])
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh environment with the package in it."""
    folder = tmp_path_factory.mktemp("great-circle")
    environment = fresh_environment(folder / "environment")
    environment.install(built(PACKAGE, folder / "dist"))
    return environment


@pytest_asyncio.fixture
async def airline(
    environment: Environment, fresh_database: Database, fresh_database_url: str, tmp_path: Path
) -> AsyncIterator[Airline]:
    """Milepost, served from that environment."""
    roles = (Role.PROGRAM_ADMINISTRATOR, Role.MSR)
    subjects = {role: (await a_person(fresh_database, role)).subject for role in roles}
    with serving(environment, fresh_database_url, subjects, tmp_path) as airline:
        yield airline


def test_the_package_is_found_by_its_entry_point_alone(environment: Environment, tmp_path: Path) -> None:
    before = fresh_environment(tmp_path / "without").run("-c", FOUND)
    points, kinds = environment.run("-c", FOUND).splitlines()
    assert "great_circle" not in before
    assert "greatCircle" not in before
    assert "'great_circle'" in points
    assert "'greatCircle', 'longHaulBonus'" in kinds


def test_its_own_tests_pass_where_it_is_installed(environment: Environment, tmp_path: Path) -> None:
    tests = shutil.copytree(PACKAGE / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    said = environment.run(
        "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider", str(tests), within=tmp_path
    )
    assert re.search(r"^40 passed in", said, re.MULTILINE), said


def test_every_block_of_code_on_the_page_is_in_the_package() -> None:
    package = [file.read_text() for file in sorted(PACKAGE.rglob("*")) if file.suffix in {".py", ".toml"}]
    blocks = CODE.findall(PAGE.read_text())
    assert len(blocks) == 10
    assert [block for block in blocks if not any(block in text for text in package)] == []


def test_every_answer_is_what_the_page_says(airline: Airline) -> None:
    asked = examples(PAGE)
    assert len(asked) == 5
    for example in asked:
        answer = airline.ask(example.role, example.query)
        answer.pop("extensions")  # what it cost is on the page about limits
        assert timeless(answer) == timeless(example.answer), example.place


def test_the_schema_of_its_parameters_is_shown(airline: Airline) -> None:
    answer = airline.ask(Role.MSR, "{ ruleKinds { name version role parameters } }")
    [base] = [kind for kind in answer["data"]["ruleKinds"] if kind["name"] == "greatCircle"]
    schema = base["parameters"]
    assert (base["version"], base["role"]) == (1, "BASE")
    assert sorted(schema["properties"]) == ["cabins", "lines", "minimumMiles", "when"]
    assert (schema["required"], schema["additionalProperties"]) == (["cabins"], False)
    minimum = schema["properties"]["minimumMiles"]
    assert (minimum["type"], minimum["default"], minimum["minimum"], minimum["maximum"]) == ("integer", 500, 0, 12500)


def test_an_unknown_airport_is_an_error_of_that_flight_and_of_no_other(airline: Airline) -> None:
    _, program, _, _, _ = examples(PAGE)
    airline.ask(program.role, program.query)
    airline.ask(Role.MSR, ENROLL)
    cities = ["JFK", "QQQ", "BER", "QQQ", "JFK"]
    with ThreadPoolExecutor(len(cities)) as together:
        found = list(together.map(lambda flight: flown(airline, *flight), enumerate(cities)))
    assert found == [
        ("PROCESSED", "6769", "greatCircle", []),
        ("REJECTED_ENGINE", None, None, [UNKNOWN]),
        ("PROCESSED", "750", "greatCircle", []),
        ("REJECTED_ENGINE", None, None, [UNKNOWN]),
        ("PROCESSED", "6769", "greatCircle", []),
    ]


ENROLL = 'mutation { memberEnroll(input: { program: "FLYER", number: "1001", name: "Amelia" }) { errors { code } } }'
UNKNOWN = (
    "base rule 1 (greatCircle): greatCircle 1 rejected it: there is no airport 'QQQ' in the table; "
    "codes are those of IATA, such as 'FRA'."
)


def flown(airline: Airline, number: int, destination: str) -> tuple[str, str | None, str | None, list[str]]:
    """What a flight from Frankfurt in business comes to: status, points, the rule that its decision names, errors."""
    flight = f'{{ origin: "FRA", destination: "{destination}", cabin: "BUSINESS" }}'
    payload = airline.ask(Role.MSR, f"""mutation {{
        pointsEarn(input: {{
          program: "FLYER", member: {{ number: "1001" }}, idempotencyKey: "{number}", attributes: {flight}
        }}) {{
          transaction {{ status totals {{ points }} decision {{ base {{ definition {{ kind }} }} }} }}
          errors {{ message }}
        }}
    }}""")["data"]["pointsEarn"]  # fmt: skip
    flown: Any = payload["transaction"]
    points = [total["points"] for total in flown["totals"]]
    base = flown["decision"]["base"]
    messages = [error["message"] for error in payload["errors"]]
    return flown["status"], *(points or [None]), base and base["definition"]["kind"], messages
