"""Purchases in the inbox: of whom they are asked, with what a yes would cost and lead to."""

from decimal import Decimal
from typing import Any

from domain.people import Role
from domain.services.engine_programs import EnginePrograms
from tests.blocks.market import Market
from tests.support.factories import a_draft, a_person, acting, somebody
from tests.support.graphql import Client

LIST = """{ approvals(filter: { kinds: [POINT_BLOCK] }) { edges { node {
    kind pointBlock { original status } points member { number } requestedBy { subject } submitTo { subject } comment
    covered effect { problems { code } balances { pointType } text } } } } }"""


class _Desk:
    """What the effect of an approval asks of the desk: the compiled programs."""

    def __init__(self) -> None:
        self.programs = EnginePrograms()


async def waiting(market: Market, actor: Any) -> list[dict[str, Any]]:
    found = await Client(market.database, actor, _Desk()).ask(LIST)
    return [edge["node"] for edge in found["approvals"]["edges"]]


async def test_a_purchase_waits_for_the_person_asked_with_its_effect(market: Market) -> None:
    await market.bought(500)
    await market.asked(comment="for spring")

    [found] = await waiting(market, market.deciding)

    assert found == {
        "kind": "POINT_BLOCK", "pointBlock": {"original": "100000.00", "status": "SUBMITTED"}, "points": "100000",
        "member": None, "requestedBy": {"subject": market.seller.subject}, "submitTo": {"subject": market.boss.subject},
        "comment": "for spring", "covered": True,
        "effect": {
            "problems": [], "balances": [],
            "text": [
                "100,000 points at 0.01 USD cost 1,000.00 USD.",
                "Now 500 points are left in active blocks; then 100,500.",
            ],
        },
    }  # fmt: skip


async def test_it_waits_for_nobody_else_and_no_longer_than_it_is_undecided(market: Market) -> None:
    asked = await market.asked()
    elsewhere = await a_draft(market.database)
    others = [
        market.selling,
        acting(await a_person(market.database, Role.PARTNER_MANAGER, program=market.program.code)),
        acting(await a_person(market.database, Role.MANAGER, transaction_approval_limit=Decimal(10**9))),
        somebody(Role.PARTNER_MANAGER, program=elsewhere),
        somebody(Role.PARTNER_APPROVER, partner=market.hotel),
    ]

    assert [await waiting(market, other) for other in others] == [[]] * len(others)
    assert len(await waiting(market, market.deciding)) == 1
    await market.approve(asked)
    assert await waiting(market, market.deciding) == []
