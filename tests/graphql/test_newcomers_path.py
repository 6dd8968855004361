"""A newcomer's path: from an empty installation to points that are earned, spent and understood."""

from datetime import UTC, datetime, timedelta

from domain.expiry import ExpiryKind, ExpiryPolicy, Snap, expires_on
from domain.people import Role
from tests.graphql.shop import Shop
from tests.graphql.web import Caller, Web, a_key
from tests.support.factories import a_code

A_YEAR = ExpiryPolicy(ExpiryKind.PERIOD, 12, snap=Snap.END_OF_MONTH)


EARNED = """replayed transaction {
    type subType status subStatus basePoints money { amount currency } totals { pointType points qualifying }
    lots { points remaining expiresOn origin } decision { text programVersion base { source rule points } }
}"""
REDEEMED = """transaction {
    status totals { points } lotUses { points lot { remaining expiresOn transaction { type } } } decision { text }
}"""


async def opened(somebody: Caller, code: str) -> None:
    """A program, drafted, completed and activated step by step."""
    said = {"name": "Grocer", "timeZone": "UTC", "currency": "EUR"}
    expiry = {"expiry": {"kind": "PERIOD", "length": 12, "snap": "END_OF_MONTH"}}
    draft = await somebody.done("programCreate", "program { status version }", code=code, **said, settings=expiry)
    assert draft["program"] == {"status": "DRAFT", "version": 1}
    await somebody.done("pointTypeCreate", "pointType { code }", program=code, code="POINTS", name="Points")
    rule = {"kind": "perAmount", "parameters": {"points": "1", "currency": "EUR", "counting": "PROPORTIONAL"}}
    await somebody.done("programUpdate", "program { version }", program=code, expectedVersion=2, baseRules=[rule])
    active = await somebody.done("programActivate", "program { status version }", program=code)
    assert active["program"] == {"status": "ACTIVE", "version": 4}


async def test_from_an_empty_program_to_the_reason_for_every_point(web: Web) -> None:
    somebody = await web.person(Role.PROGRAM_ADMINISTRATOR, Role.MSR)
    code, today = a_code("GROCER"), datetime.now(UTC).date()
    lapses = f"{expires_on(A_YEAR, today)}"
    await opened(somebody, code)
    enrolled = await somebody.done("memberEnroll", "member { number }", program=code, name="Ada Lovelace")
    said = {"program": code, "member": {"number": enrolled["member"]["number"]}}

    earned = await somebody.done("pointsEarn", EARNED, **said, amount="12.40", idempotencyKey=a_key())
    redeemed = await somebody.done("pointsRedeem", REDEEMED, **said, points=5, idempotencyKey=a_key())

    base = "Base points: 12.40 by base rule 1 (1 point per EUR) to 12.40 EUR -> 12 POINTS"
    assert earned["transaction"] == {
        "type": "ACCRUAL",
        "subType": "PRODUCT",
        "status": "PROCESSED",
        "subStatus": "NO_PROMOTIONS_QUALIFIED",
        "basePoints": "12.4",
        "money": {"amount": "12.40", "currency": "EUR"},
        "totals": [{"pointType": "POINTS", "points": "12", "qualifying": "12"}],
        "lots": [{"points": "12", "remaining": "12", "expiresOn": lapses, "origin": "BASE"}],
        "decision": {
            "programVersion": 4,
            "base": {"source": "RULE", "rule": 1, "points": "12.40"},
            "text": [
                f"Worked on {today} under version 4 of the program: NO_PROMOTIONS_QUALIFIED.",
                f"{base}, usable through {lapses}.",
                "Available: 0 before, 12 POINTS after.",
            ],
        },
    }
    source = {"remaining": "7", "expiresOn": lapses, "transaction": {"type": "ACCRUAL"}}
    assert redeemed["transaction"] == {
        "status": "PROCESSED",
        "totals": [{"points": "5"}],
        "lotUses": [{"points": "5", "lot": source}],
        "decision": {
            "text": [
                f"Worked on {today} under version 4 of the program: SUCCESS.",
                "Cost: 5 POINTS named by the transaction.",
                f"Taken: 5 POINTS from the lot of {today}, usable through {lapses}.",
                "Available: 12 before, 7 POINTS after.",
            ]
        },
    }


