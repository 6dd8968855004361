"""What nobody may learn of others, not even by the way in which they are refused; and what forged requests may not break."""

from typing import Any

import pytest

from domain.commands.members import MemberReference
from domain.pages import seal
from domain.people import Role
from tests.graphql.shop import Shop
from tests.graphql.web import Caller
from tests.support.factories import a_code

COUNTED = "query($by: String, $to: String) { transactions(filter: {createdBy: $by, submitTo: $to}) { totalCount } }"


async def login(shop: Shop, number: str) -> Caller:
    """The member itself."""
    return await shop.web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=number))


async def a_partners_user(shop: Shop) -> Caller:
    """A representative of a new partner of the shop."""
    code = a_code("H")
    await shop.administrator.done("partnerCreate", "partner { code }", code=code, name=code)
    await shop.administrator.done("partnerTermsSet", "terms { version }", program=shop.program, partner=code)
    return await shop.web.person(Role.PARTNER_REPRESENTATIVE, program=shop.program, partner=code)


async def heard_by(caller: Caller, shop: Shop, member: dict[str, str]) -> list[tuple[str, str, list[str]]]:
    """How somebody is refused who spends for a member, without what they said themselves."""
    [value] = member.values()
    heard = []
    for mutation, more in (("pointsRedeem", {}), ("transactionCreate", {"type": "REDEMPTION"})):
        given = {**shop.of("1", points="1", **more), "member": member}
        errors = (await caller.command(mutation, **given))["errors"]
        heard += [(error["code"], error["message"].replace(value, "…"), error["path"]) for error in errors]
    return heard


async def test_a_hidden_member_is_refused_in_the_words_for_nobody(shop: Shop) -> None:
    me, other = await shop.enroll(), await shop.enroll(email="ada@example.com")
    for _ in range(2):
        await shop.enroll(email="twins@example.com")
    caller, partner = await login(shop, me), await a_partners_user(shop)
    by_email = [{"email": f"{name}@example.com"} for name in ("ada", "nobody", "twins")]
    heard = [await heard_by(caller, shop, each) for each in ({"number": other}, {"number": "nobody"}, *by_email)]
    heard += [await heard_by(partner, shop, each) for each in by_email]
    assert heard == [[("NOT_FOUND", "There is no member '…'.", ["input", "member"])] * 2] * 8


async def test_of_two_with_one_email_the_partners_own_is_meant(shop: Shop) -> None:
    partner = await a_partners_user(shop)
    await shop.enroll(email="twins@example.com")
    await partner.done("memberEnroll", "member { id }", program=shop.program, name="Own", email="twins@example.com")
    given = {**shop.of("1", amount="10"), "member": {"email": "twins@example.com"}}
    payload = await partner.done("pointsEarn", "transaction { member { name } }", **given)
    assert payload["transaction"] == {"member": {"name": "Own"}}


async def test_members_see_neither_the_words_nor_the_hands_of_staff(shop: Shop) -> None:
    me = await shop.enroll()
    caller = await login(shop, me)
    manager = shop.manager.person.subject
    recorded = await shop.record(me, comment="not to be told", submitTo=manager)
    await shop.msr.done(
        "transactionSubmit", "transaction { id }", id=recorded["id"], expectedVersion=recorded["version"]
    )
    query = "query($id: ID!) { transaction(id: $id) { comment } }"
    assert (await caller.ask(query, id=recorded["id"]))["transaction"] == {"comment": None}
    assert (await shop.msr.ask(query, id=recorded["id"]))["transaction"] == {"comment": "not to be told"}
    for named in ({"by": shop.msr.person.subject}, {"to": manager}):
        assert (await caller.ask(COUNTED, **named))["transactions"] == {"totalCount": 0}
        assert (await shop.msr.ask(COUNTED, **named))["transactions"] == {"totalCount": 1}


async def test_a_partner_does_not_learn_who_else_enrolled_its_customers(shop: Shop) -> None:
    partner, other = await a_partners_user(shop), await a_partners_user(shop)
    enrolled = await other.done("memberEnroll", "member { number }", program=shop.program, name="Zed")
    await partner.done("pointsEarn", "replayed", **shop.of(enrolled["member"]["number"], amount="10"))
    codes = [
        (await each.ask("{ partners { edges { node { code } } } }"))["partners"]["edges"] for each in (partner, other)
    ]
    query = "query($code: String) { members(filter: {enrolledByPartner: $code}) { totalCount } }"
    theirs = codes[1][0]["node"]["code"]
    assert (await partner.ask("{ members { totalCount } }"))["members"] == {"totalCount": 1}
    assert (await partner.ask(query, code=theirs))["members"] == {"totalCount": 0}
    assert (await other.ask(query, code=theirs))["members"] == {"totalCount": 1}


