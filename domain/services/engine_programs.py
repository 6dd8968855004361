"""Compiled programs, kept by version: rules are compiled once per version, never per transaction."""

from collections.abc import Sequence
from dataclasses import replace

from domain.engine import EngineProgram
from domain.problems import Missing, NotFound, Refused
from domain.programs import PointType, Program
from domain.promotions import Promotion
from domain.store import definitions, families, program_versions, tier_definitions
from domain.store.database import Reader
from domain.store.tier_definitions import Ladders
from rules import Definition, compile_program

ATTEMPTS = 5
"""How often a program is read that is being published at the same time."""


class EnginePrograms:
    """One per process. Asking costs one small query; compiling happens when the version has changed."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._current: dict[int, EngineProgram] = {}

    def known(self, code: str) -> int | None:
        """The key of a program that was asked for before."""
        return self._ids.get(code)

    async def id_of(self, reader: Reader, code: str, *path: str) -> int:
        """The key of a program by its code; raises Refused(NotFound)."""
        known = self._ids.get(code)
        if known is None:
            known = await definitions.id_of(reader, code)
            if known is None:
                raise Refused(NotFound(what="program", key=code, path=path or ("input", "program")))
            self._ids[code] = known
        return known

    async def current(self, reader: Reader, program_id: int) -> EngineProgram:
        """The program as it is now."""
        known, now = self._current.get(program_id), await definitions.current(reader, program_id)
        if known is None or known.program.version != now.version:
            known = self._current[program_id] = await load(reader, program_id)
        elif (known.listening, known.charging) != (now.listening, now.charging):
            known = self._current[program_id] = _with(known, now)
        return known


async def load(reader: Reader, program_id: int) -> EngineProgram:
    """Read and compile a program; raises Refused for a draft without point types, which cannot be about points.

    It is read in several steps: what was published between them would have a part of two versions, so it is read again.
    """
    for _ in range(ATTEMPTS - 1):
        program, now = await _load(reader, program_id), await definitions.current(reader, program_id)
        if program.program.version == now.version:
            return _with(program, now)
    return await _load(reader, program_id)


def _with(program: EngineProgram, now: definitions.Current) -> EngineProgram:
    return replace(program, listening=now.listening, charging=now.charging)


async def _load(reader: Reader, program_id: int) -> EngineProgram:
    program, point_types, promotions = await definitions.definition(reader, program_id)
    if not point_types:
        raise Refused(Missing(why=f"program {program.code!r} has no point type yet", path=("input", "program")))
    return await _compiled(
        reader, program, point_types, promotions, await tier_definitions.of_program(reader, program_id)
    )


async def load_version(reader: Reader, program_id: int, version: int) -> EngineProgram | None:
    """A version of a program, compiled again; None: there is no such version. Raises Refused for rules that cannot be compiled here."""
    document = await program_versions.load(reader, program_id, version)
    if document is None:
        return None
    return await _compiled(reader, document.program, document.point_types, document.promotions, document.ladders)


async def _compiled(
    reader: Reader,
    program: Program,
    point_types: Sequence[PointType],
    promotions: tuple[Promotion, ...],
    ladders: Ladders,
) -> EngineProgram:
    by_code = {point_type.code: point_type for point_type in point_types}
    rules = compile_program(
        Definition(
            program.base_rules,
            promotions,
            by_code,
            program.attributes,
            frozenset(program.settings.untrusted_rule_kinds),
            program.settings.rule_time_limit_ms / 1000,
        )
    )
    return EngineProgram(
        program, {point_type.id: point_type for point_type in point_types}, rules, ladders.tiers, ladders.classes,
        await definitions.voucher_types(reader, program.id),
        extended_before=await definitions.had_inactivity(reader, program.id),
        families=await families.flow_somewhere(reader, program.id),
    )  # fmt: skip
