"""Our own rules about the code, as tests of the code: sizes, layers, no SQL outside the store, no floats, no addresses.

The import contracts are in `pyproject.toml` and run with `make check`; here is what they cannot see.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rules
import schema

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "domain", "resolvers", "rules", "schema", "workers")
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
STATEMENT = (
    r"(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|truncate\s+(table\s+)?\w"
    r"|(create|alter|drop)\s+(table|index|trigger|function|database|role)\s)"
)
# In the middle of a text, only capitals are SQL: small letters are prose there.
SQL_IN_CAPITALS = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM)\s", re.DOTALL)
SQL_AT_THE_BEGINNING = re.compile(rf"\s*{STATEMENT}", re.IGNORECASE | re.DOTALL)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(*folders: str) -> list[Path]:
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    assert files, folders
    return files


def everything() -> list[Path]:
    return sources(*PACKAGES, "tests", "bench")


def written_by_hand() -> list[Path]:
    # A migration is a list of operations that Alembic writes, however long.
    return [file for file in everything() if not within(file, "domain/store/migrations/versions")]


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file in written_by_hand():
        yield from ((file, node) for node in ast.walk(tree(file)) if isinstance(node, FUNCTIONS))


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


def place(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def within(file: Path, *folders: str) -> bool:
    return any(file.is_relative_to(ROOT / folder) for folder in folders)


def outside_the_store() -> list[Path]:
    return [file for file in sources(*PACKAGES) if not within(file, "domain/store")]


def docstrings(module: ast.Module) -> set[ast.AST]:
    owners = (ast.Module, ast.ClassDef, *FUNCTIONS)
    bodies = [node.body for node in ast.walk(module) if isinstance(node, owners)]
    return {body[0].value for body in bodies if body and isinstance(body[0], ast.Expr)}


def is_sql(value: object) -> bool:
    text = value if isinstance(value, str) else ""
    return bool(SQL_AT_THE_BEGINNING.match(text) or SQL_IN_CAPITALS.search(text))


def sql_strings(module: ast.Module) -> Iterator[ast.AST]:
    prose = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and node not in prose and is_sql(node.value):
            yield node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
            yield node


def floats(module: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(module):
        is_type = isinstance(node, ast.Name) and node.id == "float"
        is_number = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if is_type or is_number:
            yield node


def float_columns(module: ast.Module) -> Iterator[ast.AST]:
    names = {"float", "Float", "FLOAT", "Double", "DOUBLE", "DOUBLE_PRECISION", "REAL"}
    for node in ast.walk(module):
        if (isinstance(node, ast.Name) and node.id in names) or (
            isinstance(node, ast.Attribute) and node.attr in names
        ):
            yield node


@pytest.mark.parametrize(("name", "package"), [("rules", rules), ("schema", schema)])
def test_the_packages_imported_are_ours_and_not_their_namesakes(name: str, package: object) -> None:
    assert getattr(package, "__file__", None) == str(ROOT / name / "__init__.py")


def test_no_file_is_longer_than_a_person_reads() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in written_by_hand()}
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {
        f"{place(file, node)} {node.name}": (node.end_lineno or 0) - node.lineno + 1 for file, node in functions()
    }
    assert {function: length for function, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_is_about() -> None:
    assert [str(file.relative_to(ROOT)) for file in everything() if not ast.get_docstring(tree(file))] == []


def test_nothing_but_the_store_writes_sql() -> None:
    assert [place(file, node) for file in outside_the_store() for node in sql_strings(tree(file))] == []


def test_no_column_is_a_float() -> None:
    assert [place(file, node) for file in sources("domain/store") for node in float_columns(tree(file))] == []


def test_the_domain_knows_no_float() -> None:
    pure = [file for file in sources("domain") if not within(file, "domain/store", "domain/services")]
    assert [place(file, node) for file in pure for node in floats(tree(file))] == []


def test_the_lock_has_versions_and_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^([a-z0-9][\w.-]*)==\S+", lock, re.MULTILINE)
    hashed = re.findall(r"^([a-z0-9][\w.-]*)==[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert len(pinned) > 50
    assert hashed == pinned
    assert re.findall(r"://|--\w*index|--find-links|--trusted-host|file:|@ ", lock) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('q = "SELECT id FROM member"', 1),
        ('q = f"insert into {table} values (1)"', 1),
        ('q = "update member set name = 1"', 1),
        ('text("anything")', 1),
        ('q = "WITH due AS (SELECT id FROM lot) INSERT INTO job SELECT 1"', 1),
        ('q = """\n  delete from lot"""', 1),
        ('message = "choose from the list: select a lot from it"', 0),
        ('"""Select the best from all."""', 0),
        ('message = "select a member, then update it"', 0),
    ],
)
def test_the_scan_for_sql_sees_sql_and_not_prose(code: str, found: int) -> None:
    assert len(list(sql_strings(ast.parse(code)))) == found


@pytest.mark.parametrize(("code", "found"), [("x: float = 1", 1), ("x = 0.5", 1), ("x = float('1')", 1), ("x = 1", 0)])
def test_the_scan_for_floats_sees_types_and_numbers(code: str, found: int) -> None:
    assert len(list(floats(ast.parse(code)))) == found
