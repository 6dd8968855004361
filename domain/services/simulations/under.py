"""Under which rules something is simulated: the program as it is now, or with drafts of promotions as if they were active.

Drafts are activated, checked as every activation is, in a unit of work that is undone: all that stays is the compiled program.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.commands.simulations import Simulate
from domain.engine import EngineProgram
from domain.people import Principal, Role, Scope
from domain.problems import Invalid, NotAllowed, NotFound, Refused, TooMany
from domain.services.checks import INPUT
from domain.services.engine_programs import EnginePrograms, load
from domain.services.promotion_checks import activation_problems
from domain.services.transactions.naming import program_id_of
from domain.store import promotions
from domain.store.database import Database, Reader, Writer
from domain.values import shown

DRAFTS = "draftPromotions"
MOST_DRAFTS = 50
MAY_DRAFT = (Role.MANAGER, Role.PROGRAM_ADMINISTRATOR, Role.ENGINE)
FARTHEST = timedelta(days=3_660)
"""How far from now the moment of a simulation may be: about ten years."""


async def program_under(
    database: Database, programs: EnginePrograms, actor: Principal, command: Simulate
) -> EngineProgram:
    """The program of a simulation, compiled; raises Refused for drafts that could not be activated."""
    _check_drafts(actor, command.draft_promotions)
    async with database.read() as reader:
        program_id = await program_id_of(reader, programs, actor, command.program)
        if not command.draft_promotions:
            return await programs.current(reader, program_id)
    async with database.rehearse() as writer:
        for index, code in enumerate(command.draft_promotions):
            await _activate(writer, program_id, code, (INPUT, DRAFTS, str(index)))
        return await load(writer, program_id)


def _check_drafts(actor: Principal, drafts: Sequence[str]) -> None:
    if drafts and not actor.has(*MAY_DRAFT):
        why = "drafts of promotions are for managers and program administrators"
        raise Refused(NotAllowed(why=why, path=(INPUT, DRAFTS)))
    if len(drafts) > MOST_DRAFTS:
        raise Refused(TooMany(what="draft promotions", limit=MOST_DRAFTS, found=len(drafts), path=(INPUT, DRAFTS)))


async def _activate(writer: Writer, program_id: int, code: str, path: tuple[str, ...]) -> None:
    promotion = await promotions.find(writer, Scope(), program_id, code)
    if promotion is None:
        raise Refused(NotFound(what="promotion", key=shown(code), path=path))
    if promotion.active:
        expected = "a promotion that is not active: this one is considered anyway"
        raise Refused(Invalid(value=promotion.code, expected=expected, path=path))
    if problems := await activation_problems(writer, promotion):
        raise Refused(*(problem.at(*path, *problem.path) for problem in problems))
    await promotions.switch(writer, promotion, active=True)


async def moment_of(database: Database, reader: Reader, command: Simulate) -> datetime:
    """The moment of a simulation: now, unless another is given."""
    now = await database.now(reader)
    asked = command.as_of
    if asked is None:
        return now
    if not now - FARTHEST <= asked <= now + FARTHEST:
        expected = f"a moment within {FARTHEST.days:,} days of now"
        raise Refused(Invalid(value=asked.isoformat(), expected=expected, path=(INPUT, "asOf")))
    return asked
