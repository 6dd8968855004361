"""A program with two partners that know nothing of each other: ALFA and BETA, each with everything that a partner can have.

Every text that belongs to one side has the side's name in it, so that a leak is found wherever it comes out.
"""

from dataclasses import dataclass
from typing import Any

from domain.commands.members import MemberReference
from domain.people import Role
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Caller, Web, a_key
from tests.support.factories import a_code

SIDES = ("ALFA", "BETA")


@dataclass(frozen=True)
class Side:
    """One partner, its people, and a member whom it enrolled."""

    name: str
    partner: str
    representative: Caller
    approver: Caller
    member: Caller
    number: str


@dataclass(frozen=True)
class World:
    """The program, and both sides."""

    shop: Shop
    alfa: Side
    beta: Side
    guild: Caller


async def a_world(web: Web) -> World:
    """A world of one test."""
    shop = await open_shop(web)
    guild = await web.person(Role.PARTNER_PROGRAM_ADMINISTRATOR)
    await _offer(shop, guild)
    alfa, beta = [await _side(shop, guild, name) for name in SIDES]
    await shop.manager.done("batchStart", "__typename", program=shop.program)
    return World(shop, alfa, beta, guild)


async def _offer(shop: Shop, guild: Caller) -> None:
    """What belongs to nobody: tiers, a product, a type of vouchers, a partner program."""
    administrator = shop.administrator
    program = {"program": shop.program}
    await administrator.done("productCreate", "__typename", **program, code="BASKET", name="Basket")
    await administrator.done("productCreate", "__typename", **program, code="CARD", name="Card", voucher={"worth": "5"})
    manager = await shop.web.person(Role.PARTNER_MANAGER)
    ranges = [{"fromQuantity": "1", "price": "0.01"}]
    await manager.done("pricingRuleCreate", "__typename", **program, code="R", name="R", currency="EUR", ranges=ranges)
    await administrator.done(
        "tierClassCreate", "__typename", **program, code="STATUS", name="Status", sequence=1, model="ROLLING"
    )
    for sequence, tier in enumerate(("BLUE", "GOLD"), 1):
        await administrator.done(
            "tierCreate", "__typename", **program, tierClass="STATUS", code=tier, name=tier, sequence=sequence
        )
    given = {"code": shop.program, "name": "Guild", "kind": "LEVEL", "timeZone": "UTC", "startsOn": "2020-01-01"}
    lines = [{"code": "TERMS", "description": "Terms"}]
    await guild.done("partnerProgramCreate", "__typename", **given, endsOn="2099-12-31", lines=lines)
    await guild.done("partnerProgramActivate", "__typename", partnerProgram=shop.program)


async def _side(shop: Shop, guild: Caller, name: str) -> Side:
    web, administrator, program = shop.web, shop.administrator, {"program": shop.program}
    code = a_code(name)
    await administrator.done("partnerCreate", "__typename", code=code, name=f"Company {name}")
    await administrator.done("partnerTermsSet", "__typename", **program, partner=code)
    bound: dict[str, Any] = {"partner": code, "email": f"{name.lower()}@example.com"}
    representative = await web.person(Role.PARTNER_REPRESENTATIVE, name=f"Rita {name}", **bound)
    approver = await web.person(Role.PARTNER_APPROVER, name=f"Adam {name}", **bound)
    enrolled = await representative.done(
        "memberEnroll",
        "member { number }",
        **program,
        number=a_code(name),
        name=f"Mia {name}",
        email=f"mia.{code.lower()}@example.com",
        address={"lines": [f"{name} street 1"], "city": name, "country": "DE"},
    )
    number = enrolled["member"]["number"]
    reference = MemberReference(number=number)
    member = await web.person(Role.MEMBER, program=shop.program, member=reference, name=f"Mia {name}")
    side = Side(name, code, representative, approver, member, number)
    await _promoted(shop, side)
    await _known(shop, side, guild)
    await _traded(shop, side)
    await _served(shop, side)
    return side


