"""Pricing rules of a program: adding and changing them. What was bought keeps the price it was bought at."""

from domain.codes import code_problems, name_problems
from domain.commands.pricing_rules import PricingRuleCreate, PricingRuleUpdate
from domain.currencies import currency_problems
from domain.people import Principal
from domain.pricing_rules import PricingRule, range_problems
from domain.problems import AlreadyExists, Refused
from domain.programs import Program
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.store import pricing_rules as store
from domain.store import programs
from domain.store.database import Database, Writer


async def pricing_rule_create(database: Database, actor: Principal, command: PricingRuleCreate) -> Receipt[PricingRule]:
    """Add a rule."""
    refuse([
        *code_problems(command.code, INPUT, "code"),
        *name_problems(command.name, INPUT, "name"),
        *currency_problems(command.currency, INPUT, "currency"),
        *range_problems(command.ranges, INPUT, "ranges"),
    ])  # fmt: skip
    async with database.write() as writer:
        program = await _program(writer, actor, command.program)
        rule = await store.add(
            writer, command.ranges, program_id=program.id, code=command.code, name=command.name,
            currency=command.currency, active=command.active,
        )  # fmt: skip
        if rule is None:
            raise Refused(AlreadyExists(what="pricing rule", key=command.code, path=(INPUT, "code")))
        return Receipt(rule)


async def pricing_rule_update(database: Database, actor: Principal, command: PricingRuleUpdate) -> Receipt[PricingRule]:
    """Change a rule: its name, its ranges, or whether anything is sold by it."""
    async with database.write() as writer:
        program = await _program(writer, actor, command.program)
        before = found(
            await store.lock(writer, program.id, command.pricing_rule),
            "pricing rule",
            command.pricing_rule,
            "pricingRule",
        )
        check_version(command.expected_version, before.version)
        ranges = before.ranges if command.ranges is None else command.ranges
        refuse([*name_problems(command.name, INPUT, "name"), *range_problems(ranges, INPUT, "ranges")])
        active = before.active if command.active is None else command.active
        changed = await store.change(writer, before.id, command.ranges, name=command.name or before.name, active=active)
        return Receipt(changed)


async def _program(writer: Writer, actor: Principal, code: str) -> Program:
    return found(await programs.find(writer, actor.scope, code), "program", code, "program")
