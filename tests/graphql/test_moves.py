"""The life of a transaction through the API: submitted, approved within limits, refused by name, and offered only what is possible."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.commands.members import MemberReference
from domain.people import Role
from schema.ids import seal
from tests.graphql.shop import Shop
from tests.graphql.web import Caller, a_key
from tests.support.factories import a_code

STATE = "transaction { status subStatus submitTo { subject } version availableMoves }"
TRAIL = """query($id: ID!) { transaction(id: $id) { external approvals {
    move fromStatus toStatus person { subject } submitTo { subject } comment } } }"""
INBOX = "{ approvals { edges { node { transaction { id } } } } }"


async def test_a_request_is_submitted_approved_and_processed(shop: Shop) -> None:
    member = await shop.enroll()
    recorded = await shop.record(member, "id status availableMoves")
    assert recorded["status"] == "IN_PROGRESS"
    assert recorded["availableMoves"] == ["SUBMIT", "RECALL"]
    submitted = await shop.msr.done("transactionSubmit", STATE, id=recorded["id"], comment="as promised")
    assert submitted["transaction"] == {
        "status": "SUBMITTED",
        "subStatus": None,
        "submitTo": {"subject": shop.manager.person.subject},
        "version": 2,
        "availableMoves": ["RECALL"],
    }
    assert recorded["id"] in await inbox(shop.manager)

    given = {"id": recorded["id"], "idempotencyKey": a_key(), "andProcess": True}
    approved = await shop.manager.done("transactionApprove", f"{STATE} replayed", **given)

    assert approved["transaction"]["status"] == "PROCESSED"
    assert await shop.available(member) == "500"
    assert recorded["id"] not in await inbox(shop.manager)
    again = await shop.manager.done("transactionApprove", f"{STATE} replayed", **given)
    assert again == {**approved, "replayed": True}
    assert await shop.available(member) == "500"
    msr, manager = ({"subject": each.person.subject} for each in (shop.msr, shop.manager))
    assert (await shop.msr.ask(TRAIL, id=recorded["id"]))["transaction"]["approvals"] == [
        step("CREATE", None, "IN_PROGRESS", msr),
        step("SUBMIT", "IN_PROGRESS", "SUBMITTED", msr, submitTo=manager, comment="as promised"),
        step("APPROVE", "SUBMITTED", "APPROVED", manager),
        step("ACCEPT", "APPROVED", "ACCEPTABLE", manager),
        step("PROCESS", "ACCEPTABLE", "PROCESSED", manager),
    ]


def step(move: str, before: str | None, after: str, person: Any, **more: Any) -> dict[str, Any]:
    said = {"submitTo": None, "comment": None, **more}
    return {"move": move, "fromStatus": before, "toStatus": after, "person": person, **said}


async def inbox(caller: Caller) -> list[str]:
    return [edge["node"]["transaction"]["id"] for edge in (await caller.ask(INBOX))["approvals"]["edges"]]


async def test_above_the_own_limit_it_goes_up_the_chain(shop: Shop) -> None:
    recorded = await shop.record(await shop.enroll(), points="5000")
    await shop.msr.done("transactionSubmit", STATE, id=recorded["id"])
    approve = {"id": recorded["id"], "idempotencyKey": a_key()}

    shown = "errors { __typename ... on ApprovalLimitExceeded { points limit message } }"
    query = f"mutation($input: TransactionApproveInput!) {{ transactionApprove(input: $input) {{ {shown} }} }}"
    assert (await shop.manager.ask(query, input=approve))["transactionApprove"]["errors"] == [
        {
            "__typename": "ApprovalLimitExceeded",
            "points": "5000",
            "limit": "1000",
            "message": "5,000 points are above your approval limit of 1,000: forward the transaction to your manager.",
        }
    ]
    forwarded = await shop.manager.done("transactionForward", STATE, id=recorded["id"])
    assert forwarded["transaction"]["submitTo"] == {"subject": shop.director.person.subject}
    approved = await shop.director.done("transactionApprove", STATE, **approve)
    assert approved["transaction"]["status"] == "ACCEPTABLE"


async def test_a_refused_move_names_the_status_and_what_is_possible(shop: Shop) -> None:
    recorded = await shop.record(await shop.enroll())
    await shop.msr.done("transactionSubmit", STATE, id=recorded["id"])
    shown = (
        "errors { code path message ... on WrongStatus { status move allowed } ... on NotEditable { status allowed } }"
    )
    submit = f"mutation($input: TransactionSubmitInput!) {{ transactionSubmit(input: $input) {{ {shown} }} }}"
    assert (await shop.msr.ask(submit, input={"id": recorded["id"]}))["transactionSubmit"]["errors"] == [
        {
            "code": "WRONG_STATUS",
            "path": ["input", "id"],
            "message": "This transaction is SUBMITTED: SUBMIT is not possible. "
            "Possible from here: FORWARD, APPROVE, REJECT, RECALL.",
            "status": "SUBMITTED",
            "move": "SUBMIT",
            "allowed": ["FORWARD", "APPROVE", "REJECT", "RECALL"],
        }
    ]
    update = f"mutation($input: TransactionUpdateInput!) {{ transactionUpdate(input: $input) {{ {shown} }} }}"
    given = {"id": recorded["id"], "expectedVersion": 2, "points": 1}
    [error] = (await shop.msr.ask(update, input=given))["transactionUpdate"]["errors"]
    assert (error["code"], error["status"], error["path"]) == ("NOT_EDITABLE", "SUBMITTED", ["input", "id"])


async def test_who_may_not_is_told_at_the_id(shop: Shop) -> None:
    recorded = await shop.record(await shop.enroll())
    process = {"id": recorded["id"], "idempotencyKey": a_key()}
    assert await shop.msr.refused("transactionProcess", **process) == [("WRONG_STATUS", "id")]
    await shop.msr.done("transactionSubmit", STATE, id=recorded["id"])
    assert await shop.msr.refused("transactionReject", id=recorded["id"], comment="no") == [("NOT_ALLOWED", "id")]


@pytest.mark.parametrize("command", ["transactionSubmit", "transactionProcess"])
async def test_an_id_of_nothing_is_repeated_as_it_was_typed(shop: Shop, command: str) -> None:
    unknown, other_type = seal("Transaction", 10**15), seal("Member", 1)
    more = {"idempotencyKey": a_key()} if command == "transactionProcess" else {}
    for typed in ("rubbish", unknown, other_type):
        [error] = (await shop.msr.command(command, "", id=typed, **more))["errors"]
        said = (error["code"], error["path"], error["message"])
        assert said == ("NOT_FOUND", ["input", "id"], f"There is no transaction '{typed}'.")


async def test_members_see_the_moves_but_not_who_said_what(shop: Shop) -> None:
    member = await shop.enroll()
    recorded = await shop.record(member)
    await shop.msr.done("transactionSubmit", STATE, id=recorded["id"], comment="calls every week")
    own = await shop.web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=member))
    assert (await own.ask(TRAIL, id=recorded["id"]))["transaction"]["approvals"] == [
        step("CREATE", None, "IN_PROGRESS", None),
        step("SUBMIT", "IN_PROGRESS", "SUBMITTED", None),
    ]


async def test_members_see_what_they_said_themselves(shop: Shop) -> None:
    partner, member = a_code("HOTEL"), await shop.enroll()
    await shop.administrator.done("partnerCreate", "partner { code }", code=partner, name="Hotel")
    await shop.administrator.done("partnerTermsSet", "terms { active }", program=shop.program, partner=partner)
    own = await shop.web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=member))
    stay = shop.of(member, type="ACCRUAL", amount="10", partner=partner, sendToPartner=True)
    reported = (await own.done("transactionCreate", "transaction { id }", **stay))["transaction"]
    await own.done("transactionRecall", STATE, id=reported["id"], comment="never mind")
    myself = {"subject": own.person.subject}
    assert (await own.ask(TRAIL, id=reported["id"]))["transaction"]["approvals"] == [
        step("CREATE_FOR_PARTNER", None, "PARTNER_PENDING", myself),
        step("RECALL", "PARTNER_PENDING", "CANCELLED", myself, comment="never mind"),
    ]


async def test_the_viewer_is_a_person_with_a_manager_and_limits(shop: Shop) -> None:
    shown = "name manager { subject } transactionApprovalLimit program { code } partner { code } member { number }"
    assert (await shop.manager.ask(f"{{ viewer {{ person {{ {shown} }} }} }}"))["viewer"]["person"] == {
        "name": shop.manager.person.name,
        "manager": {"subject": shop.director.person.subject},
        "transactionApprovalLimit": "1000",
        "program": {"code": shop.program},
        "partner": None,
        "member": None,
    }
    member = await shop.enroll()
    own = await shop.web.person(Role.MEMBER, program=shop.program, member=MemberReference(number=member))
    seen = await own.ask("{ viewer { person { name member { number } } } }")
    assert seen["viewer"]["person"] == {"name": own.person.name, "member": {"number": member}}


async def test_what_was_rejected_is_reopened_corrected_and_sent_again(shop: Shop) -> None:
    recorded = await shop.record(await shop.enroll(), attributes={"reason": "late", "case": 7})
    one = {"id": recorded["id"]}
    await shop.msr.done("transactionSubmit", STATE, **one)
    assert await shop.manager.refused("transactionReject", **one, comment=" ") == [("INVALID_INPUT", "comment")]
    rejected = await shop.manager.done("transactionReject", STATE, **one, comment="half of it")
    assert rejected["transaction"]["status"] == "REJECTED_MANAGER"
    await shop.msr.done("transactionReopen", STATE, **one)
    assert await shop.msr.refused("transactionUpdate", **one, expectedVersion=2, points=1) == [
        ("VERSION_CONFLICT", "expectedVersion")
    ]
    corrected = await shop.msr.done(
        "transactionUpdate",
        "transaction { points attributes comment pointType { code } status }",
        **one,
        expectedVersion=4,
        points="250",
        comment="as agreed",
        attributes={"case": None, "agent": "A"},
    )
    assert corrected["transaction"] == {
        "points": "250",
        "attributes": {"reason": "late", "agent": "A"},
        "comment": "as agreed",
        "pointType": {"code": "POINTS"},
        "status": "IN_PROGRESS",
    }


async def test_a_deleted_transaction_is_gone_and_its_external_id_free(shop: Shop) -> None:
    member = await shop.enroll()
    recorded = await shop.record(member, externalId="E-1")
    await shop.msr.done("transactionDelete", "transaction { externalId status }", id=recorded["id"])
    query = "query($id: ID!) { transaction(id: $id) { id } }"
    assert (await shop.msr.ask(query, id=recorded["id"]))["transaction"] is None
    assert (await shop.record(member, externalId="E-1"))["id"] != recorded["id"]


async def test_a_queued_transaction_is_left_to_the_batch_engine(shop: Shop) -> None:
    recorded = await shop.record(
        await shop.enroll(), "id status", subType="PRODUCT", points=None, amount="5", queue=True
    )
    assert recorded["status"] == "QUEUED"
    shown = "errors { message }"
    query = f"mutation($input: TransactionProcessInput!) {{ transactionProcess(input: $input) {{ {shown} }} }}"
    answer = await shop.msr.ask(query, input={"id": recorded["id"], "idempotencyKey": a_key()})
    assert answer["transactionProcess"]["errors"] == [
        {"message": "This transaction is QUEUED: the batch engine processes it. Possible from here: RECALL."}
    ]


MUTATIONS: dict[str, str] = {
    "SUBMIT": "transactionSubmit",
    "FORWARD": "transactionForward",
    "APPROVE": "transactionApprove",
    "REJECT": "transactionReject",
    "ACCEPT": "transactionAccept",
    "QUEUE": "transactionQueue",
    "SEND_TO_PARTNER": "transactionSendToPartner",
    "PARTNER_APPROVE": "transactionPartnerApprove",
    "PARTNER_REJECT": "transactionPartnerReject",
    "PROCESS": "transactionProcess",
    "RECALL": "transactionRecall",
    "REOPEN": "transactionReopen",
}
"""The moves that people press, and how."""

KEYED = {"APPROVE", "PROCESS"}
COMMENTED = {"REJECT", "PARTNER_REJECT"}
Make = Callable[[Shop, str, str], Awaitable[str]]


async def in_progress(shop: Shop, member: str, partner: str) -> str:
    return str((await shop.record(member, partner=partner))["id"])


async def submitted(shop: Shop, member: str, partner: str) -> str:
    return await moved(shop.msr, "SUBMIT", await in_progress(shop, member, partner))


async def acceptable(shop: Shop, member: str, partner: str) -> str:
    return await moved(shop.manager, "APPROVE", await submitted(shop, member, partner))


async def queued(shop: Shop, member: str, partner: str) -> str:
    return await moved(shop.msr, "QUEUE", await acceptable(shop, member, partner))


async def rejected(shop: Shop, member: str, partner: str) -> str:
    return await moved(shop.manager, "REJECT", await submitted(shop, member, partner))


async def recalled(shop: Shop, member: str, partner: str) -> str:
    return await moved(shop.msr, "RECALL", await in_progress(shop, member, partner))


async def partner_pending(shop: Shop, member: str, partner: str) -> str:
    purchase: dict[str, Any] = {"subType": "PRODUCT", "points": None, "amount": "5", "sendToPartner": True}
    return str((await shop.record(member, partner=partner, **purchase))["id"])


async def processed(shop: Shop, member: str, partner: str) -> str:
    return await moved(shop.msr, "PROCESS", await acceptable(shop, member, partner))


async def moved(caller: Caller, move: str, id_: str) -> str:
    payload = await caller.done(MUTATIONS[move], "transaction { id }", **said(move, id_))
    return str(payload["transaction"]["id"])


def said(move: str, id_: str, approver: str | None = None) -> dict[str, Any]:
    """The input of a move that leaves nothing to be desired but the right to it."""
    given: dict[str, Any] = {"id": id_}
    if move in KEYED:
        given["idempotencyKey"] = a_key()
    if move in COMMENTED:
        given["comment"] = "because"
    if move in {"SUBMIT", "FORWARD"} and approver is not None:
        given["submitTo"] = approver
    return given


@pytest.mark.parametrize(
    "make", [in_progress, submitted, acceptable, queued, rejected, recalled, partner_pending, processed]
)
async def test_exactly_the_moves_that_are_offered_are_not_refused(shop: Shop, make: Make) -> None:
    partner = a_code("HOTEL")
    await shop.administrator.done("partnerCreate", "partner { code }", code=partner, name="Hotel")
    await shop.administrator.done("partnerTermsSet", "terms { active }", program=shop.program, partner=partner)
    member = await shop.enroll()
    for caller in await everybody(shop, member, partner):
        id_ = await make(shop, member, partner)
        offered = await available(caller, id_)
        for move in sorted(MUTATIONS.keys() - offered):
            assert await is_refused(caller, move, id_, shop), f"{move} is not offered to {caller.person.roles}"
        for move in sorted(offered):
            fresh = await make(shop, member, partner)
            assert not await is_refused(caller, move, fresh, shop), f"{move} is offered to {caller.person.roles}"


async def everybody(shop: Shop, member: str, partner: str) -> list[Caller]:
    """One of each kind of people who may have a say."""
    person = shop.web.person
    return [
        shop.msr,
        shop.manager,
        shop.administrator,
        await person(Role.PARTNER_REPRESENTATIVE, partner=partner),
        await person(Role.PARTNER_APPROVER, partner=partner),
        await person(Role.MEMBER, program=shop.program, member=MemberReference(number=member)),
    ]


async def available(caller: Caller, id_: str) -> set[str]:
    query = "query($id: ID!) { transaction(id: $id) { availableMoves } }"
    return set((await caller.ask(query, id=id_))["transaction"]["availableMoves"])


async def is_refused(caller: Caller, move: str, id_: str, shop: Shop) -> bool:
    """Whether the move is refused, by the roles that an operation needs or by the table of moves."""
    mutation = MUTATIONS[move]
    query = f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}"
    answer = await caller.answer(query, input=said(move, id_, shop.director.person.subject))
    return "errors" in answer or answer["data"][mutation]["errors"] != []