async def test_what_was_agreed_with_one_partner_is_not_told_to_another(shop: Shop) -> None:
    partner, other = await a_partners_user(shop), await a_partners_user(shop)
    theirs = (await other.ask("{ partners { edges { node { code } } } }"))["partners"]["edges"][0]["node"]["code"]
    rules = [{"actions": [{"assignPoints": {"constant": "5"}}]}]
    for code, partners in (("ALL", []), ("ONE", [theirs])):
        said = {"program": shop.program, "code": code, "name": code, "startsOn": "2026-01-01"}
        await shop.administrator.done("promotionCreate", "__typename", **said, partners=partners, rules=rules)
        named = {"program": shop.program, "promotion": code}
        await shop.administrator.done("promotionActivate", "__typename", **named, expectedVersion=1)
    for caller, seen in ((partner, ["ALL"]), (other, ["ALL", "ONE"]), (shop.msr, ["ALL", "ONE"])):
        promotions = (await caller.ask("{ promotions { edges { node { code } } } }"))["promotions"]
        assert [edge["node"]["code"] for edge in promotions["edges"]] == seen
    shown = "transaction { decision { considered { promotion } text } }"
    earned = await partner.done("pointsEarn", shown, **shop.of(await shop.enroll(), amount="10"))
    decision = earned["transaction"]["decision"]
    assert decision["considered"] == [{"promotion": "ALL"}]
    assert "ONE" not in "".join(decision["text"])


async def test_a_simulation_shows_a_partner_no_stranger(shop: Shop) -> None:
    partner, stranger = await a_partners_user(shop), await shop.enroll()
    await shop.earn(stranger, "10")
    given = {"program": shop.program, "member": {"number": stranger}, "type": "REDEMPTION", "points": "1"}
    payload = await partner.done("transactionSimulate", "transaction { status member { name } }", **given)
    assert payload["transaction"] == {"status": "PROCESSED", "member": None}


async def test_a_member_finds_the_partners_of_its_program_by_the_program(shop: Shop) -> None:
    await a_partners_user(shop)
    caller = await login(shop, await shop.enroll())
    query = "query($program: String) { partners(filter: {program: $program}) { totalCount } }"
    assert (await caller.ask(query, program=shop.program))["partners"] == {"totalCount": 1}
    assert (await caller.ask(query, program="NOWHERE"))["partners"] == {"totalCount": 0}


@pytest.mark.parametrize(
    ("listed", "key"),
    [
        ("programs(orderBy: {field: CREATED_AT}, after: $after)", ("0001-01-01T00:00:00+23:59", 1)),
        ("programs(orderBy: {field: CREATED_AT}, after: $after)", ("9999-12-31T23:59:59-23:59", 1)),
        ("members(orderBy: {field: NAME}, after: $after)", ("\ud800", 1)),
    ],
)
async def test_a_forged_cursor_is_refused(shop: Shop, listed: str, key: tuple[Any, ...]) -> None:
    answer = await shop.msr.answer(f"query($after: String) {{ {listed} {{ totalCount }} }}", after=seal(*key))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_CURSOR"]


@pytest.mark.parametrize(
    ("list_", "key"),
    [("changes", (2**40,)), ("lots", ("2026-01-01", 1, 2**40)), ("transactions", (2**62,))],
)
async def test_a_forged_number_in_a_cursor_is_only_a_place(shop: Shop, list_: str, key: tuple[Any, ...]) -> None:
    number = await shop.enroll()
    query = f"""query($program: String!, $number: String!, $after: String) {{
        member(program: $program, reference: {{number: $number}}) {{ {list_}(after: $after) {{ totalCount }} }} }}"""
    await shop.msr.ask(query, program=shop.program, number=number, after=seal(*key))


async def test_dates_at_the_ends_of_time_are_dates(shop: Shop) -> None:
    number = await shop.enroll()
    await shop.earn(number, "10")
    query = """query($program: String!, $number: String!) {
        transactions(filter: {program: $program, processedFrom: "0001-01-01", processedThrough: "9999-12-31"}) { totalCount }
        member(program: $program, reference: {number: $number}) { balances(asOf: "0001-01-01T00:00:00Z") { available } }
    }"""
    assert await shop.msr.ask(query, program=shop.program, number=number) == {
        "transactions": {"totalCount": 1},
        "member": {"balances": [{"available": "0"}]},
    }


async def test_a_number_without_end_is_refused(shop: Shop) -> None:
    answer = await shop.msr.answer(f"{{ members(first: {'9' * 5000}) {{ totalCount }} }}")
    assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
        ("A number in this document has too many digits.", {"code": "LIMIT_EXCEEDED"})
    ]


async def test_nobody_is_called_like_the_engine(shop: Shop) -> None:
    given = {"subject": "engine", "name": "Nobody", "roles": ["MSR"]}
    assert await shop.administrator.refused("personCreate", **given) == [("INVALID_INPUT", "subject")]
