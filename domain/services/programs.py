"""Drafting, changing, activating and halting programs. Whatever the engine reads of a program makes a new version of it.

Base rules are compiled when they are saved, and everything once more when the program is activated.
"""

from collections.abc import Iterable, Iterator, Mapping

from domain.attributes import AttributeType
from domain.calendars import UnknownTimeZone, valid_time_zone
from domain.codes import code_problems, name_problems
from domain.commands.programs import ProgramActivate, ProgramCreate, ProgramDeactivate, ProgramUpdate
from domain.currencies import currency_problems
from domain.people import Principal
from domain.problems import AlreadyExists, Missing, NotAllowed, NotFound, Problem, Refused, TooMany
from domain.program_problems import WrongProgramStatus
from domain.programs import BaseRule, PointType, Program, ProgramSettings, ProgramStatus
from domain.promotion_problems import AttributeTypeFixed
from domain.promotions import Promotion
from domain.receipts import Receipt
from domain.services.bonuses import reference_problems
from domain.services.checks import INPUT, check_version, found, refuse
from domain.settings import attributes_problems, changed, reversals_problems, settings_problems
from domain.store import partner_programs
from domain.store import programs as store
from domain.store.database import Database, Reader, Writer
from domain.store.definitions import definition
from domain.values import shown
from rules import Definition, compile_program

MAX_BASE_RULES = 50
PARTNER_PROGRAMS = (INPUT, "settings", "partnerPrograms")
BONUSES = (INPUT, "settings", "bonuses")


async def program_create(database: Database, actor: Principal, command: ProgramCreate) -> Receipt[Program]:
    """Draft a program."""
    settings = changed(ProgramSettings(), command.settings)
    refuse([*_bound_problems(actor), *_create_problems(command, settings)])
    async with database.write() as writer:
        program = await store.add(
            writer,
            code=command.code,
            name=command.name,
            time_zone=command.time_zone,
            currency=command.currency,
            settings=settings,
            base_rules=command.base_rules,
            attributes=command.attributes,
            reversals=command.reversals,
        )
        if program is None:
            raise Refused(AlreadyExists(what="program", key=command.code, path=(INPUT, "code")))
        refuse([
            *await reference_problems(writer, program.id, settings.bonuses, *BONUSES),
            *await _membership_problems(writer, command.settings.partner_programs),
        ])  # fmt: skip
        return Receipt(await store.record(writer, program.id, actor))


async def program_update(database: Database, actor: Principal, command: ProgramUpdate) -> Receipt[Program]:
    """Change a program; promotions that no longer fit are refused too, for they would stop working."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        check_version(command.expected_version, program.version)
        _, point_types, promotions = await definition(writer, program.id)
        settings = changed(program.settings, command.settings)
        base_rules = program.base_rules if command.base_rules is None else command.base_rules
        attributes = program.attributes if command.attributes is None else command.attributes
        reversals = program.reversals if command.reversals is None else command.reversals
        refuse([
            *name_problems(command.name, INPUT, "name"),
            *settings_problems(settings, attributes, INPUT, "settings"),
            *await reference_problems(writer, program.id, settings.bonuses, *BONUSES),
            *await _membership_problems(writer, command.settings.partner_programs),
            *attributes_problems(attributes, INPUT, "attributes"),
            *reversals_problems(attributes, reversals, INPUT, "attributes"),
            *_type_problems(program.attributes, attributes),
            *_rule_problems(base_rules, attributes, point_types, promotions),
        ])  # fmt: skip
        values = {"settings": settings, "base_rules": base_rules, "attributes": attributes, "reversals": reversals}
        await store.change(writer, program.id, name=command.name or program.name, **values)
        return Receipt(await store.publish(writer, program.id, actor))


async def program_activate(database: Database, actor: Principal, command: ProgramActivate) -> Receipt[Program]:
    """Let a program process transactions."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        _check_status(program, ProgramStatus.DRAFT, ProgramStatus.INACTIVE)
        _, point_types, promotions = await definition(writer, program.id)
        refuse(_activation_problems(program, point_types, promotions))
        await store.change(writer, program.id, status=ProgramStatus.ACTIVE)
        return Receipt(await store.publish(writer, program.id, actor))


