"""Holds as clients of the API see them."""

from domain.commands.members import MemberReference
from domain.people import Role
from tests.graphql.shop import Shop
from tests.graphql.web import Web, a_key

HOLD = "hold { id status points captured pointType transaction { id } }"
BALANCE = """query($n: String!, $p: String!) { member(reference: {number: $n}, program: $p) {
    balances { available held } holds { points status } } }"""


async def a_hold(shop: Shop, member: str, points: str = "60") -> str:
    """The id of a hold of a member's points."""
    return str((await shop.msr.done("pointsHold", HOLD, **shop.of(member, points=points)))["hold"]["id"])


async def test_a_checkout_holds_and_captures(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.earn(member, "100")
    held = await a_hold(shop, member)
    shown = (await shop.msr.ask(BALANCE, n=member, p=shop.program))["member"]
    assert shown == {
        "balances": [{"available": "40", "held": "60"}],
        "holds": [{"points": "60", "status": "HELD"}],
    }

    shown = "preview transaction { status totals { points } }"
    previewed = await shop.msr.done("pointsCapture", shown, id=held, idempotencyKey=a_key(), points="45", preview=True)
    captured = await shop.msr.done("pointsCapture", shown, id=held, idempotencyKey=a_key(), points="45")

    assert previewed["preview"] is True
    assert captured["preview"] is False
    assert previewed["transaction"] == captured["transaction"] == {"status": "PROCESSED", "totals": [{"points": "45"}]}
    assert (await shop.msr.ask(BALANCE, n=member, p=shop.program))["member"] == {
        "balances": [{"available": "55", "held": "0"}],
        "holds": [],
    }
    query = "query($id: ID!) { node(id: $id) { ... on PointHold { status captured transaction { status } } } }"
    assert (await shop.msr.ask(query, id=held))["node"] == {
        "status": "CAPTURED",
        "captured": "45",
        "transaction": {"status": "PROCESSED"},
    }


async def test_members_hold_for_themselves_alone(shop: Shop, web: Web) -> None:
    mine, other = await shop.enroll(), await shop.enroll()
    for each in (mine, other):
        await shop.earn(each, "100")
    foreign = await a_hold(shop, other)
    member = await web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=mine))

    held = (await member.done("pointsHold", HOLD, **shop.of(mine, points="10")))["hold"]
    assert (await member.done("pointsRelease", HOLD, id=held["id"]))["hold"]["status"] == "RELEASED"
    assert await member.refused("pointsHold", **shop.of(other, points="10")) == [("NOT_FOUND", "member")]
    assert await member.refused("pointsRelease", id=foreign) == [("NOT_FOUND", "id")]
    assert await member.refused("pointsCapture", id=foreign, idempotencyKey=a_key()) == [("NOT_FOUND", "id")]


async def test_a_partner_sees_only_what_it_holds_itself(shop: Shop, web: Web) -> None:
    code = "P" + shop.program[-6:]
    await shop.administrator.done("partnerCreate", "partner { code }", code=code, name="Hotel")
    await shop.administrator.done("partnerTermsSet", "terms { version }", program=shop.program, partner=code)
    partner = await web.person(Role.PARTNER_REPRESENTATIVE, program=shop.program, partner=code)
    guest = (await partner.done("memberEnroll", "member { number }", program=shop.program, name="Guest"))["member"]
    await shop.earn(guest["number"], "100")
    await a_hold(shop, guest["number"], "10")

    await partner.done("pointsHold", HOLD, **shop.of(guest["number"], points="20"))

    seen = (await partner.ask(BALANCE, n=guest["number"], p=shop.program))["member"]
    assert seen["holds"] == [{"points": "20", "status": "HELD"}]
    assert seen["balances"] == [{"available": "70", "held": "30"}]


async def test_settings_say_how_long_holds_are(shop: Shop) -> None:
    query = "query($p: String!) { program(code: $p) { version settings { holdMinutes longestHoldMinutes } } }"
    found = (await shop.administrator.ask(query, p=shop.program))["program"]
    assert found["settings"] == {"holdMinutes": 15, "longestHoldMinutes": 60}

    key = {"program": shop.program, "expectedVersion": found["version"]}
    assert await shop.administrator.refused("programUpdate", **key, settings={"holdMinutes": 61}) == [
        ("INVALID_INPUT", "settings.holdMinutes")
    ]
    await shop.administrator.done("programUpdate", "program { version }", **key, settings={"longestHoldMinutes": 120})
    member = await shop.enroll()
    await shop.earn(member, "100")
    await shop.msr.done("pointsHold", HOLD, **shop.of(member, points="60", minutes=120))
