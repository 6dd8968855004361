"""Drafting, changing, activating and deactivating promotions. Everything happens under the lock of the program.

An active promotion never changes: it is deactivated, changed (a new version) and activated again; activation checks all of it.
"""

from dataclasses import fields, replace

from domain.commands.members import Unchanged
from domain.commands.promotions import PromotionActivate, PromotionCreate, PromotionDeactivate, PromotionUpdate
from domain.cost_shares import CostShare
from domain.people import Principal
from domain.problems import AlreadyExists, Refused
from domain.programs import Program
from domain.promotion_checks import draft_problems, name_and_code_problems
from domain.promotion_problems import PromotionActive, PromotionInactive
from domain.promotions import Promotion
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.cost_shares import shares_of
from domain.services.joint_promotions import drafting_problems, editing_problems
from domain.services.programs import locked
from domain.services.promotion_checks import activation_problems
from domain.services.promotion_needs import deactivation_problems
from domain.store import joint_promotions, programs
from domain.store import promotions as store
from domain.store.database import Database, Writer

PATH = (INPUT, "promotion")
SHARES = (INPUT, "shares")
EDITABLE = tuple(
    one.name
    for one in fields(PromotionUpdate)
    if one.name not in {"program", "promotion", "expected_version", "shares"}
)
REMOVABLE = frozenset({"ends_on", "steps"})
"""What an edit takes away by naming it as nothing."""


async def promotion_create(database: Database, actor: Principal, command: PromotionCreate) -> Receipt[Promotion]:
    """Draft a promotion; it pays nothing until it is activated."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        shares = await shares_of(writer, actor.scope, program.id, command.shares, *SHARES)
        refuse(drafting_problems(actor, shares))
        draft = _drafted(program, command, shares)
        refuse([*name_and_code_problems(command.code, command.name, INPUT), *draft_problems(draft, INPUT)])
        promotion = await store.add(writer, actor, draft)
        if promotion is None:
            raise Refused(AlreadyExists(what="promotion", key=command.code, path=(INPUT, "code")))
        if promotion.shares:
            await joint_promotions.draft(writer, actor, promotion, await database.now(writer))
        return Receipt(promotion)


async def promotion_update(database: Database, actor: Principal, command: PromotionUpdate) -> Receipt[Promotion]:
    """Change a promotion that is not active: a new version of it."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        promotion = await _named(writer, actor, program, command.promotion)
        check_version(command.expected_version, promotion.version)
        if promotion.active:
            raise Refused(PromotionActive(promotion=promotion.code, path=PATH))
        shares = promotion.shares
        if command.shares is not None:
            shares = await shares_of(writer, actor.scope, program.id, command.shares, *SHARES)
        refuse(await editing_problems(writer, actor, promotion, shares))
        changed = _changed(promotion, command, shares)
        refuse([*name_and_code_problems(promotion.code, command.name, INPUT), *draft_problems(changed, INPUT)])
        stored = await store.change(writer, actor, changed)
        if promotion.shares or stored.shares:
            await joint_promotions.draft(writer, actor, stored, await database.now(writer))
        return Receipt(stored)


async def promotion_activate(database: Database, actor: Principal, command: PromotionActivate) -> Receipt[Promotion]:
    """Let a promotion pay: a new version of its program."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        promotion = await _named(writer, actor, program, command.promotion)
        if command.expected_version is not None:
            check_version(command.expected_version, promotion.version)
        if promotion.active:
            raise Refused(PromotionActive(promotion=promotion.code, path=PATH))
        refuse([problem.at(*PATH, *problem.path) for problem in await activation_problems(writer, promotion)])
        activated = await store.switch(writer, promotion, active=True)
        await programs.publish(writer, program.id, actor)
        return Receipt(activated)


async def promotion_deactivate(
    database: Database, actor: Principal, command: PromotionDeactivate
) -> Receipt[Promotion]:
    """Let a promotion pay no more, unless others need what it counts: a new version of its program."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        promotion = await _named(writer, actor, program, command.promotion)
        if not promotion.active:
            raise Refused(PromotionInactive(promotion=promotion.code, path=PATH))
        refuse([problem.at(*PATH) for problem in await deactivation_problems(writer, promotion)])
        deactivated = await store.switch(writer, promotion, active=False)
        await programs.publish(writer, program.id, actor)
        return Receipt(deactivated)


async def _named(writer: Writer, actor: Principal, program: Program, code: str) -> Promotion:
    return found(await store.find(writer, actor.scope, program.id, code), "promotion", code, "promotion")


def _drafted(program: Program, command: PromotionCreate, shares: tuple[CostShare, ...]) -> Promotion:
    given = {one.name: getattr(command, one.name) for one in fields(command) if one.name not in {"program", "shares"}}
    return Promotion(id=0, program_id=program.id, active=False, version=1, shares=shares, **given)


def _changed(promotion: Promotion, command: PromotionUpdate, shares: tuple[CostShare, ...]) -> Promotion:
    named = {name: getattr(command, name) for name in EDITABLE}
    kept = {
        name: value
        for name, value in named.items()
        if not isinstance(value, Unchanged) and (value is not None or name in REMOVABLE)
    }
    return replace(promotion, version=promotion.version + 1, shares=shares, **kept)
