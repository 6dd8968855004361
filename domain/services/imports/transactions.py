"""Importing transactions: lines become queued transactions, a chunk is one commit, and the same file again adds nothing.

Bad lines are reported and harm no other; external ids decide what is new, in the same commit that records it.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import date

from domain.calendars import business_date
from domain.commands.imports import TransactionsImport
from domain.engine import EngineProgram
from domain.feeds import FeedTerms
from domain.imports.lines import BadLine, Line
from domain.imports.reports import Imported
from domain.imports.transactions import Reading
from domain.people import Principal, Scope
from domain.problems import NotAllowed, NotFound, Refused
from domain.services.engine_programs import EnginePrograms
from domain.services.imports.naming import Importer
from domain.services.imports.pipeline import pipeline
from domain.services.imports.recording import Recording
from domain.store import partners, people
from domain.store.database import Database, Reader
from domain.values import shown

EVERYWHERE = Scope()


async def transactions_import(
    database: Database,
    programs: EnginePrograms,
    actor: Principal,
    command: TransactionsImport,
    lines: Iterable[Line | BadLine],
) -> AsyncGenerator[Imported, None]:
    """Queue what the lines say; yields what became of each chunk once it is committed. Raises Refused before the first."""
    recording = await begin_import(database, programs, actor, command)
    async with aclosing(pipeline(iter(lines), recording.read, recording.commit)) as chunks:
        async for done in chunks:
            yield done


async def begin_import(
    database: Database, programs: EnginePrograms, actor: Principal, command: TransactionsImport
) -> Recording:
    """An import that may read and record lines; raises Refused for what can be said before the first of them."""
    async with database.read() as reader:
        program_id = await programs.id_of(reader, command.program, "program")
        if actor.scope.program_id not in (None, program_id):
            raise Refused(NotFound(what="program", key=shown(command.program), path=("program",)))
        if actor.scope.member_id is not None:
            raise Refused(NotAllowed(why="members do not import files"))
        program = await programs.current(reader, program_id)
        command = await for_partner(reader, actor, command)
        found = await people.load_many(reader, EVERYWHERE, [actor.person_id]) if actor.person_id is not None else [None]
        today = business_date(await database.now(reader), program.program.time_zone)
        feed = await _feed(reader, actor, program, command.partner, today)
    async with database.write() as writer:
        [first] = await database.ids.take(writer, 1)
    reading = Reading(program.program, program.default.code, command, today)
    return Recording(database, Importer(program, actor, found[0]), reading, first, feed)


async def _feed(
    reader: Reader, actor: Principal, program: EngineProgram, partner: str | None, today: date
) -> FeedTerms | None:
    """What the terms of a partner's user allow; None for others. Without terms, the program does not exist for it."""
    if actor.scope.partner_id is None or partner is None:
        return None
    terms = await partners.terms(reader, program.program.id, actor.scope.partner_id)
    if terms is None:
        raise Refused(NotFound(what="program", key=shown(program.program.code), path=("program",)))
    if not terms.active:
        why = "the terms of this partner in this program are not active"
        raise Refused(NotAllowed(why=why, path=("program",)))
    return FeedTerms(partner, terms, program.default.code, today)


async def for_partner(reader: Reader, actor: Principal, command: TransactionsImport) -> TransactionsImport:
    """A partner's user imports for its own partner; others for the one that they name, which must exist."""
    if actor.scope.partner_id is not None:
        [own] = await partners.load_many(reader, EVERYWHERE, [actor.scope.partner_id])
        assert own is not None
        if command.partner in (None, own.code):
            return replace(command, partner=own.code)
    elif command.partner is None or await partners.find(reader, EVERYWHERE, command.partner) is not None:
        return command
    raise Refused(NotFound(what="partner", key=shown(command.partner or ""), path=("partner",)))
