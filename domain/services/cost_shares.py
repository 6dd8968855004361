"""From the cost shares that a command names to partners that take part in the program, and back."""

from collections.abc import Mapping, Sequence

from domain.cost_shares import CostShare, NoTerms, ShareGiven, share_problems
from domain.partners import Partner
from domain.people import ENGINE, Scope
from domain.problems import NotFound, Problem
from domain.promotions import Promotion
from domain.services.checks import refuse
from domain.store import partners
from domain.store.database import Reader


async def shares_of(
    reader: Reader, scope: Scope, program_id: int, given: Sequence[ShareGiven], *path: str
) -> tuple[CostShare, ...]:
    """The shares as they are stored; refuses what is wrong, partners that the scope does not show, and those without terms."""
    refuse(share_problems(given, *path))
    known = {each.code: each for each in await _named(reader, scope, given)}
    agreed = await _with_terms(reader, program_id, [each.id for each in known.values()])
    refuse(
        problem
        for index, share in enumerate(given)
        if share.partner is not None
        for problem in _partner_problems(share.partner, known, agreed, (*path, str(index), "partner"))
    )
    return tuple(
        CostShare(None if share.partner is None else known[share.partner].id, share.percent) for share in given
    )


async def payer_problems(reader: Reader, promotion: Promotion) -> list[Problem]:
    """Partners with a share whose terms have ended since they agreed."""
    payers = [each.partner_id for each in promotion.shares if each.partner_id is not None]
    known = await partners.load_many(reader, ENGINE.scope, payers)
    agreed = await _with_terms(reader, promotion.program_id, payers)
    return [
        NoTerms(partner=partner.code, path=("shares", str(index), "partner"))
        for index, share in enumerate(promotion.shares)
        for partner in known
        if partner is not None and partner.id == share.partner_id and not (partner.active and partner.id in agreed)
    ]


async def _named(reader: Reader, scope: Scope, given: Sequence[ShareGiven]) -> list[Partner]:
    found = await partners.by_codes(reader, [each.partner for each in given if each.partner is not None])
    shown = await partners.load_many(reader, scope, [each.id for each in found.values()])
    return [partner for partner in shown if partner is not None]


async def _with_terms(reader: Reader, program_id: int, ids: Sequence[int]) -> set[int]:
    pairs = [(program_id, each) for each in ids]
    found = await partners.load_pairs(reader, ENGINE.scope, pairs)
    return {each.partner_id for each in found if each is not None and each.active}


def _partner_problems(
    code: str, known: Mapping[str, Partner], agreed: set[int], path: tuple[str, ...]
) -> Sequence[Problem]:
    partner = known.get(code)
    if partner is None:
        return [NotFound(what="partner", key=code, path=path)]
    return [] if partner.active and partner.id in agreed else [NoTerms(partner=code, path=path)]
