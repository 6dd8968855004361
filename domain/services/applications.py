"""Applications: saved and resumed, submitted, taken from the inbox and decided; what needs nobody is decided at once.

Every command locks the partner program first, so however many applications are approved at once, one membership comes of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.activities import About, ActivityType, NewActivity
from domain.application_rights import Case, available_moves, case_of, check
from domain.applications import Application, ApplicationKind, ApplicationMove, ApplicationStatus
from domain.commands.applications import ApplicationMoved, ApplicationResave, ApplicationSave
from domain.membership_emails import approved
from domain.partner_programs import ApprovalMethod, EligibilityList
from domain.partners import Partner
from domain.people import ENGINE, PARTNER, Principal
from domain.problems import Missing, NotFound, Refused
from domain.receipts import Receipt
from domain.services import membership_changes
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.partner_programs import refuse_bound
from domain.services.standings import Held, hold, standings_of
from domain.store import activities, outbox, partner_programs, partners, people
from domain.store import applications as store
from domain.store.database import Database, Reader, Writer
from domain.values import attribute_problems, text_problems

MAX_NOTE = 4_000
MAX_COMMENT = 1_000
APPLICATION = (INPUT, "id")
NOT_LISTED = "Not on the list of partners that are approved automatically."


async def application_save(database: Database, actor: Principal, command: ApplicationSave) -> Receipt[Application]:
    """Begin an application."""
    refuse_bound(actor)
    refuse([*_text(command.note), *attribute_problems(command.attributes, INPUT, "attributes")])
    async with database.write() as writer:
        program = found(
            await partner_programs.find(writer, actor.scope, command.partner_program),
            "partner program", command.partner_program, "partnerProgram",
        )  # fmt: skip
        partner = await _applicant(writer, actor, command.partner)
        held = await hold(database, writer, actor, program.id, [partner.id])
        case = Case(actor=actor, standing=held.standings[partner.id], kind=ApplicationKind.NEW)
        row = _checked(case, ApplicationMove.SAVE, "partnerProgram")
        values = {"note": command.note, "attributes": command.attributes, "status": row.to}
        application = await _added(held, partner.id, ApplicationKind.NEW, values, row.move)
        return Receipt(application)


async def application_resave(database: Database, actor: Principal, command: ApplicationResave) -> Receipt[Application]:
    """Go on with a draft."""
    refuse_bound(actor)
    refuse([*_text(command.note), *attribute_problems(command.attributes or {}, INPUT, "attributes")])
    async with database.write() as writer:
        work = await _work(database, writer, actor, command.id)
        row = _checked(work.case, ApplicationMove.SAVE, "id")
        check_version(command.expected_version, work.application.version)
        given: dict[str, Any] = {"note": command.note, "attributes": command.attributes}
        values = {name: value for name, value in given.items() if value is not None}
        return Receipt(await _moved(work, row.move, row.to, **values))


async def application_submit(database: Database, actor: Principal, command: ApplicationMoved) -> Receipt[Application]:
    """Hand it in; a renewal that was rejected may be handed in again."""
    refuse_bound(actor)
    refuse(_comment(command.comment))
    async with database.write() as writer:
        work = await _work(database, writer, actor, command.id)
        row = _checked(work.case, ApplicationMove.SUBMIT, "id")
        submitted = await _moved(work, row.move, row.to, command.comment, submitted_at=work.held.now)
        if submitted.kind is ApplicationKind.RENEWAL:
            await note_renewal(work.held, submitted)
        return Receipt(await decide(work.held, submitted))


async def application_accept(database: Database, actor: Principal, command: ApplicationMoved) -> Receipt[Application]:
    """Take it from the inbox."""
    return await _decision(database, actor, command, ApplicationMove.ACCEPT)


async def application_approve(database: Database, actor: Principal, command: ApplicationMoved) -> Receipt[Application]:
    """Grant it: the partner is a member."""
    return await _decision(database, actor, command, ApplicationMove.APPROVE)


async def application_reject(database: Database, actor: Principal, command: ApplicationMoved) -> Receipt[Application]:
    """Do not grant it, and say why."""
    return await _decision(database, actor, command, ApplicationMove.REJECT)


async def moves_of(
    database: Database, reader: Reader, actor: Principal, asked: list[Application]
) -> list[tuple[ApplicationMove, ...]]:
    """What somebody may do with each application now."""
    if actor.scope.program_id is not None:
        return [()] * len(asked)
    pairs = [(each.partner_program_id, each.partner_id) for each in asked]
    also = [each.renews_id for each in asked if each.renews_id is not None]
    standings = await standings_of(reader, await database.now(reader), pairs, also)
    return [available_moves(case_of(each, standings[pair], actor)) for each, pair in zip(asked, pairs, strict=True)]


async def ask_for_renewal(
    held: Held, partner_id: int, old_id: int, note: str | None, attributes: Mapping[str, Any]
) -> Application:
    """A partner's application to renew a membership: a new one, or the one that was rejected, handed in again."""
    rejected = held.standings[partner_id].renewal(old_id)
    values: dict[str, Any] = {"note": note, "attributes": attributes, "submitted_at": held.now}
    if rejected is None:
        values |= {"renews_id": old_id, "status": ApplicationStatus.SUBMITTED}
        application = await _added(held, partner_id, ApplicationKind.RENEWAL, values, ApplicationMove.SUBMIT)
    else:
        work = _Work(held, rejected)
        application = await _moved(work, ApplicationMove.SUBMIT, ApplicationStatus.SUBMITTED, **values)
    await note_renewal(held, application)
    return await decide(held, application)


