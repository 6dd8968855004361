"""Applications: saved and resumed, handed in, taken, decided by the three methods; one membership however many there are."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.applications import Application, ApplicationKind, ApplicationMove, ApplicationStatus
from domain.commands.applications import ApplicationMoved, ApplicationResave
from domain.memberships import MembershipStatus
from domain.partner_programs import Admission, ApprovalMethod, EligibilityList
from domain.people import Role
from domain.problems import Refused
from domain.services import applications as services
from domain.store.database import Database
from schema.ids import seal
from tests.partner_programs.guild import APPROVED, BEGIN, CURRENT, EXPIRED, IN_GRACE, Guild, a_guild
from tests.support.factories import a_person, acting, result_of, somebody
from tests.support.refusals import places, problems_of

DAY = timedelta(days=1)
OPENS, END, GRACE_END = date(2025, 11, 15), date(2026, 1, 14), date(2026, 2, 13)
MANUAL: dict[str, Any] = {"approval_method": ApprovalMethod.MANUAL}
LIST: dict[str, Any] = {"approval_method": ApprovalMethod.APPROVAL_LIST}
S = ApplicationStatus

MOVES = "query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ availableMoves }} }} }}"


async def trail(guild: Guild, application: Application) -> list[tuple[str, str, str | None]]:
    """The moves of an application: what, to where, and what was said."""
    query = """query($code: String!) { applications(filter: { partnerProgram: $code }) { edges { node {
        id moves { move toStatus comment } } } } }"""
    found = await guild.client().ask(query, code=guild.program.code)
    [node] = [
        e["node"] for e in found["applications"]["edges"] if e["node"]["id"] == seal("Application", application.id)
    ]
    return [(each["move"], each["toStatus"], each["comment"]) for each in node["moves"]]


async def moves(guild: Guild, kind: str, key: int, principal: Any = None) -> list[str]:
    found = await guild.client(principal).ask(MOVES.format(kind=kind), id=seal(kind, key))
    offered: list[str] = found["node"]["availableMoves"]
    return offered


async def test_a_draft_is_saved_resumed_and_handed_in(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        draft = await guild.save(note="We sell boats.")
        assert (draft.status, draft.kind, draft.version) == (S.SAVED, ApplicationKind.NEW, 1)
        assert (draft.created_by_id, draft.submitted_at) == (guild.representative.person_id, None)

        again = ApplicationResave(id=draft.id, expected_version=1, attributes={"employees": 12})
        resumed = result_of(await services.application_resave(guild.database, guild.representative, again))
        assert (resumed.note, resumed.attributes, resumed.version) == ("We sell boats.", {"employees": 12}, 2)
        stale = services.application_resave(guild.database, guild.representative, again)
        assert places(await problems_of(stale)) == [("VERSION_CONFLICT", "input.expectedVersion")]

        handed_in = await guild.submit(resumed)
        assert (handed_in.status, handed_in.submitted_at is not None) == (S.SUBMITTED, True)
        late = ApplicationResave(id=draft.id, expected_version=3, note="And cars.")
        refused = services.application_resave(guild.database, guild.representative, late)
        assert places(await problems_of(refused)) == [("WRONG_APPLICATION_STATUS", "input.id")]
        assert await guild.statuses() == []


async def test_an_administrator_takes_it_from_the_inbox_and_approves(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        handed_in = await guild.apply()
        with pytest.raises(Refused) as too_early:
            await guild.approve(handed_in)
        assert [problem.code for problem in too_early.value.problems] == ["WRONG_APPLICATION_STATUS"]

        taken = await guild.accept(handed_in)
        assert (taken.status, taken.accepted_by_id) == (S.PENDING, guild.administrator.person_id)
        assert await guild.statuses() == []
        approved = await guild.approve(taken)

        [membership] = await guild.memberships()
        assert (approved.status, approved.membership_id) == (S.APPROVED, membership.id)
        assert (membership.status, membership.begins_on, membership.ends_on) == (MembershipStatus.CURRENT, BEGIN, END)
        assert await trail(guild, approved) == [
            ("SAVE", "SAVED", None), ("SUBMIT", "SUBMITTED", None), ("ACCEPT", "PENDING", None),
            ("APPROVE", "APPROVED", None),
        ]  # fmt: skip
        [(to, subject)] = await guild.emails()
        assert to == f"desk@{guild.partner.code.lower()}.example"
        assert subject == f"Your membership in {guild.program.name}"


async def test_a_rejection_says_why_and_is_final(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        taken = await guild.accept(await guild.apply())
        with pytest.raises(Refused) as silent:
            await guild.reject(taken, comment=None)
        assert places(silent.value.problems) == [("MISSING_INPUT", "input.comment")]

        rejected = await guild.reject(taken, comment="No boats.")

        assert rejected.status is S.REJECTED
        assert (await trail(guild, rejected))[-1] == ("REJECT", "REJECTED", "No boats.")
        assert await guild.statuses() == []
        assert await guild.emails() == []
        for again in (guild.submit(rejected), guild.accept(rejected), guild.approve(rejected)):
            assert [each.code for each in await problems_of(again)] == ["WRONG_APPLICATION_STATUS"]
        assert (await guild.apply()).status is S.SUBMITTED


async def test_the_three_methods(database: Database) -> None:
    for values, listed, expected in (
        ({"approval_method": ApprovalMethod.APPROVE_ALL}, False, S.APPROVED),
        (LIST, True, S.APPROVED),
        (LIST, False, S.REJECTED),
        (MANUAL, True, S.SUBMITTED),
    ):
        async with a_guild(database, **values) as guild:
            if listed:
                await guild.put_on(EligibilityList.APPROVED_AUTOMATICALLY, add=[guild.partner.code])
            decided = await guild.apply()
            assert decided.status is expected, values
            assert await guild.statuses() == ([CURRENT] if expected is S.APPROVED else [])
            assert len(await guild.emails()) == (expected is S.APPROVED)
            if expected is S.REJECTED:
                said = "Not on the list of partners that are approved automatically."
                assert (await trail(guild, decided))[-1] == ("REJECT", "REJECTED", said)


async def test_two_approved_applications_give_one_membership(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        first, second = await guild.apply(), await guild.apply()
        one = await guild.approve(await guild.accept(first))
        other = await guild.approve(await guild.accept(second))
        assert one.membership_id == other.membership_id
        assert await guild.statuses() == [CURRENT]
        [membership] = await guild.memberships()
        assert len(await guild.lines(membership)) == 2


async def test_a_member_does_not_apply_anew(database: Database) -> None:
    async with a_guild(database) as guild:
        draft = await guild.save()
        membership = await guild.member()
        for day in (BEGIN, END, END + DAY, GRACE_END):
            guild.on(day)
            assert places(await problems_of(guild.save())) == [("ALREADY_MEMBER", "input.partnerProgram")], day
            assert places(await problems_of(guild.submit(draft))) == [("ALREADY_MEMBER", "input.id")], day
        guild.on(GRACE_END + DAY)
        assert (await guild.submit(draft)).status is S.APPROVED
        assert await guild.statuses() == [EXPIRED, CURRENT]
        assert (await guild.live()).begins_on == GRACE_END + DAY
        assert membership.renews_id is None


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2041, 1, 1)])
async def test_a_program_takes_applications_between_its_dates_only(database: Database, day: date) -> None:
    async with a_guild(database) as guild:
        draft = await guild.save()
        guild.on(day)
        assert places(await problems_of(guild.save())) == [("PARTNER_PROGRAM_CLOSED", "input.partnerProgram")]
        assert places(await problems_of(guild.submit(draft))) == [("PARTNER_PROGRAM_CLOSED", "input.id")]
        assert places(await problems_of(guild.add())) == [("PARTNER_PROGRAM_CLOSED", "input.partnerProgram")]


async def test_what_waits_when_the_program_ends_can_only_be_rejected(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        taken = await guild.accept(await guild.apply())
        guild.on(date(2041, 1, 1))
        assert await moves(guild, "Application", taken.id) == ["REJECT"]
        assert [each.code for each in await problems_of(guild.approve(taken))] == ["PARTNER_PROGRAM_CLOSED"]
        assert (await guild.reject(taken)).status is S.REJECTED


async def test_only_listed_partners_apply_and_renew_where_the_program_says_so(database: Database) -> None:
    async with a_guild(database, may_apply=Admission.LISTED, may_renew=Admission.LISTED) as guild:
        assert places(await problems_of(guild.save())) == [("NOT_ELIGIBLE", "input.partnerProgram")]
        await guild.put_on(EligibilityList.MAY_APPLY, add=[guild.partner.code])
        assert (await guild.apply()).status is S.APPROVED

        membership = await guild.live()
        guild.on(OPENS)
        assert places(await problems_of(guild.renew(membership))) == [("NOT_ELIGIBLE", "input.id")]
        assert (await guild.night()).asked == 0
        await guild.put_on(EligibilityList.MAY_RENEW, add=[guild.partner.code])
        assert (await guild.night()).asked == 1
        await guild.put_on(EligibilityList.MAY_RENEW, remove=[guild.partner.code])
        assert await moves(guild, "Membership", membership.id, guild.representative) == []
        await guild.put_on(EligibilityList.MAY_RENEW, add=[guild.partner.code])
        assert (await guild.renew(membership)).status is S.APPROVED


async def test_a_renewal_waits_for_an_administrator_where_one_decides(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        membership = await guild.member()
        asked = await guild.on(OPENS).renew(membership)
        assert (asked.kind, asked.status, asked.renews_id) == (ApplicationKind.RENEWAL, S.SUBMITTED, membership.id)
        assert places(await problems_of(guild.renew(membership))) == [("RENEWAL_ASKED", "input.id")]
        await guild.approve(await guild.accept(asked))
        assert await guild.statuses() == [CURRENT, APPROVED]
        assert places(await problems_of(guild.renew(membership))) == [("ALREADY_RENEWED", "input.id")]


async def test_a_rejected_renewal_is_handed_in_again_inside_the_window(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        membership = await guild.member()
        asked = await guild.on(OPENS).renew(membership)
        rejected = await guild.reject(await guild.accept(asked))
        assert await moves(guild, "Application", rejected.id, guild.representative) == ["SUBMIT"]

        again = await guild.on(GRACE_END).submit(rejected)
        assert (again.id, again.status) == (asked.id, S.SUBMITTED)
        rejected = await guild.reject(await guild.accept(again))
        pressed = await guild.renew(membership)
        assert (pressed.id, pressed.status) == (asked.id, S.SUBMITTED)
        rejected = await guild.reject(await guild.accept(pressed))

        guild.on(GRACE_END + DAY)
        assert await moves(guild, "Application", rejected.id, guild.representative) == []
        assert [each.code for each in await problems_of(guild.submit(rejected))] == ["WRONG_MEMBERSHIP_STATUS"]


async def test_a_renewal_asked_in_time_and_undecided_may_still_be_approved(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        membership = await guild.member()
        taken = await guild.accept(await guild.on(GRACE_END).renew(membership))
        await guild.on(GRACE_END + 10 * DAY).night()
        assert await guild.statuses() == [EXPIRED]

        await guild.approve(taken)

        assert await guild.statuses() == [EXPIRED, CURRENT]
        [old, new] = await guild.memberships()
        assert (new.begins_on, new.ends_on) == (END + DAY, date(2027, 1, 14))
        assert (old.closed_on, new.renews_id) == (GRACE_END + DAY, old.id)
        assert await guild.line_statuses(new) == [CURRENT, CURRENT]


async def test_a_renewal_so_late_that_it_would_have_ended_can_only_be_rejected(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        membership = await guild.member()
        taken = await guild.accept(await guild.on(GRACE_END).renew(membership))
        guild.on(date(2027, 1, 15))
        assert places(await problems_of(guild.approve(taken))) == [("RENEWAL_OVER", "input.id")]
        assert await moves(guild, "Application", taken.id) == ["REJECT"]
        assert (await guild.reject(taken)).status is S.REJECTED


async def test_a_late_renewal_of_whoever_applied_anew_keeps_that_membership(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        membership = await guild.member()
        renewal = await guild.accept(await guild.on(GRACE_END).renew(membership))
        guild.on(GRACE_END + 10 * DAY)
        anew = await guild.approve(await guild.accept(await guild.apply()))
        late = await guild.approve(renewal)
        assert late.membership_id == anew.membership_id
        assert await guild.statuses() == [EXPIRED, CURRENT]


async def test_an_email_at_the_beginning_of_the_window_asks_to_renew_once(database: Database) -> None:
    async with a_guild(database) as guild:
        await guild.member()
        await guild.on(OPENS - DAY).night()
        assert await guild.emails() == []
        for day in (OPENS, OPENS, OPENS + DAY, END):
            await guild.on(day).night()
            assert await guild.emails() == [
                (f"desk@{guild.partner.code.lower()}.example", f"Please renew your membership in {guild.program.name}")
            ]
        assert (await guild.live()).invited_on == OPENS


async def test_whoever_has_nobody_to_write_to_is_asked_as_soon_as_it_has(database: Database) -> None:
    async with a_guild(database) as guild:
        other = await guild.of_another()
        await other.member()
        assert (await guild.on(OPENS).night()).asked == 0
        assert (await other.live()).invited_on is None
        email = "new@other.example"
        await a_person(guild.database, Role.PARTNER_APPROVER, partner=other.partner.code, email=email)
        assert (await guild.on(OPENS + DAY).night()).asked == 1
        assert email in [to for to, _ in await guild.emails()]


async def test_the_activity_of_a_renewal_is_open_until_somebody_has_decided(database: Database) -> None:
    query = """query($partner: String!) { activities(filter: { partner: $partner, type: [RENEWAL_APPLICATION] }) {
        edges { node { status subject owner { subject } about { ... on Application { id } } closedBy { subject } } } } }"""
    async with a_guild(database, **MANUAL) as guild:
        asked = await guild.on(OPENS).renew(await _member_at(guild))

        async def shown() -> Any:
            [edge] = (await guild.client().ask(query, partner=guild.partner.code))["activities"]["edges"]
            return edge["node"]

        subject = f"Renewal application: {guild.partner.name}, {guild.program.name}"
        owner, about = {"subject": guild.administrator.subject}, {"id": seal("Application", asked.id)}
        opened = {"status": "OPEN", "subject": subject, "owner": owner, "about": about, "closedBy": None}
        assert await shown() == opened
        await guild.approve(await guild.accept(asked))
        assert await shown() == {**opened, "status": "DONE", "closedBy": owner}
    async with a_guild(database) as guild:
        await guild.on(OPENS).renew(await _member_at(guild))
        assert ((await shown())["status"], (await shown())["closedBy"]) == ("DONE", None)


async def _member_at(guild: Guild) -> Any:
    guild.on(BEGIN)
    membership = await guild.member()
    guild.on(OPENS)
    return membership


async def test_moves_are_offered_where_they_are_possible_and_to_whom(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        msr, desk = somebody(Role.MSR), guild.representative
        draft = await guild.save()
        assert await moves(guild, "Application", draft.id, desk) == ["SAVE", "SUBMIT"]
        assert await moves(guild, "Application", draft.id) == ["SAVE", "SUBMIT"]
        assert await moves(guild, "Application", draft.id, msr) == []
        handed_in = await guild.submit(draft)
        assert await moves(guild, "Application", draft.id) == ["ACCEPT"]
        assert await moves(guild, "Application", draft.id, desk) == []
        taken = await guild.accept(handed_in)
        assert await moves(guild, "Application", draft.id) == ["APPROVE", "REJECT"]
        await guild.approve(taken)
        assert await moves(guild, "Application", draft.id) == []

        membership = await guild.live()
        assert await moves(guild, "Membership", membership.id) == ["REMOVE"]
        assert await moves(guild, "Membership", membership.id, desk) == []
        guild.on(OPENS)
        assert await moves(guild, "Membership", membership.id) == ["RENEW", "REMOVE"]
        assert await moves(guild, "Membership", membership.id, desk) == ["RENEW"]
        guild.on(GRACE_END + DAY)
        assert await moves(guild, "Membership", membership.id) == []
        assert await guild.statuses() == [CURRENT], "the job has not run: what is offered goes by the dates"


async def test_somebody_without_the_right_is_refused_by_the_same_table(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        handed_in = await guild.apply()
        command = services.application_accept(guild.database, guild.representative, _moved(handed_in))
        [problem] = await problems_of(command)
        assert (problem.code, problem.path) == ("NOT_ALLOWED", ("input", "id"))
        assert problem.message == "This is not allowed: ACCEPT is for partner-program administrators."
        stranger = (await guild.of_another()).representative
        hidden = services.application_submit(guild.database, stranger, _moved(handed_in))
        assert places(await problems_of(hidden)) == [("NOT_FOUND", "input.id")]
        taken = await guild.accept(handed_in)
        assert ApplicationMove.APPROVE.value in await moves(guild, "Application", taken.id)


async def test_a_partner_applies_for_itself_and_an_administrator_for_anybody(database: Database) -> None:
    async with a_guild(database, **MANUAL) as guild:
        other = await guild.another()
        assert places(await problems_of(guild.save(partner=other.code))) == [("NOT_FOUND", "input.partner")]
        assert places(await problems_of(guild.save(guild.administrator))) == [("MISSING_INPUT", "input.partner")]
        assert (await guild.save(guild.administrator, partner=other.code)).partner_id == other.id
        bound = acting(await a_person(guild.database, Role.PARTNER_PROGRAM_ADMINISTRATOR))
        assert (await guild.save(bound, partner=guild.partner.code)).partner_id == guild.partner.id


def _moved(application: Application) -> Any:
    return ApplicationMoved(id=application.id)


async def test_grace_is_shown_until_the_renewal_ends(database: Database) -> None:
    async with a_guild(database) as guild:
        membership = await guild.member()
        await guild.on(END + DAY).night()
        assert await guild.statuses() == [IN_GRACE]
        assert await moves(guild, "Membership", membership.id, guild.representative) == ["RENEW"]
