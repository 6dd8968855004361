"""Making the sample program, through the same services as everybody: `await seed(runtime)`.

What is there already is left as it is, so an interrupted seed is completed by the next one.
"""

from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app import sample
from app.identity import principal_of
from app.runtime import Runtime
from domain.calendars import business_date
from domain.commands.members import MemberReference
from domain.commands.programs import ProgramFilter, ProgramOrder
from domain.entries import NewTransaction
from domain.pages import PageRequest
from domain.people import ENGINE, Principal, Scope
from domain.postings import Posting
from domain.problems import AlreadyExists, IdempotencyKeyReused, Problem, Refused, VersionConflict
from domain.program_problems import WrongProgramStatus
from domain.receipts import Receipt
from domain.services.member_enrollment import member_enroll
from domain.services.partners import partner_create, partner_terms_set
from domain.services.people import person_create, person_update
from domain.services.point_types import point_type_create
from domain.services.posting.claims import ExternalIdReused
from domain.services.products import product_create, product_price_set
from domain.services.programs import program_activate, program_create
from domain.store import people, programs
from domain.store.keyset import page_of
from domain.transactions import Type

DONE_BEFORE = (AlreadyExists, VersionConflict, WrongProgramStatus, ExternalIdReused, IdempotencyKeyReused)
EVERYTHING = Scope()


async def is_wanted(runtime: Runtime) -> bool:
    """Whether there is no program yet, or only an unfinished sample."""
    every = programs.listing(EVERYTHING, ProgramFilter(), ProgramOrder.CODE, descending=False)
    codes = [edge.node.code for edge in (await page_of(runtime.database, every, PageRequest(first=2))).edges]
    return not codes or (codes == [sample.CODE] and not await is_complete(runtime))


async def is_complete(runtime: Runtime) -> bool:
    """Whether the sample is there, to its last step."""
    async with runtime.database.read() as reader:
        return await people.find(reader, EVERYTHING, sample.LOG_IN.subject) is not None


async def seed(runtime: Runtime) -> None:
    """Make the sample program, as far as it is missing."""
    database = runtime.database
    await _once(program_create(database, ENGINE, sample.PROGRAM))
    await _once(point_type_create(database, ENGINE, sample.POINTS))
    await _once(program_activate(database, ENGINE, sample.ACTIVATION))
    await _once(partner_create(database, ENGINE, sample.PARTNER))
    await _once(partner_terms_set(database, ENGINE, sample.TERMS))
    for product in sample.PRODUCTS:
        await _once(product_create(database, ENGINE, product))
    for price in sample.PRICES:
        await _once(product_price_set(database, ENGINE, price))
    for person in sample.STAFF:
        await _once(person_create(database, ENGINE, person))
    await _once(person_update(database, ENGINE, sample.REPORTS_TO))
    for member in sample.MEMBERS:
        await _once(member_enroll(database, ENGINE, member))
    await _visits(runtime)
    await _once(person_create(database, ENGINE, sample.LOG_IN))


async def _visits(runtime: Runtime) -> None:
    async with runtime.database.read() as reader:
        program_id = await runtime.programs.id_of(reader, sample.CODE)
        clerk = await people.find(reader, EVERYTHING, sample.DESK)
        now = await runtime.database.now(reader)
    assert clerk is not None
    today = business_date(now, sample.PROGRAM.time_zone)
    for number, visit in enumerate(sample.VISITS, start=1):
        said = NewTransaction(
            program=sample.CODE,
            member=visit.member,
            type=visit.type,
            transaction_date=today - timedelta(days=visit.days_ago),
            product=visit.product,
            partner=visit.partner,
            amount=None if visit.amount is None else Decimal(visit.amount),
            source="sample",
            external_id=f"sample-{number}",
        )
        await _once(runtime.desk.submit(_posting(principal_of(clerk), program_id, said)))


def _posting(actor: Principal, program_id: int, said: NewTransaction) -> Posting:
    assert said.external_id is not None
    return Posting(
        actor=actor,
        mutation="pointsEarn" if said.type is Type.ACCRUAL else "pointsRedeem",
        key=said.external_id,
        program_id=program_id,
        member=MemberReference(number=said.member),
        entry=said,
    )


async def _once(step: Awaitable[Receipt[Any]]) -> None:
    try:
        receipt = await step
        problems: tuple[Problem, ...] = () if receipt.replayed else receipt.errors
    except Refused as refused:
        problems = refused.problems
    if unexpected := [problem for problem in problems if not isinstance(problem, DONE_BEFORE)]:
        raise Refused(*unexpected)
