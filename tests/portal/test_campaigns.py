"""Campaigns: drafted by the host, agreed to by the partner, reaching their audience once, and ending by their dates."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from domain.campaigns import CampaignMove, CampaignStatus
from domain.commands.campaigns import CampaignMoved
from domain.commands.members import ConsentGiven
from domain.members import Member
from domain.people import Principal
from domain.problems import Problem, Refused
from domain.services import campaign_runs
from domain.services import campaigns as services
from domain.services.campaign_runs import Done, keep_campaigns
from domain.store import campaigns as store
from domain.store import invariants
from domain.store.campaign_invariants import CAMPAIGNS, REACHED
from domain.store.database import Database
from tests.portal.house import House
from tests.support.factories import a_partner
from tests.support.members import a_member, at
from tests.support.promotions import a_draft_promotion, a_promotion
from tests.support.refusals import places
from tests.tiers.club import a_class, a_tier, points

MOVES = {
    CampaignMove.PROPOSE: services.campaign_propose,
    CampaignMove.AGREE: services.campaign_agree,
    CampaignMove.START: services.campaign_start,
    CampaignMove.END: services.campaign_end,
    CampaignMove.CANCEL: services.campaign_cancel,
    CampaignMove.NOTE: services.campaign_note,
}
ALWAYS = {"startsOn": "2020-01-01", "endsOn": "2099-12-31"}
SHOWN = """campaign { status version startsOn endsOn promotions reached told partnerMessage availableMoves
    audience { tiers language enrolledFrom enrolledThrough partnersOwn } partner { code } }"""
SENT = text(
    "select body::jsonb->>'to' as to, body::jsonb->>'text' as text from outbox where kind = 'EMAIL' and program_id = :id"
)
JOINED = text("select member_id from promotion_enrollment where promotion_id = :id order by member_id")


async def drafted(house: House, actor: Principal | None = None, code: str = "SEA", **values: Any) -> Any:
    given = {
        "program": house.program, "partner": house.hotel.code, "code": code, "name": "At the sea",
        "subject": "Come to the sea", "message": "It is warm.", **ALWAYS, **values,
    }  # fmt: skip
    return await house.client(actor or house.partner_manager).command("campaignCreate", SHOWN, **given)


async def press(house: House, move: CampaignMove, actor: Principal, code: str = "SEA", **values: Any) -> CampaignStatus:
    given = {"comment": "because" if move in {CampaignMove.CANCEL, CampaignMove.NOTE} else None, **values}
    receipt = await MOVES[move](house.database, actor, CampaignMoved(program=house.program, campaign=code, **given))
    assert receipt.result is not None
    return receipt.result.status


async def refused(house: House, move: CampaignMove, actor: Principal, **values: Any) -> Sequence[Problem]:
    with pytest.raises(Refused) as caught:
        await press(house, move, actor, **values)
    return caught.value.problems


async def running(house: House, **values: Any) -> None:
    await drafted(house, **values)
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    await press(house, CampaignMove.AGREE, house.approver)
    await press(house, CampaignMove.START, house.administrator)


async def carried_on(house: House, database: Database | None = None) -> Done:
    done = Done()
    async for step in keep_campaigns(database or house.database, house.stage.program):
        done = step
    return done


async def sent(house: House) -> list[tuple[str, str]]:
    async with house.database.read() as reader:
        return [(row.to, row.text) for row in await reader.execute(SENT, {"id": house.stage.program.id})]


async def joined(house: House, promotion_id: int) -> list[int]:
    async with house.database.read() as reader:
        return list((await reader.execute(JOINED, {"id": promotion_id})).scalars())


async def guest(
    house: House, name: str, *, agrees: bool = True, actor: Principal | None = None, **values: Any
) -> Member:
    consents = (ConsentGiven("NEWSLETTER", given=agrees),)
    given = {"name": name, "email": f"{name.lower()}@example.com", "consents": consents, **values}
    return await a_member(house.database, house.stage.program, actor or house.stage.msr, **given)


async def status(house: House, code: str = "SEA") -> CampaignStatus:
    async with house.database.read() as reader:
        found = await store.find(reader, house.administrator.scope, house.stage.program.id, code)
    assert found is not None
    return found.status


async def offered(house: House, actor: Principal) -> list[str] | None:
    query = 'query($p: String!) { campaign(program: $p, code: "SEA") { availableMoves } }'
    shown = (await house.client(actor).ask(query, p=house.program))["campaign"]
    return None if shown is None else list(shown["availableMoves"])


async def test_a_proposed_campaign_is_in_the_inbox_of_its_partners_approvers(house: House) -> None:
    await drafted(house)
    asked = """{ approvals(filter: { kinds: [CAMPAIGN] }) { edges { node {
        kind comment campaign { code availableMoves } effect { problems { code } text } } } } }"""

    async def inbox(actor: Principal) -> list[Any]:
        return [each["node"] for each in (await house.client(actor).ask(asked))["approvals"]["edges"]]

    assert await inbox(house.approver) == []
    await press(house, CampaignMove.PROPOSE, house.partner_manager, comment="Early.")
    await house.client(house.partner_manager).command(
        "campaignUpdate",
        "campaign { status }",
        program=house.program,
        campaign="SEA",
        expectedVersion=2,
        name="By the sea",
    )
    assert await inbox(house.approver) == []
    await press(house, CampaignMove.PROPOSE, house.partner_manager, comment="Shall we?")
    [found] = await inbox(house.approver)
    text = ["By the sea (SEA), from 2020-01-01 through 2099-12-31. It has no promotions."]
    text.append("Then both sides have agreed, and it starts on one of its days.")
    assert (found["kind"], found["comment"], found["effect"]) == (
        "CAMPAIGN",
        "Shall we?",
        {"problems": [], "text": text},
    )
    assert found["campaign"] == {"code": "SEA", "availableMoves": ["EDIT_SIDE", "AGREE", "CANCEL", "NOTE"]}
    for other in (house.clerk, house.partner_manager, house.administrator, house.rival_approver):
        assert await inbox(other) == []
    await press(house, CampaignMove.AGREE, house.approver)
    assert await inbox(house.approver) == []


async def test_a_campaign_goes_from_the_draft_to_its_end_and_every_move_is_kept(house: House) -> None:
    made = await drafted(house)
    assert made["errors"] == []
    assert (made["campaign"]["status"], made["campaign"]["availableMoves"]) == (
        "DRAFT",
        ["EDIT", "PROPOSE", "CANCEL", "NOTE"],
    )
    assert await offered(house, house.clerk) is None
    assert await press(house, CampaignMove.PROPOSE, house.partner_manager) is CampaignStatus.PROPOSED
    assert await offered(house, house.clerk) == ["EDIT_SIDE", "NOTE"]
    assert await offered(house, house.approver) == ["EDIT_SIDE", "AGREE", "CANCEL", "NOTE"]
    await press(house, CampaignMove.NOTE, house.clerk, comment="Gladly.")
    assert await press(house, CampaignMove.AGREE, house.approver) is CampaignStatus.AGREED
    assert await press(house, CampaignMove.START, house.administrator) is CampaignStatus.RUNNING
    assert await press(house, CampaignMove.END, house.partner_manager) is CampaignStatus.DONE
    assert await offered(house, house.administrator) == ["NOTE"]
    query = 'query($p: String!) { campaign(program: $p, code: "SEA") { moves { move host toStatus comment } } }'
    moves = (await house.client(house.clerk).ask(query, p=house.program))["campaign"]["moves"]
    assert [(each["move"], each["host"], each["comment"]) for each in moves] == [
        ("CREATE", True, None),
        ("PROPOSE", True, None),
        ("NOTE", False, "Gladly."),
        ("AGREE", False, None),
        ("START", True, None),
        ("END", True, None),
    ]


@pytest.mark.parametrize("move", list(MOVES))
async def test_for_other_partners_there_is_no_such_campaign(house: House, move: CampaignMove) -> None:
    await drafted(house)
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    for stranger in (house.rival, house.rival_approver):
        assert places(await refused(house, move, stranger)) == [("NOT_FOUND", "input.campaign")]
        assert await offered(house, stranger) is None
        listed = await house.client(stranger).ask("{ campaigns { totalCount edges { node { code } } } }")
        assert listed["campaigns"] == {"totalCount": 0, "edges": []}


async def test_moves_of_the_other_side_are_refused(house: House) -> None:
    await drafted(house)
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    for actor in (house.administrator, house.clerk):
        assert places(await refused(house, CampaignMove.AGREE, actor)) == [("NOT_ALLOWED", "input.campaign")]
    await press(house, CampaignMove.AGREE, house.approver)
    for actor in (house.approver, house.stage.msr):
        assert places(await refused(house, CampaignMove.START, actor)) == [("NOT_ALLOWED", "input.campaign")]
    [wrong] = await refused(house, CampaignMove.END, house.administrator)
    assert wrong.code == "WRONG_CAMPAIGN_STATUS"
    assert places(await refused(house, CampaignMove.CANCEL, house.approver, comment=" ")) == [
        ("INVALID_INPUT", "input.comment")
    ]
    assert await press(house, CampaignMove.CANCEL, house.approver) is CampaignStatus.CANCELLED


async def test_the_host_edits_all_and_asks_again_and_the_partner_its_own_side(house: House) -> None:
    await drafted(house)
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    edit = {"program": house.program, "campaign": "SEA", "expectedVersion": 2}
    clerk = house.client(house.clerk)
    assert await clerk.refused("campaignUpdate", **edit, message="Mine") == [("NOT_ALLOWED", "campaign")]
    own = await clerk.command(
        "campaignUpdate", SHOWN, **edit, partnerMessage="We have room.", partnerOwner=house.clerk.subject
    )
    assert (own["errors"], own["campaign"]["status"], own["campaign"]["partnerMessage"]) == (
        [],
        "PROPOSED",
        "We have room.",
    )
    assert await clerk.refused("campaignUpdate", **edit, partnerMessage="Again") == [
        ("VERSION_CONFLICT", "expectedVersion")
    ]
    stranger = {**edit, "expectedVersion": 3, "partnerOwner": house.rival.subject}
    assert await clerk.refused("campaignUpdate", **stranger) == [("NOT_FOUND", "partnerOwner")]
    await press(house, CampaignMove.AGREE, house.approver)
    changed = await house.client(house.partner_manager).command(
        "campaignUpdate", SHOWN, **{**edit, "expectedVersion": 4}, message="It is hot."
    )
    assert changed["campaign"]["status"] == "DRAFT"
    assert places(await refused(house, CampaignMove.AGREE, house.approver)) == [
        ("WRONG_CAMPAIGN_STATUS", "input.campaign")
    ]


async def test_the_audience_joins_and_is_told_once_if_it_agreed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_runs, "CHUNK", 2)
    promotion = await a_promotion(house.database, house.stage.program, enrollment_required=True)
    open_to_all = await a_promotion(house.database, house.stage.program)
    ada, bob = await guest(house, "Ada"), await guest(house, "Bob", agrees=False)
    eve = await guest(house, "Eve", email=None)
    await running(house, promotions=[promotion.code, open_to_all.code])
    everybody = sorted([house.stage.member.id, ada.id, bob.id, eve.id])
    done = await carried_on(house)
    assert (done.reached, done.told) == (4, 1)
    assert await joined(house, promotion.id) == everybody
    assert await joined(house, open_to_all.id) == []
    assert await sent(house) == [("ada@example.com", f"Hello Ada,\n\nIt is warm.\n\n{house.stage.program.name}\n")]
    await guest(house, "Late")
    assert await carried_on(house) == Done()
    assert len(await sent(house)) == 1


async def test_who_is_stopped_in_the_middle_goes_on_there(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_runs, "CHUNK", 1)
    for name in ("Ada", "Bob", "Eve"):
        await guest(house, name)
    await running(house)
    working = keep_campaigns(house.database, house.stage.program)
    await anext(working)
    await anext(working)
    await working.aclose()
    assert len(await sent(house)) == 1
    assert (await carried_on(house)).reached == 2
    assert sorted(to for to, _ in await sent(house)) == ["ada@example.com", "bob@example.com", "eve@example.com"]


async def test_a_filter_decides_who_is_of_the_audience(house: House) -> None:
    promotion = await a_promotion(house.database, house.stage.program, enrollment_required=True)
    own = await guest(house, "Ada", actor=house.clerk, language="de")
    await guest(house, "Bob", actor=house.clerk, language="en")
    await guest(house, "Eve", language="de")
    audience = {"partnersOwn": True, "language": "de", "enrolledFrom": "2020-01-01"}
    await running(house, promotions=[promotion.code], audience=audience)
    await carried_on(house)
    assert await joined(house, promotion.id) == [own.id]


async def test_the_partners_words_are_below_the_hosts(house: House) -> None:
    await guest(house, "Ada")
    await drafted(house)
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    await house.client(house.clerk).command(
        "campaignUpdate",
        SHOWN,
        program=house.program,
        campaign="SEA",
        expectedVersion=2,
        partnerMessage="We have room.",
    )
    await press(house, CampaignMove.AGREE, house.approver)
    await press(house, CampaignMove.START, house.administrator)
    await carried_on(house)
    [(_, words)] = await sent(house)
    assert "It is warm.\n\nWe have room.\n\n" in words


async def test_the_job_starts_and_ends_by_the_dates(house: House) -> None:
    await guest(house, "Ada")
    await drafted(house, startsOn="2030-06-01", endsOn="2030-06-30")
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    await press(house, CampaignMove.AGREE, house.approver)
    assert places(await refused(house, CampaignMove.START, house.administrator)) == [
        ("OUTSIDE_CAMPAIGN", "input.campaign")
    ]
    for day, expected in ((31, CampaignStatus.AGREED), (1, CampaignStatus.RUNNING), (30, CampaignStatus.RUNNING)):
        moment = datetime(2030, 5 if day == 31 else 6, day, 12, tzinfo=UTC)
        other = at(house.database, moment)
        await carried_on(house, other)
        await other.close()
        assert await status(house) is expected
    assert len(await sent(house)) == 1
    other = at(house.database, datetime(2030, 7, 1, tzinfo=UTC))
    assert (await carried_on(house, other)).ended == 1
    assert await carried_on(house, other) == Done()
    await other.close()
    assert await status(house) is CampaignStatus.DONE


async def test_the_end_stops_enrolling_and_telling(house: House) -> None:
    await guest(house, "Ada")
    await running(house)
    await press(house, CampaignMove.END, house.administrator)
    assert await carried_on(house) == Done()
    assert await sent(house) == []


async def test_a_campaign_does_not_start_before_its_promotions_pay(house: House) -> None:
    draft = await a_draft_promotion(house.database, house.stage.program)
    await drafted(house, promotions=[draft.code])
    await press(house, CampaignMove.PROPOSE, house.partner_manager)
    await press(house, CampaignMove.AGREE, house.approver)
    assert places(await refused(house, CampaignMove.START, house.administrator)) == [
        ("PROMOTION_INACTIVE", "input.campaign")
    ]
    await carried_on(house)
    assert await status(house) is CampaignStatus.AGREED


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"endsOn": "2019-12-31"}, [("INVALID_INPUT", "endsOn")]),
        ({"promotions": ["NONE"]}, [("NOT_FOUND", "promotions.0")]),
        ({"promotions": ["X"] * 21}, [("TOO_MANY", "promotions")]),
        ({"audience": {"tiers": ["NONE"]}}, [("NOT_FOUND", "audience.tiers.0")]),
        (
            {"audience": {"enrolledFrom": "2024-02-02", "enrolledThrough": "2024-02-01"}},
            [("INVALID_INPUT", "audience.enrolledThrough")],
        ),
        ({"partner": "NOBODY"}, [("NOT_FOUND", "partner")]),
        ({"owner": "nobody"}, [("NOT_FOUND", "owner")]),
        ({"code": "A B"}, [("INVALID_INPUT", "code")]),
        ({"message": " "}, [("INVALID_INPUT", "message")]),
    ],
)
async def test_a_campaign_that_cannot_be_right_is_refused(
    house: House, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    errors = (await drafted(house, **values))["errors"]
    assert [(each["code"], ".".join(each["path"][1:])) for each in errors] == expected


async def test_a_partner_without_terms_and_a_code_that_is_taken_are_refused(house: House) -> None:
    stranger = await a_partner(house.database)
    errors = (await drafted(house, partner=stranger.code))["errors"]
    assert [each["code"] for each in errors] == ["NO_TERMS"]
    await drafted(house)
    assert [each["code"] for each in (await drafted(house))["errors"]] == ["ALREADY_EXISTS"]


async def test_figures_and_statuses_that_do_not_follow_from_the_rows_are_found(house: House) -> None:
    await guest(house, "Ada")
    await running(house)
    await carried_on(house)
    async with house.database.rehearse() as writer:
        now = await house.database.now(writer)
        for change, invariant in (
            ("update campaign set told = told - 1 where code = 'SEA' and program_id = :id", REACHED),
            ("update campaign set status = 'DONE' where code = 'SEA' and program_id = :id", CAMPAIGNS),
        ):
            before = len(await invariants.violations(writer, invariant, now, 1_000))
            await writer.execute(text(change), {"id": house.stage.program.id})
            assert len(await invariants.violations(writer, invariant, now, 1_000)) == before + 1


@pytest.mark.parametrize(
    ("tiers", "expected"), [(["GOLD"], ["Ada"]), (["BASE"], ["Bob"]), (["BASE", "GOLD"], ["Ada", "Bob"])]
)
async def test_tiers_choose_those_who_hold_one_the_default_one_included(
    house: House, tiers: list[str], expected: list[str]
) -> None:
    program = house.stage.program
    await a_class(house.database, program)
    await a_tier(house.database, program, "BASE", 1)
    await a_tier(house.database, program, "GOLD", 2, thresholds=points(100))
    ada = await guest(house, "Ada")
    await guest(house, "Bob")
    earned = await house.stage.earn(100, house.stage.msr, member=ada)
    assert earned.errors == ()
    await running(house, audience={"tiers": tiers})
    await carried_on(house)
    assert sorted(to.removesuffix("@example.com").title() for to, _ in await sent(house)) == expected
