"""Declaring attributes one at a time, so that the rules of a program may read them.

The type of an attribute never changes: values of it are stored with members, transactions and products.
"""

from collections.abc import Mapping

from domain.attributes import AttributeType
from domain.commands.promotions import AttributeDefine
from domain.people import Principal
from domain.problems import Problem, Refused
from domain.programs import Program
from domain.promotion_problems import AttributeTypeFixed
from domain.receipts import Receipt
from domain.services.checks import INPUT, refuse
from domain.services.programs import locked
from domain.settings import attributes_problems, reversals_problems
from domain.store import programs
from domain.store.database import Database, Reader
from domain.store.definitions import definition
from rules import Definition, compile_program


async def attribute_define(database: Database, actor: Principal, command: AttributeDefine) -> Receipt[Program]:
    """Declare an attribute: a new version of the program, unless it is declared like this already."""
    async with database.write() as writer:
        program = await locked(writer, actor, command.program)
        known = program.attributes.get(command.path)
        on_reversal = command.on_reversal or program.reversals.get(command.path)
        if known is command.type and program.reversals.get(command.path) is on_reversal:
            return Receipt(program, replayed=True)
        if known not in (None, command.type):
            assert known is not None
            raise Refused(AttributeTypeFixed(attribute=command.path, type=known, path=(INPUT, "type")))
        attributes = {**program.attributes, command.path: command.type}
        refuse(problem.at(INPUT, "path") for problem in attributes_problems(attributes))
        reversals = dict(program.reversals)
        if on_reversal is not None:
            reversals[command.path] = on_reversal
        only = {command.path: command.type}
        refuse(problem.at(INPUT, "onReversal") for problem in reversals_problems(only, reversals))
        refuse(await _rule_problems(writer, program.id, attributes))
        await programs.change(writer, program.id, attributes=attributes, reversals=reversals)
        return Receipt(await programs.publish(writer, program.id, actor))


async def _rule_problems(reader: Reader, program_id: int, attributes: Mapping[str, AttributeType]) -> list[Problem]:
    """Active rules that would stop working, such as one that counts what is now declared to be text."""
    program, point_types, promotions = await definition(reader, program_id)
    by_code = {point_type.code: point_type for point_type in point_types}
    try:
        compile_program(Definition(program.base_rules, promotions, by_code, attributes))
    except Refused as refused:
        return [problem.at(INPUT, *problem.path) for problem in refused.problems]
    return []
