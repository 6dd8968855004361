"""Vouchers as clients of the API see them: who may do what, and whose vouchers there are."""

from typing import Any

import pytest

from domain.commands.members import MemberReference
from domain.people import Role
from tests.graphql.shop import Shop, open_shop
from tests.graphql.web import Web, a_key
from tests.support.factories import a_code

SHOWN = "voucher { number status reservedUntil }"


async def a_type(shop: Shop, **terms: object) -> str:
    """The code of a new voucher type."""
    code = a_code("V")
    shown = "product { voucher { worth } }"
    await shop.administrator.done(
        "productCreate", shown, program=shop.program, code=code, name="Voucher", voucher=terms
    )
    return code


async def issued(shop: Shop, member: str, kind: str) -> str:
    """The number of a voucher that the MSR gives."""
    given = shop.of(member, voucherType=kind)
    [voucher] = (await shop.msr.done("voucherIssue", "vouchers { number }", **given))["vouchers"]
    return str(voucher["number"])


async def test_a_voucher_goes_through_its_life(shop: Shop) -> None:
    number = await issued(shop, await shop.enroll(), await a_type(shop))
    key = {"program": shop.program, "number": number}

    reserved = (await shop.msr.done("voucherReserve", SHOWN, **key, idempotencyKey=a_key()))["voucher"]
    assert (reserved["status"], reserved["reservedUntil"] is not None) == ("RESERVED", True)
    released = (await shop.msr.done("voucherRelease", SHOWN, **key, idempotencyKey=a_key()))["voucher"]
    assert released == {"number": number, "status": "AVAILABLE", "reservedUntil": None}
    again = (
        await shop.msr.done(
            "voucherReissue", f"{SHOWN[:-1]} replaces {{ number status }} }}", **key, idempotencyKey=a_key()
        )
    )["voucher"]
    assert again["replaces"] == {"number": number, "status": "REISSUED"}
    cancelled = await shop.msr.done(
        "voucherCancel", SHOWN, **{**key, "number": again["number"]}, idempotencyKey=a_key()
    )
    assert cancelled["voucher"]["status"] == "CANCELLED"

    query = "query($p: String!, $n: String!) { voucher(program: $p, number: $n) { moves { move person { name } } } }"
    history = (await shop.msr.ask(query, p=shop.program, n=number))["voucher"]["moves"]
    assert [each["move"] for each in history] == ["ISSUE", "RESERVE", "RELEASE", "REISSUE"]
    assert {each["person"]["name"] for each in history} == {shop.msr.person.name}


async def test_a_move_that_is_not_possible_says_what_is(shop: Shop) -> None:
    number = await issued(shop, await shop.enroll(), await a_type(shop))
    key = {"program": shop.program, "number": number}
    await shop.msr.done("voucherUse", "vouchers { status }", idempotencyKey=a_key(), **key)

    refused = await shop.msr.command("voucherCancel", "voucher { id }", **key, idempotencyKey=a_key())

    assert refused["errors"] == [
        {
            "__typename": "WrongVoucherStatus",
            "code": "WRONG_VOUCHER_STATUS",
            "message": f"Voucher {number} is USED: CANCEL is not possible. Possible from here: nothing.",
            "path": ["input", "number"],
        }
    ]


async def test_members_see_and_reserve_their_own_vouchers_and_no_others(shop: Shop, web: Web) -> None:
    mine, other = await shop.enroll(), await shop.enroll()
    kind = await a_type(shop)
    number, foreign = await issued(shop, mine, kind), await issued(shop, other, kind)
    member = await web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=mine))

    seen = (await member.ask("{ vouchers { edges { node { number } } } }"))["vouchers"]["edges"]
    assert seen == [{"node": {"number": number}}]
    await member.done("voucherReserve", SHOWN, program=shop.program, number=number, idempotencyKey=a_key())
    key = {"program": shop.program, "idempotencyKey": a_key()}
    assert await member.refused("voucherReserve", **key, number=foreign) == [("NOT_FOUND", "number")]


