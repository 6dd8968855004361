"""Versions of programs: the whole definition that the engine had at a time, kept for ever."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from domain.programs import PointType, Program
from domain.promotions import Promotion
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.documents import from_document
from domain.store.promotion_documents import promotion_from
from domain.store.tier_definitions import Ladders
from domain.tiers import Tier, TierClass

_v = t.program_version.c
DEFINITION = select(_v.definition).where(_v.program_id == bindparam("program_id"), _v.version == bindparam("version"))


@dataclass(frozen=True, slots=True)
class Version:
    """A program as it was: what `domain/store/programs.record` has kept of it."""

    program: Program
    point_types: tuple[PointType, ...]
    promotions: tuple[Promotion, ...]
    ladders: Ladders


async def load(reader: Reader, program_id: int, version: int) -> Version | None:
    """One version; None: there is none of this number."""
    found = await reader.execute(DEFINITION, {"program_id": program_id, "version": version})
    document = found.scalar_one_or_none()
    if document is None:
        return None
    return Version(
        from_document(document["program"], Program),
        from_document(document["point_types"], tuple[PointType, ...]),
        tuple(map(promotion_from, document["promotions"])),
        Ladders(
            from_document(document.get("tier_classes") or {}, dict[str, TierClass]),
            from_document(document.get("tiers") or {}, dict[str, Tier]),
        ),
    )