async def test_too_few_points_is_an_answer_with_numbers_and_a_transaction_of_its_own(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.earn(member, "40")

    payload = await shop.msr.command(
        "pointsRedeem",
        "transaction { status subStatus totals { points } lotUses { points } decision { text refusal { code } } }",
        **shop.of(member, points="50"),
    )

    assert payload["errors"] == [
        {
            "__typename": "InsufficientPoints",
            "code": "INSUFFICIENT_POINTS",
            "message": "50 POINTS are needed, 40 are available.",
            "path": ["input"],
            "available": "40",
            "required": "50",
            "pointType": "POINTS",
        }
    ]
    transaction = payload["transaction"]
    assert (transaction["status"], transaction["subStatus"]) == ("REJECTED_ENGINE", "INSUFFICIENT_POINTS")
    assert (transaction["totals"], transaction["lotUses"]) == ([], [])
    assert transaction["decision"]["refusal"] == {"code": "INSUFFICIENT_POINTS"}
    assert transaction["decision"]["text"][1] == (
        "Refused: 50 POINTS are needed, 40 are available. Nothing was given or taken."
    )
    assert await shop.available(member) == "40"


async def test_the_same_key_again_gives_the_first_answer_again(shop: Shop) -> None:
    member = await shop.enroll()
    given = shop.of(member, amount="10.00")
    first = await shop.msr.done("pointsEarn", "transaction { id } replayed", **given)
    again = await shop.msr.done("pointsEarn", "transaction { id } replayed", **given)

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["transaction"] == first["transaction"]
    assert await shop.available(member) == "10"
    assert await shop.count() == 1


async def test_a_refusal_is_given_again_too(shop: Shop) -> None:
    given = shop.of(await shop.enroll(), points="50")
    first = await shop.msr.command("pointsRedeem", "transaction { id } replayed", **given)
    again = await shop.msr.command("pointsRedeem", "transaction { id } replayed", **given)
    assert again == {**first, "replayed": True}
    assert await shop.count() == 1


async def test_a_key_used_for_something_else_is_refused_by_name(shop: Shop) -> None:
    member = await shop.enroll()
    given = shop.of(member, amount="10")
    await shop.msr.done("pointsEarn", "replayed", **given)
    assert await shop.msr.refused("pointsEarn", **{**given, "amount": "11"}) == [
        ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
    ]
    assert await shop.available(member) == "10"


async def test_the_same_purchase_by_external_id_is_recorded_once(shop: Shop) -> None:
    member = await shop.enroll()
    said = {"externalId": "T-1", "source": "till"}
    first = await shop.earn(member, "10", "id", **said)
    again = await shop.msr.done("pointsEarn", "transaction { id } replayed", **shop.of(member, amount="10", **said))
    assert (again["transaction"], again["replayed"]) == (first, True)
    assert await shop.msr.refused("pointsEarn", **shop.of(member, amount="11", **said)) == [
        ("EXTERNAL_ID_REUSED", "externalId")
    ]
    assert await shop.available(member) == "10"


async def test_a_gift_is_a_bonus_that_says_so(shop: Shop) -> None:
    member = await shop.enroll()
    payload = await shop.msr.done(
        "pointsGift",
        "transaction { subType status totals { points qualifying } comment }",
        **shop.of(member, points=100, comment="Happy birthday"),
    )
    assert payload["transaction"] == {
        "subType": "GIFT",
        "status": "PROCESSED",
        "totals": [{"points": "100", "qualifying": "0"}],
        "comment": "Happy birthday",
    }


async def test_a_reward_costs_its_price_and_takes_what_lapses_first(shop: Shop) -> None:
    member, today = await shop.enroll(), datetime.now(UTC).date()
    for given in ({"code": "MUG", "name": "Mug"},):
        await shop.administrator.done("productCreate", "product { code }", program=shop.program, **given)
    await shop.administrator.done(
        "productPriceSet",
        "product { code }",
        program=shop.program,
        product="MUG",
        kind="REDEMPTION",
        points="30",
        startsOn="2020-01-01",
    )
    await shop.earn(member, "50")
    await shop.earn(member, "50", transactionDate=f"{today - timedelta(days=60)}")

    payload = await shop.msr.done(
        "pointsRedeem",
        "transaction { product { code } basePoints lotUses { points lot { transactionDate } } decision { text } }",
        **shop.of(member, product="MUG", quantity="2"),
    )

    transaction = payload["transaction"]
    assert (transaction["product"], transaction["basePoints"]) == ({"code": "MUG"}, "60")
    assert transaction["lotUses"] == [
        {"points": "50", "lot": {"transactionDate": f"{today - timedelta(days=60)}"}},
        {"points": "10", "lot": {"transactionDate": f"{today}"}},
    ]
    assert transaction["decision"]["text"][1] == "Cost: 60 POINTS by the price of product MUG, times 2."
