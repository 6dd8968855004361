"""Joint promotions: drafted by one side, agreed to by all others, activated by the host alone, and asked anew after every edit."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.commands.joint_promotions import JointPromotionMoved
from domain.joint_promotions import JointMove, JointRecord, JointStatus
from domain.people import Principal
from domain.problems import Problem, Refused
from domain.services import joint_promotions as services
from domain.store import joint_promotions as store
from domain.store import promotions
from tests.portal.house import House
from tests.support.promotions import activated, deactivated
from tests.support.refusals import places

MOVES = {
    JointMove.PROPOSE: services.joint_promotion_propose,
    JointMove.APPROVE: services.joint_promotion_approve,
    JointMove.REJECT: services.joint_promotion_reject,
    JointMove.NOTE: services.joint_promotion_note,
}
RULES = [{"actions": [{"assignPoints": {"constant": 25}}]}]
SHOWN = "promotion { version joint { status availableMoves shares { host percent partner { code } } sides { host agrees } } }"
INBOX = """{ approvals(filter: { kinds: [JOINT_PROMOTION] }) { edges { node {
    kind jointPromotion { code } requestedBy { name } effect { problems { code } text } } } } }"""


async def drafted(house: House, actor: Principal, code: str = "JOINT", **values: Any) -> Any:
    """The payload of a draft of which the hotel pays 60 percent and the host the rest."""
    shares = [{"partner": house.hotel.code, "percent": 60}, {"percent": 40}]
    given = {"program": house.program, "code": code, "name": "Two at the sea", "startsOn": "2020-01-01", "rules": RULES}
    return await house.client(actor).command("promotionCreate", SHOWN, **{"shares": shares, **given, **values})


async def press(house: House, move: JointMove, actor: Principal, code: str = "JOINT", **values: Any) -> JointStatus:
    given = {"comment": "because" if move in {JointMove.REJECT, JointMove.NOTE} else None, **values}
    await MOVES[move](house.database, actor, JointPromotionMoved(program=house.program, promotion=code, **given))
    return await status(house, code)


async def refused(house: House, move: JointMove, actor: Principal, **values: Any) -> Sequence[Problem]:
    with pytest.raises(Refused) as caught:
        await press(house, move, actor, **values)
    return caught.value.problems


async def status(house: House, code: str = "JOINT") -> JointStatus:
    async with house.database.read() as reader:
        found = await promotions.find(reader, house.administrator.scope, house.stage.program.id, code)
        assert found is not None
        return await store.status(reader, found.id)


async def offered(house: House, actor: Principal, code: str = "JOINT") -> set[JointMove] | None:
    """None where the actor does not see the promotion, or not the talks about it."""
    query = "query($p: String!, $c: String!) { promotion(program: $p, code: $c) { joint { availableMoves } } }"
    shown = (await house.client(actor).ask(query, p=house.program, c=code))["promotion"]
    return (
        None
        if shown is None or shown["joint"] is None
        else {JointMove(each) for each in shown["joint"]["availableMoves"]}
    )


async def activation(house: House, actor: Principal, code: str = "JOINT") -> list[tuple[str, str]]:
    payload = await house.client(actor).command(
        "promotionActivate", "promotion { active }", program=house.program, promotion=code
    )
    return [(each["code"], ".".join(each["path"][1:])) for each in payload["errors"]]


async def edit(house: House, actor: Principal, version: int, **values: Any) -> list[str]:
    given = {"program": house.program, "promotion": "JOINT", "expectedVersion": version, **values}
    payload = await house.client(actor).command("promotionUpdate", "promotion { version }", **given)
    return [each["code"] for each in payload["errors"]]


async def test_what_the_partner_drafts_the_host_agrees_to_and_activates(house: House) -> None:
    made = await drafted(house, house.clerk)
    assert made["promotion"]["joint"] == {
        "status": "DRAFT",
        "availableMoves": ["PROPOSE", "NOTE"],
        "shares": [
            {"host": False, "percent": "60", "partner": {"code": house.hotel.code}},
            {"host": True, "percent": "40", "partner": None},
        ],
        "sides": [{"host": True, "agrees": None}, {"host": False, "agrees": None}],
    }
    assert await press(house, JointMove.PROPOSE, house.clerk) is JointStatus.SUBMITTED
    assert await activation(house, house.administrator) == [("JOINT_PROMOTION_NOT_APPROVED", "promotion.shares")]
    assert await press(house, JointMove.APPROVE, house.partner_manager) is JointStatus.PARTNER_APPROVED
    _, errors = await house.client(house.approver).execute(
        'mutation($p: String!) { promotionActivate(input: {program: $p, promotion: "JOINT"}) { errors { code } } }',
        p=house.program,
    )
    assert [(each.extensions or {})["code"] for each in errors] == ["FORBIDDEN"]
    assert await activation(house, house.administrator) == []


async def test_what_the_host_drafts_waits_for_the_approver_of_the_partner_alone(house: House) -> None:
    await drafted(house, house.partner_manager)
    assert await offered(house, house.clerk) is None
    assert await press(house, JointMove.PROPOSE, house.administrator) is JointStatus.SUBMITTED
    assert await offered(house, house.approver) == {JointMove.APPROVE, JointMove.REJECT, JointMove.NOTE}
    assert await offered(house, house.clerk) == {JointMove.NOTE}
    assert await offered(house, house.administrator) == {JointMove.NOTE}
    for actor in (house.clerk, house.administrator, house.partner_manager):
        assert places(await refused(house, JointMove.APPROVE, actor)) == [("NOT_ALLOWED", "input.promotion")]
    assert await press(house, JointMove.APPROVE, house.approver) is JointStatus.PARTNER_APPROVED


async def test_for_other_partners_and_members_the_talks_do_not_exist(house: House) -> None:
    await drafted(house, house.administrator)
    await press(house, JointMove.PROPOSE, house.administrator)
    for move in MOVES:
        for stranger in (house.rival, house.rival_approver):
            assert places(await refused(house, move, stranger)) == [("NOT_FOUND", "input.promotion")]
    await press(house, JointMove.APPROVE, house.approver)
    assert await activation(house, house.administrator) == []
    member = house.member
    for stranger in (house.rival_approver, member):
        assert await offered(house, stranger) is None
    assert await offered(house, house.clerk) == {JointMove.NOTE}
    for stranger in (house.rival, house.rival_approver):
        assert places(await refused(house, JointMove.NOTE, stranger)) == [("NOT_JOINT", "input.promotion")]


async def test_every_side_must_agree_and_one_refusal_is_enough(house: House) -> None:
    shares = [{"partner": house.hotel.code, "percent": "33.34"}, {"partner": house.airline.code, "percent": "66.66"}]
    await drafted(house, house.administrator, shares=shares)
    await press(house, JointMove.PROPOSE, house.administrator)
    assert await press(house, JointMove.APPROVE, house.approver) is JointStatus.SUBMITTED
    assert places(await refused(house, JointMove.APPROVE, house.approver)) == [("NOT_ALLOWED", "input.promotion")]
    assert await press(house, JointMove.REJECT, house.rival_approver) is JointStatus.PARTNER_REJECTED
    [wrong] = await refused(house, JointMove.APPROVE, house.rival_approver)
    assert wrong.code == "WRONG_JOINT_STATUS"
    assert await press(house, JointMove.PROPOSE, house.administrator) is JointStatus.SUBMITTED
    assert await press(house, JointMove.APPROVE, house.rival_approver) is JointStatus.SUBMITTED
    assert await press(house, JointMove.APPROVE, house.approver) is JointStatus.PARTNER_APPROVED


async def test_an_edit_after_the_approval_asks_again(house: House) -> None:
    await drafted(house, house.administrator)
    await press(house, JointMove.PROPOSE, house.administrator)
    await press(house, JointMove.APPROVE, house.approver)
    await activation(house, house.administrator)
    assert await edit(house, house.administrator, 1, name="Other") == ["PROMOTION_ACTIVE"]
    async with house.database.read() as reader:
        promotion = await promotions.find(reader, house.administrator.scope, house.stage.program.id, "JOINT")
    assert promotion is not None
    await deactivated(house.database, house.stage.program, promotion)
    await activated(house.database, house.stage.program, promotion)
    await deactivated(house.database, house.stage.program, promotion)
    assert await edit(house, house.administrator, 1, name="Three at the sea") == []
    assert await status(house) is JointStatus.DRAFT
    assert await activation(house, house.administrator) == [("JOINT_PROMOTION_NOT_APPROVED", "promotion.shares")]
    await press(house, JointMove.PROPOSE, house.administrator)
    assert places(await refused(house, JointMove.APPROVE, house.approver, expected_version=1)) == [
        ("VERSION_CONFLICT", "input.expectedVersion")
    ]
    assert await press(house, JointMove.APPROVE, house.approver, expected_version=2) is JointStatus.PARTNER_APPROVED


async def test_a_partner_edits_what_it_drafted_and_keeps_a_share_of_it(house: House) -> None:
    await drafted(house, house.clerk)
    assert await edit(house, house.clerk, 1, name="Other") == []
    assert await edit(house, house.clerk, 2, shares=[]) == ["NOT_ALLOWED"]
    assert await edit(house, house.rival, 2, name="Mine") == ["NOT_FOUND"]
    await drafted(house, house.administrator, code="HOSTS")
    await press(house, JointMove.PROPOSE, house.administrator, code="HOSTS")
    given = {"program": house.program, "promotion": "HOSTS", "expectedVersion": 1, "name": "Mine"}
    assert await house.client(house.approver).refused("promotionUpdate", **given) == [("NOT_ALLOWED", "promotion")]


async def test_who_is_no_administrator_drafts_joint_promotions_only(house: House) -> None:
    given = {"program": house.program, "code": "ALONE", "name": "Alone", "startsOn": "2020-01-01"}
    for actor in (house.clerk, house.partner_manager):
        assert await house.client(actor).refused("promotionCreate", **given) == [("NOT_ALLOWED", "shares")]
    other = [{"partner": house.airline.code, "percent": 100}]
    assert await house.client(house.clerk).refused("promotionCreate", **given, shares=other) == [
        ("NOT_FOUND", "shares.0.partner")
    ]
    plain = await house.client(house.administrator).command("promotionCreate", "promotion { version }", **given)
    assert plain["errors"] == []
    assert await house.client(house.partner_manager).refused(
        "promotionUpdate", program=house.program, promotion="ALONE", expectedVersion=1, name="Mine"
    ) == [("NOT_ALLOWED", "promotion")]
    assert places(await refused(house, JointMove.NOTE, house.administrator, code="ALONE")) == [
        ("NOT_JOINT", "input.promotion")
    ]


async def test_the_inbox_asks_each_side_that_has_not_answered(house: House) -> None:
    await drafted(house, house.clerk)
    await press(house, JointMove.PROPOSE, house.clerk)

    async def inbox(actor: Principal) -> list[Any]:
        return [each["node"] for each in (await house.client(actor).ask(INBOX))["approvals"]["edges"]]

    mine = [each for each in await inbox(house.partner_manager) if each["jointPromotion"]["code"] == "JOINT"]
    assert [(each["kind"], each["effect"]) for each in mine] == [
        (
            "JOINT_PROMOTION",
            {
                "problems": [],
                "text": [
                    "Two at the sea (JOINT). Your side pays 40 percent of it.",
                    "Then all have agreed, and an administrator may activate it.",
                ],
            },
        )
    ]
    for other in (house.clerk, house.approver, house.rival_approver, house.stage.manager):
        assert await inbox(other) == []
    await press(house, JointMove.APPROVE, house.administrator)
    assert await inbox(house.partner_manager) == []


async def test_moves_and_notes_are_kept_with_their_side(house: House) -> None:
    await drafted(house, house.clerk)
    await press(house, JointMove.NOTE, house.clerk, comment="Summer is short.")
    await press(house, JointMove.PROPOSE, house.clerk)
    await press(house, JointMove.NOTE, house.partner_manager, comment="Sixty is little.")
    await press(house, JointMove.REJECT, house.partner_manager, comment="Seventy.")
    async with house.database.read() as reader:
        promotion = await promotions.find(reader, house.clerk.scope, house.stage.program.id, "JOINT")
        assert promotion is not None
        [records] = await store.load_records(reader, house.clerk.scope, [promotion.id])
        assert await store.load_records(reader, house.rival.scope, [promotion.id]) == [[]]

    def short(record: JointRecord) -> tuple[JointMove, int | None, str | None]:
        return record.move, record.partner_id, record.comment

    assert [short(each) for each in records] == [
        (JointMove.EDIT, house.hotel.id, None),
        (JointMove.NOTE, house.hotel.id, "Summer is short."),
        (JointMove.PROPOSE, house.hotel.id, None),
        (JointMove.NOTE, None, "Sixty is little."),
        (JointMove.REJECT, None, "Seventy."),
    ]


@pytest.mark.parametrize("move", [JointMove.REJECT, JointMove.NOTE])
async def test_a_refusal_and_a_note_say_something(house: House, move: JointMove) -> None:
    await drafted(house, house.clerk)
    await press(house, JointMove.PROPOSE, house.clerk)
    assert places(await refused(house, move, house.partner_manager, comment=None)) == [
        ("MISSING_INPUT", "input.comment")
    ]


async def test_nothing_is_proposed_for_a_partner_whose_terms_have_ended(house: House) -> None:
    await drafted(house, house.administrator)
    await house.agree(house.hotel, active=False)
    assert places(await refused(house, JointMove.PROPOSE, house.administrator)) == [
        ("NO_TERMS", "input.promotion.shares.0.partner")
    ]
