"""Decisions through the API: every promotion that was considered, what it gave or why it did not, as data and in sentences."""

from datetime import UTC, datetime
from typing import Any

from tests.graphql.shop import Shop

TODAY = datetime.now(UTC).date()
DECISION = """transaction { subStatus totals { points qualifying } lots { position points origin } decision {
    calculationRule
    base { source rule points pointType definition { kind } }
    considered { promotion name version fired rules reason rule criterion seen }
    awards { promotion pointType qualifying exact rounded limited paid always }
    changes { promotion attribute before after }
    balances { pointType before after }
    text
} }"""


async def offer(shop: Shop, code: str, *rules: dict[str, Any], **values: Any) -> None:
    """An active promotion of today."""
    given = {"program": shop.program, "code": code, "name": f"The offer {code}", "startsOn": "2020-01-01", **values}
    await shop.administrator.done("promotionCreate", "promotion { code }", **given, rules=list(rules))
    await shop.administrator.done("promotionActivate", "promotion { active }", program=shop.program, promotion=code)


def gives(points: str, *criteria: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A rule that gives points."""
    return {"criteria": list(criteria), "actions": [{"assignPoints": {"constant": points, **values}}]}


async def test_every_promotion_considered_says_what_became_of_it(shop: Shop) -> None:
    counts = {"actions": [{"updateAttribute": {"attribute": "counters.visits", "operation": "ADD", "value": 1}}]}
    large = {"attribute": "transaction.amount", "operator": "AT_LEAST", "values": [100]}
    visits = {"program": shop.program, "path": "counters.visits", "type": "INTEGER"}
    await shop.administrator.done("attributeDefine", "program { version }", **visits)
    await offer(shop, "BIG", gives("50", large))
    await offer(shop, "COUNT", counts)
    await offer(shop, "DOUBLE", {"actions": [{"assignPoints": {"attribute": "transaction.basePoints"}}]})
    await offer(shop, "ENDED", gives("5"), endsOn="2020-12-31")
    await offer(shop, "SMALL", gives("7.6"), limits={"perMemberDay": "3"})
    member = await shop.enroll()

    payload = await shop.msr.done("pointsEarn", DECISION, **shop.of(member, amount="12.40"))

    transaction = payload["transaction"]
    assert (transaction["subStatus"], transaction["totals"]) == ("SUCCESS", [{"points": "24", "qualifying": "12"}])
    assert transaction["lots"] == [
        {"position": 0, "points": "12", "origin": "BASE"},
        {"position": 1, "points": "12", "origin": "PROMOTION"},
    ]
    decision = transaction["decision"]
    text = decision.pop("text")
    assert decision == {
        "calculationRule": "MAX_BY_PROMOTION",
        "base": {
            "source": "RULE", "rule": 1, "points": "12.40", "pointType": "POINTS", "definition": {"kind": "perAmount"},
        },
        "considered": [
            considered("COUNT", rules=[1]),
            considered("DOUBLE", rules=[1]),
            considered("SMALL", rules=[1]),
            considered("BIG", reason="CRITERION", rule=1, criterion=1, seen="12.40"),
            considered("ENDED", reason="DATE"),
        ],
        "awards": [award("DOUBLE", "12.40", "12", "12", paid=True), award("SMALL", "7.6", "8", "3", paid=False)],
        "changes": [{"promotion": "COUNT", "attribute": "counters.visits", "before": "0", "after": "1"}],
        "balances": [{"pointType": "POINTS", "before": "0", "after": "24"}],
    }  # fmt: skip
    because = "because another promotion gives more (MAX_BY_PROMOTION)"
    ended = f"it runs from 2020-01-01 through 2020-12-31, the transaction is of {TODAY}"
    lapses = text[1].rpartition(" ")[2]
    assert text[2:] == [
        "Promotion COUNT (The offer COUNT) applied by rule 1; it gives no points.",
        f"Promotion DOUBLE (The offer DOUBLE) applied by rule 1: 12.40 -> 12 POINTS (bonus), usable through {lapses}",
        f"Promotion SMALL (The offer SMALL) applied by rule 1: 7.6, limited to 3 POINTS not paid, {because}.",
        "Promotion BIG (The offer BIG) did not apply: rule 1 wants that transaction.amount is at least 100, found: 12.40.",
        f"Promotion ENDED (The offer ENDED) did not apply: {ended}.",
        "Promotion COUNT (The offer COUNT) changed counters.visits from 0 to 1.",
        "Available: 0 before, 24 POINTS after.",
    ]


async def test_a_decision_speaks_of_the_promotion_as_it_was(shop: Shop) -> None:
    await offer(shop, "HELLO", gives("5"))
    member = await shop.enroll()
    first = await shop.earn(member, "1")
    one = {"program": shop.program, "promotion": "HELLO"}
    await shop.administrator.done("promotionDeactivate", "promotion { version }", **one)
    shown = "promotion { version }"
    await shop.administrator.done(
        "promotionUpdate", shown, **one, expectedVersion=1, name="Good bye", rules=[gives("9")]
    )
    await shop.administrator.done("promotionActivate", shown, **one)
    second = await shop.earn(member, "1")

    query = (
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Transaction { decision { considered { name version } } } } }"
    )
    nodes = (await shop.msr.ask(query, ids=[first["id"], second["id"]]))["nodes"]
    assert [node["decision"]["considered"] for node in nodes] == [
        [{"name": "The offer HELLO", "version": 1}],
        [{"name": "Good bye", "version": 2}],
    ]


def considered(code: str, **said: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"rules": [], "reason": None, "rule": None, "criterion": None, "seen": None}
    named = {"promotion": code, "name": f"The offer {code}", "version": 1, "fired": bool(said.get("rules"))}
    return {**named, **usual, **said}


def award(code: str, exact: str, rounded: str, limited: str, *, paid: bool) -> dict[str, Any]:
    numbers = {"exact": exact, "rounded": rounded, "limited": limited}
    return {"promotion": code, "pointType": "POINTS", "qualifying": False, **numbers, "paid": paid, "always": False}