async def note_renewal(held: Held, application: Application) -> None:
    """Record that a partner asked to renew; somebody must see to it only where an administrator decides."""
    program, partner = held.program, held.standings[application.partner_id].partner
    activity = NewActivity(
        type=ActivityType.RENEWAL_APPLICATION,
        subject=f"Renewal application: {partner.name}, {program.name}",
        owner_id=program.owner_id,
        partner_id=partner.id,
        about=About("Application", application.id),
        done=program.approval_method is not ApprovalMethod.MANUAL,
    )
    await activities.add(held.writer, held.actor, held.now, activity)


async def decide(held: Held, application: Application) -> Application:
    """Decide a submitted application at once, unless an administrator does: the engine approves or rejects it."""
    method, lists = held.program.approval_method, held.standings[application.partner_id].lists
    if method is ApprovalMethod.MANUAL:
        return application
    work = _Work(held, application, ENGINE)
    if method is ApprovalMethod.APPROVE_ALL or EligibilityList.APPROVED_AUTOMATICALLY in lists:
        return await _approve(work, None)
    return await _moved(work, ApplicationMove.REJECT, ApplicationStatus.REJECTED, NOT_LISTED)


@dataclass(frozen=True, slots=True)
class _Work:
    """An application that is worked on, by whom; its program is held."""

    held: Held
    application: Application
    by: Principal | None = None

    @property
    def case(self) -> Case:
        """What the table of moves is asked about."""
        return case_of(self.application, self.held.standings[self.application.partner_id], self.actor)

    @property
    def actor(self) -> Principal:
        """Who makes the move."""
        return self.by or self.held.actor


async def _work(database: Database, writer: Writer, actor: Principal, key: int) -> _Work:
    seen = found(await store.find(writer, actor.scope, key), "application", None, "id")
    also = [] if seen.renews_id is None else [seen.renews_id]
    held = await hold(database, writer, actor, seen.partner_program_id, [seen.partner_id], also=also)
    now_there = await store.find(writer, actor.scope, key)
    assert now_there is not None, "applications are never deleted"
    return _Work(held, now_there)


async def _decision(
    database: Database, actor: Principal, command: ApplicationMoved, move: ApplicationMove
) -> Receipt[Application]:
    refuse_bound(actor)
    refuse(_comment(command.comment))
    async with database.write() as writer:
        work = await _work(database, writer, actor, command.id)
        row = _checked(work.case, move, "id", command.comment)
        if move is ApplicationMove.APPROVE:
            return Receipt(await _approve(work, command.comment))
        values = {"accepted_by_id": actor.person_id} if move is ApplicationMove.ACCEPT else {}
        return Receipt(await _moved(work, row.move, row.to, command.comment, **values))


async def _approve(work: _Work, comment: str | None) -> Application:
    held, application = work.held, work.application
    if application.renews_id is None:
        membership = await membership_changes.admit(held, application.partner_id)
    else:
        membership = await membership_changes.renew(held, application.partner_id, application.renews_id)
    result = await _moved(
        work, ApplicationMove.APPROVE, ApplicationStatus.APPROVED, comment, membership_id=membership.id
    )
    addresses = (await people.addresses(held.writer, [application.partner_id]))[application.partner_id]
    await outbox.add_emails(held.writer, approved(held.program, membership, addresses), held.now)
    return result


async def _moved(
    work: _Work, move: ApplicationMove, to: ApplicationStatus, comment: str | None = None, **values: Any
) -> Application:
    held, before = work.held, work.application
    after = await store.change(held.writer, before.id, status=to, **values)
    await store.record(held.writer, work.actor, held.now, [(after, before.status, move)], comment)
    if to in (ApplicationStatus.APPROVED, ApplicationStatus.REJECTED):
        await activities.see_to(held.writer, work.actor, held.now, About("Application", before.id))
    return after


async def _added(
    held: Held, partner_id: int, kind: ApplicationKind, values: Mapping[str, Any], move: ApplicationMove
) -> Application:
    application = await store.add(
        held.writer,
        partner_program_id=held.program.id,
        partner_id=partner_id,
        kind=kind,
        created_by_id=held.actor.person_id,
        created_at=held.now,
        **values,
    )
    await store.record(held.writer, held.actor, held.now, [(application, None, move)])
    return application


async def _applicant(reader: Reader, actor: Principal, code: str | None) -> Partner:
    """Whose application it is: a partner's user applies for its own company, and another does not exist for it."""
    if actor.has(*PARTNER) and actor.scope.partner_id is not None:
        [own] = await partners.load_many(reader, actor.scope, [actor.scope.partner_id])
        assert own is not None, "partners are never deleted"
        if code not in (None, own.code):
            raise Refused(NotFound(what="partner", key=code, path=(INPUT, "partner")))
        return own
    if code is None:
        raise Refused(Missing(why="say which partner applies", path=(INPUT, "partner")))
    return found(await partners.find(reader, actor.scope, code), "partner", code, "partner")


def _checked(case: Case, move: ApplicationMove, place: str, comment: str | None = None) -> Any:
    """The row of a move, or a refusal whose problems are at a place of the input."""
    try:
        return check(case, move, comment)
    except Refused as refused:
        raise Refused(*(each if each.path else each.at(INPUT, place) for each in refused.problems)) from None


def _text(note: str | None) -> list[Any]:
    return list(text_problems(note, MAX_NOTE, INPUT, "note", lines=True))


def _comment(comment: str | None) -> list[Any]:
    return list(text_problems(comment, MAX_COMMENT, INPUT, "comment", lines=True))