async def program_deactivate(database: Database, actor: Principal, command: ProgramDeactivate) -> Receipt[Program]:
    """Halt a program."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        _check_status(program, ProgramStatus.ACTIVE)
        await store.change(writer, program.id, status=ProgramStatus.INACTIVE)
        return Receipt(await store.publish(writer, program.id, actor))


async def locked(writer: Writer, actor: Principal, code: str, *path: str) -> Program:
    """The program that a command names, locked; refuses one that the actor may not see. Programs are locked before anything else."""
    return found(await store.lock(writer, actor.scope, code), "program", code, *(path or ("program",)))


async def _membership_problems(reader: Reader, codes: tuple[str, ...] | None) -> list[Problem]:
    """A membership that is demanded is one of a partner program that there is."""
    if not codes:
        return []
    known = await partner_programs.known(reader, codes)
    return [
        NotFound(what="partner program", key=shown(code), path=(*PARTNER_PROGRAMS, str(index)))
        for index, code in enumerate(codes)
        if code not in known
    ]


def _bound_problems(actor: Principal) -> Iterator[Problem]:
    if actor.scope.program_id is not None:
        yield NotAllowed(why="who is bound to one program cannot make another", path=(INPUT,))


def _create_problems(command: ProgramCreate, settings: ProgramSettings) -> Iterator[Problem]:
    yield from code_problems(command.code, INPUT, "code")
    yield from name_problems(command.name, INPUT, "name")
    yield from _place_problems(command.time_zone, command.currency, INPUT)
    yield from settings_problems(settings, command.attributes, INPUT, "settings")
    yield from attributes_problems(command.attributes, INPUT, "attributes")
    yield from reversals_problems(command.attributes, command.reversals, INPUT, "attributes")
    yield from _rule_problems(command.base_rules, command.attributes, (), ())


def _place_problems(time_zone: str, currency: str, *path: str) -> Iterator[Problem]:
    if not valid_time_zone(time_zone):
        yield UnknownTimeZone(value=shown(time_zone), path=(*path, "timeZone"))
    yield from currency_problems(currency, *path, "currency")


def _type_problems(before: Mapping[str, AttributeType], attributes: Mapping[str, AttributeType]) -> Iterator[Problem]:
    """Values of an attribute may be stored by now: its type stays what it is."""
    for index, (path, kind) in enumerate(attributes.items()):
        known = before.get(path, kind)
        if known is not kind:
            yield AttributeTypeFixed(attribute=path, type=known, path=(INPUT, "attributes", str(index), "type"))


def _rule_problems(
    base_rules: tuple[BaseRule, ...],
    attributes: Mapping[str, AttributeType],
    point_types: Iterable[PointType],
    promotions: tuple[Promotion, ...],
) -> Iterator[Problem]:
    """What the rules compiler says of a program as it would be."""
    if len(base_rules) > MAX_BASE_RULES:
        yield TooMany(what="base rules", limit=MAX_BASE_RULES, found=len(base_rules), path=(INPUT, "baseRules"))
        return
    by_code = {point_type.code: point_type for point_type in point_types}
    try:
        compile_program(Definition(base_rules, promotions, by_code, attributes))
    except Refused as refused:
        yield from (problem.at(INPUT, *problem.path) for problem in refused.problems)


def _activation_problems(
    program: Program, point_types: tuple[PointType, ...], promotions: tuple[Promotion, ...]
) -> Iterator[Problem]:
    if not point_types:
        yield Missing(why="a program needs a point type before it can be active", path=(INPUT, "pointTypes"))
    yield from _place_problems(program.time_zone, program.currency, INPUT)
    yield from _rule_problems(program.base_rules, program.attributes, point_types, promotions)


def _check_status(program: Program, *allowed: ProgramStatus) -> None:
    if program.status not in allowed:
        raise Refused(WrongProgramStatus(status=program.status, allowed=allowed, path=(INPUT, "program")))
