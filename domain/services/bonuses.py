"""Giving action-based bonuses: queued in the unit of work of what they are for, by the engine; the batch engine processes them.

Only an ACTIVE program gives any. Whoever has got one for the same thing before gets none, whatever the program promises now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.bonuses import SOURCE, Bonus, Bonuses, Deed
from domain.calendars import business_date
from domain.drafts import Draft
from domain.entries import NewTransaction
from domain.points import from_units, round_half_up
from domain.problems import Invalid, NotFound, Problem
from domain.programs import PointType, Program, ProgramStatus
from domain.services.posting import claims
from domain.store import point_types, queue, references, transactions
from domain.store.database import Database, Reader, Writer
from domain.transactions import Status, SubType, Type
from domain.values import finer_than, shown


@dataclass(frozen=True, slots=True)
class Named:
    """What bonuses may name, by code."""

    types: Mapping[str, PointType]
    products: Mapping[str, int]

    def type_of(self, bonus: Bonus) -> PointType | None:
        """The kind of points of a bonus that says how many; None if there is none of this code."""
        if bonus.point_type is not None:
            return self.types.get(bonus.point_type)
        return next((each for each in self.types.values() if each.is_default), None)


async def give(database: Database, writer: Writer, program: Program, deeds: Iterable[Deed], now: datetime) -> None:
    """Queue a transaction for each of these that has got none yet."""
    wanted = list(deeds) if program.status is ProgramStatus.ACTIVE else []
    if not wanted:
        return
    named = await _named(writer, program.id, (deed.bonus for deed in wanted))
    numbers = await database.ids.take(writer, len(wanted))
    drafts = [
        _draft(program, deed, named, number=number, now=now) for deed, number in zip(wanted, numbers, strict=True)
    ]
    worth = {place: draft for place, draft in enumerate(drafts) if draft.points != 0}
    before = await claims.by_external_id(writer, worth)
    new = [draft for place, draft in worth.items() if place not in before]
    await transactions.insert(writer, new, {}, now)
    await queue.add(writer, [(program.id, draft.member_id, draft.transaction_date, draft.id, None) for draft in new])


async def _named(reader: Reader, program_id: int, bonuses: Iterable[Bonus]) -> Named:
    products = await references.products(reader, program_id, {bonus.product for bonus in bonuses})
    return Named(await point_types.of_program(reader, program_id), products)


def _draft(program: Program, deed: Deed, named: Named, *, number: int, now: datetime) -> Draft:
    bonus, today = deed.bonus, business_date(now, program.time_zone)
    point_type = None if bonus.points is None else named.type_of(bonus)
    units = None
    if point_type is not None and bonus.points is not None:
        units = round_half_up(bonus.points, point_type.decimals)  # exact, unless another type is the default by now
    entry = NewTransaction(
        program=program.code, member=deed.member_number, type=Type.ACCRUAL, sub_type=SubType.ACTION_BASED_BONUS,
        transaction_date=today, product=bonus.product, point_type=None if point_type is None else point_type.code,
        points=None if units is None or point_type is None else from_units(units, point_type.decimals),
        qualifying=bonus.qualifying or None, source=SOURCE, external_id=deed.name,
    )  # fmt: skip
    return Draft(
        id=number, program_id=program.id, member_id=deed.member_id, entry=entry, transaction_date=today,
        status=Status.QUEUED, created_at=now, created_by_id=None, product_id=named.products.get(bonus.product or ""),
        partner_id=None, point_type_id=None if point_type is None else point_type.id, points=units,
    )  # fmt: skip


async def reference_problems(reader: Reader, program_id: int, bonuses: Bonuses, *path: str) -> list[Problem]:
    """What bonuses name that does not exist, and points that are finer than their type."""
    named = await _named(reader, program_id, (bonus for _, bonus in bonuses.named()))
    return [problem for place, bonus in bonuses.named() for problem in _problems(bonus, named, (*path, *place))]


def _problems(bonus: Bonus, named: Named, path: tuple[str, ...]) -> Iterator[Problem]:
    point_type = named.type_of(bonus)
    if bonus.product is not None and bonus.product not in named.products:
        yield NotFound(what="product", key=shown(bonus.product), path=(*path, "product"))
    if bonus.point_type is not None and point_type is None:
        yield NotFound(what="point type", key=shown(bonus.point_type), path=(*path, "pointType"))
    if point_type is not None and bonus.points is not None and finer_than(bonus.points, point_type.decimals):
        expected = f"at most {point_type.decimals} decimals: those of {point_type.code}"
        yield Invalid(value=shown(str(bonus.points)), expected=expected, path=(*path, "points"))
