"""Transactions of a partner whose terms say that its approvers decide: nobody goes around them, and nobody else decides."""

from typing import Any

import pytest

from domain.imports.lines import BadLine, Line
from domain.imports.reports import Imported
from domain.moves import Move
from domain.people import ENGINE, Principal
from domain.problems import NotAllowed, NotFound
from domain.services import batch
from domain.services.transactions import points_earn
from domain.transactions import Status
from schema.ids import unseal
from tests.imports.lines import a_line, importing
from tests.portal.house import House
from tests.support.refusals import problems_of

MUST_APPROVE = NotAllowed(why="the partner must approve first: send it to the partner")
INBOX = "{ approvals { edges { node { kind transaction { id } effect { text } } } } }"


@pytest.fixture
async def strict(house: House) -> House:
    """The hotel's approvers decide about its transactions."""
    await house.agree(house.hotel, partner_approves=True)
    return house


async def test_every_way_around_the_partner_is_refused(strict: House) -> None:
    stage, hotel = strict.stage, strict.hotel.code
    for actor in (stage.msr, strict.clerk):
        recorded = await stage.record(stage.entry(partner=hotel), actor)
        assert await strict.offered(actor, recorded) == {Move.SEND_TO_PARTNER, Move.RECALL}
        for move in (Move.ACCEPT, Move.QUEUE):
            assert await problems_of(stage.move(move, recorded, actor)) == [MUST_APPROVE]
        queued = stage.command(stage.entry(partner=hotel), queue=True)
        assert await problems_of(stage.create(queued, actor)) == [MUST_APPROVE]
        receipt = await points_earn(stage.desk, actor, stage.earning(partner=hotel))
        assert (receipt.result, receipt.errors) == (None, (MUST_APPROVE,))
    assert await stage.recorded() == 2


async def test_other_partners_and_the_host_go_on_as_before(strict: House) -> None:
    stage = strict.stage
    for partner in (None, strict.airline.code):
        assert (await stage.earn(10, partner=partner)).errors == ()
    assert (await stage.balance()).available == 20


async def test_an_approval_of_the_host_goes_on_to_the_partner(strict: House) -> None:
    stage = strict.stage
    submitted = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(50, partner=strict.hotel.code)))
    pending = await stage.moved(Move.APPROVE, submitted, stage.manager)
    assert pending.status is Status.PARTNER_PENDING
    accepted = await stage.moved(Move.PARTNER_APPROVE, pending, strict.approver)
    assert accepted.status is Status.ACCEPTABLE
    assert (await stage.moved(Move.PROCESS, accepted)).status is Status.PROCESSED
    assert (await stage.balance()).available == 50


async def test_what_the_partners_approver_records_is_approved_by_that(strict: House) -> None:
    stage = strict.stage
    receipt = await points_earn(stage.desk, strict.approver, stage.earning())
    assert receipt.errors == ()
    assert receipt.result is not None
    assert (receipt.result.partner_id, receipt.result.status) == (strict.hotel.id, Status.PROCESSED)


@pytest.mark.parametrize("move", [Move.PARTNER_APPROVE, Move.PARTNER_REJECT])
async def test_only_the_partners_own_approver_is_offered_and_makes_the_decision(strict: House, move: Move) -> None:
    stage = strict.stage
    pending = await stage.record(stage.entry(partner=strict.hotel.code), send_to_partner=True)
    others = (stage.msr, stage.manager, strict.clerk, strict.administrator, strict.partner_manager)
    for actor in others:
        assert not await strict.offered(actor, pending) & {Move.PARTNER_APPROVE, Move.PARTNER_REJECT}
        [problem] = await problems_of(stage.move(move, pending, actor))
        assert problem == NotAllowed(why=f"{move.value} is for an approver of the transaction's partner")
    for stranger in (strict.rival, strict.rival_approver):
        assert await problems_of(stage.move(move, pending, stranger)) == [
            NotFound(what="transaction", path=("input", "id"))
        ]
    assert {Move.PARTNER_APPROVE, Move.PARTNER_REJECT} <= await strict.offered(strict.approver, pending)
    assert await stage.status(pending) is Status.PARTNER_PENDING
    await stage.moved(move, pending, strict.approver)
    [*_, last] = await stage.approvals(pending)
    assert last.person_id == strict.approver.person_id


