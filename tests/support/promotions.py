"""Promotions for tests, made through the product's own services: `a_promotion(database, program, gives(25))`."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.commands.promotions import (
    PromotionActivate,
    PromotionCreate,
    PromotionDeactivate,
    PromotionEnroll,
    PromotionUpdate,
)
from domain.members import Member
from domain.people import ENGINE, Principal
from domain.programs import Program
from domain.promotions import AssignPoints, Criterion, Operator, Promotion, PromotionEnrollment, Rule
from domain.receipts import Receipt
from domain.services.promotion_enrollment import promotion_enroll
from domain.services.promotions import promotion_activate, promotion_create, promotion_deactivate, promotion_update
from domain.store.database import Database
from tests.support.factories import a_code, result_of
from tests.support.members import by_number


def gives(points: int | str = 25, *criteria: Criterion, **values: Any) -> Rule:
    """A rule that gives so many points, if all criteria hold."""
    return Rule((AssignPoints(constant=Decimal(points), **values),), criteria)


def over(amount: int | str) -> Criterion:
    """More than so many dollars."""
    return Criterion("transaction.amount", Operator.GREATER, (Decimal(amount),))


async def a_draft_promotion(database: Database, program: Program, *rules: Rule, **values: Any) -> Promotion:
    """A draft from 2020 on; it gives 25 points for everything, unless it has other rules."""
    given = {"code": a_code("A"), "name": "A promotion", "starts_on": date(2020, 1, 1), **values}
    command = PromotionCreate(program=program.code, rules=rules or (gives(),), **given)
    return result_of(await promotion_create(database, ENGINE, command))


async def a_promotion(database: Database, program: Program, *rules: Rule, **values: Any) -> Promotion:
    """The same, activated."""
    return await activated(database, program, await a_draft_promotion(database, program, *rules, **values))


async def activated(database: Database, program: Program, promotion: Promotion) -> Promotion:
    """The promotion, once it is active."""
    command = PromotionActivate(program=program.code, promotion=promotion.code)
    return result_of(await promotion_activate(database, ENGINE, command))


async def deactivated(database: Database, program: Program, promotion: Promotion) -> Promotion:
    """The promotion, once it is no longer active."""
    command = PromotionDeactivate(program=program.code, promotion=promotion.code)
    return result_of(await promotion_deactivate(database, ENGINE, command))


async def updated(database: Database, program: Program, promotion: Promotion, **values: Any) -> Promotion:
    """The promotion after a change of the version that is given."""
    command = PromotionUpdate(
        program=program.code, promotion=promotion.code, **{"expected_version": promotion.version, **values}
    )
    return result_of(await promotion_update(database, ENGINE, command))


async def joins(
    database: Database, program: Program, member: Member, promotion: Promotion, actor: Principal = ENGINE
) -> Receipt[PromotionEnrollment]:
    """The member joins the promotion."""
    command = PromotionEnroll(program=program.code, promotion=promotion.code, member=by_number(member))
    return await promotion_enroll(database, actor, command)
