"""Lists of transactions: filters, orders, pages, who sees what; and the inbox of what waits for somebody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.commands.members import MemberReference
from domain.commands.transactions import TransactionFilter, TransactionOrder
from domain.inbox import ApprovalFilter, ApprovalKind
from domain.moves import Move
from domain.pages import PageRequest
from domain.people import Principal, Role
from domain.problems import Missing, Refused
from domain.services import transactions as services
from domain.services.inbox import approvals_list
from domain.services.posting import Desk
from domain.transactions import Status, SubStatus, SubType, Transaction, Type
from tests.support.factories import a_partner, a_product, result_of, somebody
from tests.support.members import a_member, at, by_number, herself
from tests.support.transactions import LIMIT, Stage, a_stage


async def found(stage: Stage, actor: Principal | None = None, **values: Any) -> list[Transaction]:
    """The transactions of a list, in the order in which they were recorded."""
    wanted = TransactionFilter(**{"program": stage.program.code, **values})
    page = await services.transactions_list(
        stage.database, actor or stage.msr, wanted, TransactionOrder.CREATED, PageRequest(first=100)
    )
    return [edge.node for edge in page.edges]


async def waiting(stage: Stage, actor: Principal) -> list[Transaction]:
    page = await approvals_list(stage.database, actor, ApprovalFilter(), PageRequest(first=100))
    found = [await stage.stored(edge.node.id) for edge in page.edges if edge.node.kind is ApprovalKind.TRANSACTION]
    return [each for each in found if each is not None]


async def test_each_filter_finds_its_own(stage: Stage) -> None:
    partner, product = await a_partner(stage.database, stage.program), await a_product(stage.database, stage.program)
    other = await a_member(stage.database, stage.program)
    plain = await stage.record()
    gift = await stage.record(stage.entry(sub_type=SubType.GIFT, points=Decimal(5)), stage.manager)
    bought = await stage.record(
        stage.entry(partner=partner.code, product=product.code, source="TILL", external_id="E1"),
        member=by_number(other),
    )
    asked = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(5)))
    spent = (await stage.redeem(5)).result
    assert spent is not None
    everything = [plain, gift, bought, asked, spent]
    assert await found(stage) == everything
    expected: list[tuple[dict[str, Any], list[Transaction]]] = [
        ({"member": by_number(other)}, [bought]),
        ({"member": MemberReference(number="M-NOBODY")}, []),
        ({"type": Type.REDEMPTION}, [spent]),
        ({"sub_type": (SubType.GIFT, SubType.MANUAL_CREDIT)}, [gift, asked]),
        ({"status": (Status.SUBMITTED, Status.REJECTED_ENGINE)}, [asked, spent]),
        ({"sub_status": (SubStatus.INSUFFICIENT_POINTS,)}, [spent]),
        ({"partner": partner.code}, [bought]),
        ({"product": product.code}, [bought]),
        ({"source": "TILL"}, [bought]),
        ({"external_id": "E1"}, [bought]),
        ({"created_by": stage.manager.subject}, [gift]),
        ({"submit_to": stage.manager.subject}, [asked]),
        ({"partner": "NOBODY"}, []),
        ({"program": "NOWHERE"}, []),
        ({"type": Type.ACCRUAL, "status": (Status.IN_PROGRESS,), "source": "TILL"}, [bought]),
    ]
    for values, transactions in expected:
        assert await found(stage, **values) == transactions, values


async def test_both_ends_of_a_span_of_dates_belong_to_it(stage: Stage) -> None:
    days = [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1)]
    first, second, third = [await stage.record(stage.entry(transaction_date=day)) for day in days]
    assert await found(stage, transaction_date_from=days[1]) == [second, third]
    assert await found(stage, transaction_date_through=days[1]) == [first, second]
    assert await found(stage, transaction_date_from=days[1], transaction_date_through=days[1]) == [second]


async def test_days_of_processing_are_those_of_the_programs_time_zone(desk: Desk) -> None:
    stage = await a_stage(desk, time_zone="Pacific/Auckland")
    evening = at(stage.database, datetime(2026, 3, 10, 11, 30, tzinfo=UTC))  # half past midnight of the 11th there
    late = replace(stage, desk=Desk(evening, desk.programs))
    done = result_of(await late.earn(5))
    await evening.close()
    day = date(2026, 3, 11)
    assert done.transaction_date == day
    assert await found(stage, processed_from=day, processed_through=day) == [done]
    assert await found(stage, processed_from=day + timedelta(days=1)) == []
    assert await found(stage, processed_through=day - timedelta(days=1)) == []


@pytest.mark.parametrize("descending", [False, True])
async def test_pages_follow_each_other_in_either_order(stage: Stage, *, descending: bool) -> None:
    days = [date(2026, 1, day) for day in (5, 3, 5, 1, 4)]
    recorded = [await stage.record(stage.entry(transaction_date=day)) for day in days]
    orders = {
        TransactionOrder.CREATED: sorted(recorded, key=lambda each: each.id, reverse=descending),
        TransactionOrder.TRANSACTION_DATE: sorted(
            recorded, key=lambda each: (each.transaction_date, each.id), reverse=descending
        ),
    }
    wanted = TransactionFilter(program=stage.program.code)
    for order, expected in orders.items():
        seen: list[Transaction] = []
        after, counted = None, 0
        for _ in range(3):
            request = PageRequest(first=2, after=after)
            page = await services.transactions_list(
                stage.database, stage.msr, wanted, order, request, descending=descending
            )
            seen += [edge.node for edge in page.edges]
            after, counted = page.end_cursor, await page.count()
            assert page.has_next_page == (len(seen) < len(recorded))
        assert seen == expected
        assert counted == len(recorded)


async def test_everyone_sees_their_own_rows_only(stage: Stage, desk: Desk) -> None:
    partner, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    neighbour = await a_member(stage.database, stage.program)
    mine = await stage.record(stage.entry(partner=partner.code))
    theirs = await stage.record(stage.entry(partner=other.code), member=by_number(neighbour))
    stranger = (await a_stage(desk)).msr
    assert await found(stage, clerk) == [mine]
    assert await found(stage, clerk, partner=other.code) == []
    assert await found(stage, herself(stage.member)) == [mine]
    assert await found(stage, herself(neighbour)) == [theirs]
    assert await found(stage, stranger) == []
    assert await found(stage, somebody(Role.PROGRAM_ADMINISTRATOR)) == [mine, theirs]


async def test_a_member_by_number_needs_a_program(stage: Stage) -> None:
    wanted = TransactionFilter(member=by_number(stage.member))
    anybody = somebody(Role.MSR)
    with pytest.raises(Refused) as caught:
        await services.transactions_list(
            stage.database, anybody, wanted, TransactionOrder.CREATED, PageRequest(first=1)
        )
    assert [type(problem) for problem in caught.value.problems] == [Missing]
    assert await found(stage, stage.msr, program=None, member=by_number(stage.member)) == []


# The inbox


async def submitted(stage: Stage, points: int, **values: Any) -> Transaction:
    return await stage.moved(Move.SUBMIT, await stage.record(stage.credit(points)), **values)


async def test_the_inbox_holds_what_names_me_and_what_my_limit_covers(stage: Stage) -> None:
    small, large = await submitted(stage, 1000), await submitted(stage, 1001)
    above = await submitted(stage, 500, submit_to=stage.director.subject)
    colleague = await stage.person(Role.MANAGER, transaction_approval_limit=Decimal(500))
    assert await waiting(stage, stage.manager) == [small, large, above]
    assert await waiting(stage, stage.director) == [small, large, above]
    assert await waiting(stage, colleague) == [above]
    assert await waiting(stage, stage.msr) == []


async def test_the_inbox_shows_what_waits_now_and_nothing_else(stage: Stage) -> None:
    first, second, third = [await submitted(stage, 10) for _ in range(3)]
    await stage.record(stage.credit(10, submit_to=stage.manager.subject))
    await stage.moved(Move.APPROVE, first, stage.manager)
    await stage.moved(Move.RECALL, second)
    assert await waiting(stage, stage.manager) == [third]


async def test_the_inbox_of_others_is_not_mine(stage: Stage, desk: Desk) -> None:
    await submitted(stage, 10)
    assert await waiting(stage, (await a_stage(desk)).director) == []


async def test_a_partners_approver_sees_what_waits_for_its_partner(stage: Stage) -> None:
    partner, other = [await a_partner(stage.database, stage.program) for _ in range(2)]
    approver = await stage.person(Role.PARTNER_APPROVER, partner=partner.code, program=None)
    clerk = await stage.person(Role.PARTNER_REPRESENTATIVE, partner=partner.code, program=None)
    mine = await stage.record(stage.entry(partner=partner.code), send_to_partner=True)
    await stage.record(stage.entry(partner=other.code), send_to_partner=True)
    await stage.record(stage.entry(partner=partner.code))
    assert await waiting(stage, approver) == [mine]
    assert await waiting(stage, clerk) == []
    await stage.moved(Move.PARTNER_APPROVE, mine, approver)
    assert await waiting(stage, approver) == []


async def test_limits_are_compared_in_points_and_not_in_their_smallest_parts(desk: Desk) -> None:
    stage = await a_stage(desk, decimals=2)
    covered = await stage.moved(Move.SUBMIT, await stage.record(stage.credit(int(LIMIT))))
    entry = stage.entry(sub_type=SubType.MANUAL_CREDIT, points=LIMIT + Decimal("0.01"))
    above = await stage.moved(Move.SUBMIT, await stage.record(entry), submit_to=stage.director.subject)
    colleague = await stage.person(Role.MANAGER, transaction_approval_limit=LIMIT)
    assert await waiting(stage, colleague) == [covered]
    assert await waiting(stage, stage.director) == [covered, above]
