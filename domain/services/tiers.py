"""Tier classes and tiers of a program: whatever is changed of them makes a new version of it."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from domain.commands.members import Unchanged
from domain.commands.tiers import TierClassCreate, TierClassUpdate, TierCreate, TierThreshold, TierUpdate
from domain.people import Principal
from domain.problems import Invalid, NotFound, Problem, TooMany
from domain.programs import PointType, Program
from domain.promotions import Promotion, UpdateAttribute
from domain.receipts import Receipt
from domain.services.checks import INPUT, check_version, found, refuse
from domain.services.programs import locked
from domain.store import programs, tier_definitions
from domain.store import tiers as store
from domain.store.database import Database, Reader, Writer
from domain.store.definitions import definition, voucher_types
from domain.store.tier_definitions import Ladders
from domain.tier_checks import class_problems, new_class_problems, new_tier_problems, tier_problems
from domain.tiers import Threshold, Tier, TierClass
from domain.values import shown
from domain.vouchers import MAX_AT_ONCE

CLASS_FIELDS = tuple(one.name for one in fields(TierClass) if one.name not in {"id", "program_id", "code"})
MAX_TIER_VOUCHERS = 20

TIER_FIELDS = tuple(
    one.name for one in fields(Tier) if one.name not in {"id", "code", "tier_class", "is_default", "thresholds"}
)


async def tier_class_create(database: Database, actor: Principal, command: TierClassCreate) -> Receipt[TierClass]:
    """Add a class; tiers are added to it one by one, its default first."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        known = (await tier_definitions.of_program(writer, program.id)).classes
        given = {name: getattr(command, name) for name in CLASS_FIELDS}
        draft = TierClass(id=0, program_id=program.id, code=command.code, **given)
        refuse([*new_class_problems(draft.code, known, INPUT), *class_problems(draft, known.values(), INPUT)])
        tier_class = await store.add_class(writer, program_id=program.id, code=draft.code, **given)
        await programs.publish(writer, program.id, actor)
        return Receipt(tier_class)


async def tier_class_update(database: Database, actor: Principal, command: TierClassUpdate) -> Receipt[TierClass]:
    """Change a class; the tiers that members hold end when they would have."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        known = (await tier_definitions.of_program(writer, program.id)).classes
        tier_class = found(known.get(command.tier_class), "tier class", command.tier_class, "tierClass")
        check_version(command.expected_version, program.version)
        changed = replace(tier_class, **_given(command, CLASS_FIELDS))
        others = [each for each in known.values() if each.code != tier_class.code]
        refuse(class_problems(changed, others, INPUT))
        stored = await store.change_class(writer, changed.id, **{name: getattr(changed, name) for name in CLASS_FIELDS})
        await programs.publish(writer, program.id, actor)
        return Receipt(stored)


async def tier_create(database: Database, actor: Principal, command: TierCreate) -> Receipt[Tier]:
    """Add a tier; the first of a class is its default."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        ladders = await tier_definitions.of_program(writer, program.id)
        found(ladders.classes.get(command.tier_class), "tier class", command.tier_class, "tierClass")
        draft = _drafted(command, is_default=not ladders.rungs(command.tier_class))
        problems = new_tier_problems(draft.code, ladders.tiers, INPUT)
        refuse([
            *problems,
            *tier_problems(*await _among(writer, program, ladders, draft), INPUT),
            *await _voucher_problems(writer, program, draft),
        ])  # fmt: skip
        values = {"code": draft.code, "tier_class": draft.tier_class, "is_default": draft.is_default}
        tier = await store.add_tier(writer, program_id=program.id, **values, **_values(draft))
        await programs.publish(writer, program.id, actor)
        return Receipt(tier)


async def tier_update(database: Database, actor: Principal, command: TierUpdate) -> Receipt[Tier]:
    """Change a tier; whoever holds it holds it as long as before."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        ladders = await tier_definitions.of_program(writer, program.id)
        tier = found(ladders.tiers.get(command.tier), "tier", command.tier, "tier")
        check_version(command.expected_version, program.version)
        changed = _changed(tier, command)
        refuse([
            *tier_problems(*await _among(writer, program, ladders, changed), INPUT),
            *await _voucher_problems(writer, program, changed),
        ])  # fmt: skip
        stored = await store.change_tier(writer, tier.id, **_values(changed))
        await programs.publish(writer, program.id, actor)
        return Receipt(stored)


async def _voucher_problems(reader: Reader, program: Program, tier: Tier) -> list[Problem]:
    """What is wrong with the vouchers that a tier gives."""
    path, known = (INPUT, "vouchers"), await voucher_types(reader, program.id)
    if len(tier.vouchers) > MAX_TIER_VOUCHERS:
        return [TooMany(what="voucher types", limit=MAX_TIER_VOUCHERS, found=len(tier.vouchers), path=path)]
    problems: list[Problem] = []
    for index, each in enumerate(tier.vouchers):
        if each.voucher_type not in known:
            where = (*path, str(index), "voucherType")
            problems.append(NotFound(what="voucher type", key=shown(each.voucher_type), path=where))
        if not 1 <= each.quantity <= MAX_AT_ONCE:
            expected = f"1 to {MAX_AT_ONCE} vouchers"
            problems.append(Invalid(value=str(each.quantity), expected=expected, path=(*path, str(index), "quantity")))
    return problems


async def _among(
    writer: Writer, program: Program, ladders: Ladders, tier: Tier
) -> tuple[Tier, list[Tier], set[str], set[str]]:
    """A tier, the others of its class, and what its thresholds may name."""
    rungs = [each for each in ladders.rungs(tier.tier_class) if each.code != tier.code]
    _, point_types, promotions = await definition(writer, program.id)
    return tier, rungs, _codes(point_types), _counters(program, promotions)


def _codes(point_types: Iterable[PointType]) -> set[str]:
    return {point_type.code for point_type in point_types}


def _counters(program: Program, promotions: Iterable[Promotion]) -> set[str]:
    """The counters of numbers: those the program declares, and those that active promotions count."""
    declared = {path for path, kind in program.attributes.items() if kind.numeric}
    actions = (action for promotion in promotions for rule in promotion.rules for action in rule.actions)
    counted = {action.attribute for action in actions if isinstance(action, UpdateAttribute)}
    return {path for path in declared | (counted - set(program.attributes)) if path.startswith("counters.")}


def _drafted(command: TierCreate, *, is_default: bool) -> Tier:
    given = {name: getattr(command, name) for name in TIER_FIELDS}
    return Tier(
        id=0,
        code=command.code,
        tier_class=command.tier_class,
        is_default=is_default,
        thresholds=_thresholds(command.thresholds),
        **given,
    )


def _changed(tier: Tier, command: TierUpdate) -> Tier:
    thresholds = tier.thresholds if command.thresholds is None else _thresholds(command.thresholds)
    cleared = {
        name: value
        for name in ("downgrade_to", "expiry", "loan")
        if not isinstance(value := getattr(command, name), Unchanged)
    }
    return replace(tier, thresholds=thresholds, **{**_given(command, TIER_FIELDS), **cleared})


def _given(command: object, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(command, name) for name in names}
    return {name: value for name, value in values.items() if value is not None and not isinstance(value, Unchanged)}


def _values(tier: Tier) -> dict[str, Any]:
    return {name: getattr(tier, name) for name in (*TIER_FIELDS, "thresholds")}


def _thresholds(given: Iterable[TierThreshold]) -> tuple[Threshold, ...]:
    return tuple(Threshold(each.at_least, each.point_type, each.counter) for each in given)