async def _promoted(shop: Shop, side: Side) -> None:
    """A promotion of this partner alone."""
    said = {"program": shop.program, "code": a_code(side.name), "name": f"Offer {side.name}", "startsOn": "2020-01-01"}
    rules = [{"actions": [{"assignPoints": {"constant": "5"}}]}]
    await shop.administrator.done("promotionCreate", "__typename", **said, partners=[side.partner], rules=rules)
    named = {"program": shop.program, "promotion": said["code"], "expectedVersion": 1}
    await shop.administrator.done("promotionActivate", "__typename", **named)


async def _served(shop: Shop, side: Side) -> None:
    """Transactions of every stage, and points that are held."""
    said = {"comment": f"Said by {side.name}", "source": side.name, "partner": side.partner}
    earned = shop.of(side.number, amount="1000", externalId=a_code(side.name), **said)
    await side.representative.done("pointsEarn", "__typename", **earned)
    await side.member.done("pointsRedeem", "__typename", **shop.of(side.number, points="10"))
    recorded = {"type": "ACCRUAL", "subType": "PRODUCT", "amount": "10", **said}
    await side.representative.done("transactionCreate", "__typename", **shop.of(side.number, **recorded))
    held = shop.of(side.number, points="20", comment=f"Held for {side.name}")
    await side.member.done("pointsHold", "__typename", **held)
    credit = {"type": "ACCRUAL", "subType": "MANUAL_CREDIT", "points": "50", "submitTo": shop.manager.person.subject}
    made = await side.representative.done(
        "transactionCreate", "transaction { id version }", **shop.of(side.number, **credit, **said)
    )
    transaction = made["transaction"]
    await side.representative.done(
        "transactionSubmit", "__typename", id=transaction["id"], expectedVersion=transaction["version"]
    )
    of_member = {"member": {"number": side.number}, "program": shop.program}
    asked = {**of_member, "tier": "GOLD", "reason": f"Because of {side.name}"}
    approver = await shop.web.person(Role.MANAGER, program=shop.program, tier_approver=True)
    await shop.msr.done("memberTierRequest", "__typename", **asked, submitTo=approver.person.subject)
    loan = {**of_member, "points": "100", "comment": f"Lent for {side.name}"}
    await shop.msr.done("memberMaxLoanSet", "__typename", **loan, submitTo=shop.manager.person.subject)
    given = shop.of(side.number, voucherType="CARD", comment=f"Given by {side.name}")
    await shop.msr.done("voucherIssue", "__typename", **given)


async def _traded(shop: Shop, side: Side) -> None:
    """What the partner buys and owes, and what is planned with it."""
    seller = await shop.web.person(Role.PARTNER_MANAGER)
    of_both = {"program": shop.program, "partner": side.partner}
    bought = {"idempotencyKey": a_key(), "points": "700", "comment": f"Bought by {side.name}", "currency": "EUR"}
    await seller.done("pointBlockPurchase", "__typename", **of_both, **bought, price="0.01")
    fee = {"idempotencyKey": a_key(), "description": f"Fee of {side.name}", "money": {"amount": "5", "currency": "EUR"}}
    await seller.done("partnerFeeCharge", "__typename", **of_both, **fee)
    planned = {"code": a_code(side.name), "name": f"Summer of {side.name}", "startsOn": "2030-01-01"}
    said = {"subject": f"News of {side.name}", "message": f"Hello from {side.name}", "endsOn": "2030-02-01"}
    await seller.done("campaignCreate", "__typename", **of_both, **planned, **said)


async def _known(shop: Shop, side: Side, guild: Caller) -> None:
    """What the partner has for itself: an endpoint, a key, an application and a membership."""
    endpoint = {"url": f"https://{side.name.lower()}.example.com/hook", "types": ["TRANSACTION_PROCESSED"]}
    described = {"description": f"Endpoint of {side.name}", "program": shop.program}
    await side.representative.done("webhookEndpointCreate", "__typename", **endpoint, **described)
    await side.representative.done("apiKeyCreate", "__typename", name=f"Till of {side.name}")
    noted = {"partnerProgram": shop.program, "note": f"We are {side.name}"}
    saved = await side.representative.done("applicationSave", "application { id }", **noted)
    await side.representative.done("applicationSubmit", "__typename", id=saved["application"]["id"])
    await guild.done("membershipsAdd", "__typename", partnerProgram=shop.program, partners=[side.partner])