@pytest.mark.parametrize("mutation", ["voucherIssue", "voucherCancel", "voucherReissue"])
async def test_giving_and_taking_back_is_for_employees(shop: Shop, web: Web, mutation: str) -> None:
    number = await shop.enroll()
    member = await web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=number))
    given = (
        shop.of(number, voucherType="X")
        if mutation == "voucherIssue"
        else {"program": shop.program, "number": "X", "idempotencyKey": "1"}
    )

    answer = await member.answer(
        f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}",
        input=given,
    )

    assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("terms", "place"),
    [
        ({"worth": "0"}, "voucher.worth"),
        ({"products": ["NOBODY"]}, "voucher.products.0"),
        ({"expiry": {"kind": "INACTIVITY", "length": 1}}, "voucher.expiry.kind"),
        ({"expiry": {"kind": "PERIOD", "length": 0}}, "voucher.expiry.length"),
    ],
)
async def test_terms_that_can_never_work_are_refused_with_their_place(
    web: Web, terms: dict[str, object], place: str
) -> None:
    shop = await open_shop(web)
    refused = await shop.administrator.refused(
        "productCreate", program=shop.program, code="V", name="Voucher", voucher=terms
    )
    assert place in [where for _, where in refused]


async def test_a_redemption_paid_by_voucher_and_money_shows_how(web: Web) -> None:
    shop = await open_shop(web, tenderRate="10")
    member = await shop.enroll()
    number = await issued(shop, member, await a_type(shop, worth="30"))
    await shop.administrator.done("productCreate", "product { code }", program=shop.program, code="MUG", name="Mug")
    price = {"program": shop.program, "product": "MUG", "kind": "REDEMPTION", "points": "100", "startsOn": "2020-01-01"}
    await shop.administrator.done("productPriceSet", "product { code }", **price)
    await shop.earn(member, "100")

    given = shop.of(member, product="MUG", voucher={"number": number}, tender={"amount": "2", "currency": "EUR"})
    shown = "transaction { voucher { number } tender { amount currency kind } decision { text payments { kind name points } } }"
    paid = (await shop.msr.done("pointsRedeem", shown, **given))["transaction"]

    assert paid["voucher"] == {"number": number}
    assert paid["tender"] == {"amount": "2", "currency": "EUR", "kind": "CARD"}
    assert [(each["kind"], each["points"]) for each in paid["decision"]["payments"]] == [
        ("VOUCHER", "30"),
        ("TENDER", "20"),
    ]
    assert f"Paid by voucher {number}: 30 POINTS." in paid["decision"]["text"]
    assert await shop.available(member) == "50"


async def test_a_preview_shows_the_vouchers_that_it_would_use_and_uses_none(shop: Shop) -> None:
    member = await shop.enroll()
    number = await issued(shop, member, await a_type(shop, worth="100"))
    await shop.administrator.done("productCreate", "product { code }", program=shop.program, code="MUG", name="Mug")
    price = {"program": shop.program, "product": "MUG", "kind": "REDEMPTION", "points": "100", "startsOn": "2020-01-01"}
    await shop.administrator.done("productPriceSet", "product { code }", **price)
    given = shop.of(member, product="MUG", voucher={"number": number})
    shown = "transaction { status vouchers { number status moves { move } } }"
    used = [{"number": number, "status": "USED", "moves": [{"move": "ISSUE"}, {"move": "USE"}]}]

    preview = await shop.msr.done("pointsRedeem", shown, **given, preview=True)
    assert preview["transaction"] == {"status": "PROCESSED", "vouchers": used}
    paid = await shop.msr.done("pointsRedeem", shown, **given)
    assert paid["transaction"] == {"status": "PROCESSED", "vouchers": used}


async def test_a_transaction_in_progress_can_be_corrected_to_pay_otherwise(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.administrator.done("productCreate", "product { code }", program=shop.program, code="MUG", name="Mug")
    given: dict[str, Any] = {"type": "REDEMPTION", "subType": "PRODUCT", "points": None, "product": "MUG"}
    draft = await shop.record(member, **given, tender={"amount": "2", "currency": "EUR"})

    key = {"id": draft["id"], "expectedVersion": draft["version"]}
    shown = "transaction { tender { amount } voucher { voucherType quantity } }"
    corrected = await shop.msr.done(
        "transactionUpdate", shown, **key, tender=None, voucher={"voucherType": "X", "quantity": 2}
    )

    assert corrected["transaction"] == {"tender": None, "voucher": {"voucherType": "X", "quantity": 2}}