async def test_a_rejection_by_the_partner_needs_a_reason_and_can_be_corrected(strict: House) -> None:
    stage = strict.stage
    pending = await stage.record(stage.entry(partner=strict.hotel.code), send_to_partner=True)
    [problem] = await problems_of(stage.move(Move.PARTNER_REJECT, pending, strict.approver, comment=None))
    assert (problem.code, problem.path) == ("MISSING_INPUT", ("input", "comment"))
    rejected = await stage.moved(Move.PARTNER_REJECT, pending, strict.approver)
    assert rejected.status is Status.PARTNER_REJECTED
    again = await stage.moved(Move.REOPEN, rejected)
    assert await strict.offered(stage.msr, again) == {Move.SEND_TO_PARTNER, Move.RECALL}


async def test_the_inbox_of_the_approver_shows_what_waits_and_nobody_elses_does(strict: House) -> None:
    stage = strict.stage
    await stage.record(stage.entry(partner=strict.hotel.code), send_to_partner=True)

    async def inbox(actor: Principal) -> list[Any]:
        return list((await strict.client(actor).ask(INBOX))["approvals"]["edges"])

    [waiting] = await inbox(strict.approver)
    assert waiting["node"]["kind"] == "TRANSACTION"
    assert waiting["node"]["effect"]["text"] != []
    for other in (strict.clerk, strict.rival_approver, stage.manager, stage.director):
        assert await inbox(other) == []


def line(house: House, number: int, external_id: str, **values: Any) -> Line:
    return a_line(number, external_id, member_number=house.stage.member.number, **values)


async def imported(house: House, actor: Principal, *lines: Line) -> tuple[Imported, list[BadLine]]:
    return await importing(house.database, house.stage.program, *lines, actor=actor, partner=house.hotel.code)


async def test_lines_of_a_file_wait_for_the_partner_unless_its_approver_brings_them(strict: House) -> None:
    stage = strict.stage
    done, bad = await imported(strict, ENGINE, line(strict, 1, "A", amount=10))
    assert (done.added, bad, await stage.queued()) == (1, [], 0)
    [pending] = [each["node"] for each in (await strict.client(strict.approver).ask(INBOX))["approvals"]["edges"]]
    assert pending["kind"] == "TRANSACTION"
    done, bad = await imported(strict, strict.approver, line(strict, 1, "B", amount=10))
    assert (done.added, bad, await stage.queued()) == (1, [], 1)
    done, bad = await imported(strict, strict.clerk, line(strict, 1, "A", amount=10))
    assert (done.added, done.known, bad, await stage.queued()) == (0, 1, [], 1)


async def test_a_corrected_line_waits_for_the_partner_again(strict: House) -> None:
    stage = strict.stage
    await imported(strict, strict.approver, line(strict, 1, "A", amount=10, currency="EUR"))
    async for _ in batch.work(strict.database, stage.desk.programs, stage.program.id):
        pass
    done, bad = await imported(strict, strict.clerk, line(strict, 1, "A", amount=10, currency="USD"))
    assert (done.corrected, bad, await stage.queued()) == (1, [], 0)
    [waiting] = [each["node"] for each in (await strict.client(strict.approver).ask(INBOX))["approvals"]["edges"]]
    number = unseal(waiting["transaction"]["id"])
    assert number is not None
    assert isinstance(number.key, int)
    trail = await stage.trail(number.key)
    assert trail[-2:] == [
        (Move.REOPEN, Status.REJECTED_ENGINE, Status.IN_PROGRESS),
        (Move.SEND_TO_PARTNER, Status.IN_PROGRESS, Status.PARTNER_PENDING),
    ]
