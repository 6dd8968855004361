"""How many statements an answer costs: as many for twenty transactions as for two."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app import identity
from domain.store.database import Database
from tests.graphql.shop import Shop

MEMBER = """query($number: String!, $program: String!, $first: Int!) {
    member(reference: {number: $number}, program: $program) {
        number
        balances { pointType available }
        transactions(first: $first) { edges { node { FIELDS } } }
    }
}"""
PLAIN = "id type subType status transactionDate money { amount currency } totals { pointType points }"
LOTS = f"{PLAIN} lots {{ points remaining expiresOn }} lotUses {{ points lot {{ points expiresOn }} }}"
STORY = f"""{LOTS} createdBy {{ subject }} product {{ code }} pointType {{ code }} program {{ code }} availableMoves
    approvals {{ move person {{ subject }} }} decision {{ text awards {{ paid }} }} decisions {{ attempt }}"""


@pytest.fixture(autouse=True)
def _who_asks_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody is asked about twice."""
    monkeypatch.setattr(identity, "REMEMBER_PERSONS", 3600.0)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the database within the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def cost(shop: Shop, number: str, fields: str, first: int) -> int:
    """The statements for a member with the latest transactions."""
    query = MEMBER.replace("FIELDS", fields)
    variables = {"number": number, "program": shop.program, "first": first}
    await shop.msr.ask(query, **variables)  # the first time also finds out who asks
    with counted(shop.web.database) as sent:
        data = await shop.msr.ask(query, **variables)
    assert len(data["member"]["transactions"]["edges"]) == first
    return len(sent)


async def active_member(shop: Shop) -> str:
    """A member with twenty transactions, of which every fourth is a redemption."""
    number = await shop.enroll()
    for turn in range(20):
        if turn % 4 == 3:
            await shop.msr.done("pointsRedeem", "replayed", **shop.of(number, points=5))
        else:
            await shop.earn(number, "10")
    return number


async def test_twenty_transactions_cost_as_many_statements_as_two(shop: Shop) -> None:
    number = await active_member(shop)
    costs = {
        fields: {first: await cost(shop, number, fields, first) for first in (2, 20)} for fields in (PLAIN, LOTS, STORY)
    }
    assert [found[2] for found in costs.values()] == [found[20] for found in costs.values()]
    assert costs[LOTS][20] == costs[PLAIN][20] + 3
    # Its program, itself, its balances and its transactions; beside them one for the moment, which the driver is asked directly.
    assert costs[PLAIN][20] == 4


async def test_a_list_costs_the_same_however_many_it_shows(shop: Shop) -> None:
    await active_member(shop)
    query = f"query($p: String!, $n: Int!) {{ transactions(filter: {{program: $p}}, first: $n) {{ edges {{ node {{ {LOTS} }} }} }} }}"
    found = {}
    for first in (2, 20):
        with counted(shop.web.database) as sent:
            await shop.msr.ask(query, p=shop.program, n=first)
        found[first] = len(sent)
    assert found == {2: 4, 20: 4}


async def test_a_version_of_a_program_is_read_once_for_all_its_decisions(shop: Shop) -> None:
    number = await shop.enroll()
    ids = [(await shop.earn(number, "10"))["id"] for _ in range(3)]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Transaction { decision { programVersion } } } }"
    found = []
    for some in (ids[:2], ids):
        with counted(shop.web.database) as sent:
            await shop.msr.ask(query, ids=some)
        found.append(["program_version" in statement and "decision" not in statement for statement in sent].count(True))
    assert found == [1, 0]
