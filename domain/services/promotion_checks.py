"""What stands against activating a promotion: asked of the program as it is now.

Paths begin at the promotion's own fields: `rules`, `0`, `criteria`, `1`, `attribute`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from domain.expiry import ExpiryPolicy, expires_on
from domain.joint_promotions import JointPromotionNotApproved, JointStatus
from domain.problems import NotFound, Problem, TooMany
from domain.programs import PointType, Program
from domain.promotion_steps import payable_problems
from domain.promotions import AssignPoints, AssignVoucher, ChangeTier, Promotion
from domain.rule_problems import InvalidRule
from domain.services.cost_shares import payer_problems
from domain.services.promotion_needs import actions_of, others_than
from domain.store import joint_promotions, references, tier_definitions
from domain.store.database import Reader
from domain.store.definitions import definition, voucher_types
from domain.store.tier_definitions import Ladders
from rules import Definition, check_promotion
from rules.actions import MAX_DAYS

MAX_ACTIVE = 1_000
A_YEAR = 366


async def activation_problems(reader: Reader, promotion: Promotion) -> list[Problem]:
    """Everything that keeps a promotion from working, each with its place."""
    program, point_types, active = await definition(reader, promotion.program_id)
    by_code = {point_type.code: point_type for point_type in point_types}
    within = Definition(program.base_rules, others_than(promotion, active), by_code, program.attributes)
    ladders = await tier_definitions.of_program(reader, program.id)
    return [
        *check_promotion(promotion, within),
        *await _reference_problems(reader, promotion, ladders),
        *_action_problems(promotion, program, by_code, ladders, await _active_vouchers(reader, program)),
        *payable_problems(promotion, by_code, within.promotions),
        *_number_problems(within.promotions),
        *await payer_problems(reader, promotion),
        *await talks_problems(reader, promotion),
    ]


async def problems_of(reader: Reader, promotions: Sequence[Promotion | None]) -> list[list[Problem]]:
    """What stands against activating each of them; nothing against one that is active."""
    return [
        await activation_problems(reader, promotion) if promotion is not None and not promotion.active else []
        for promotion in promotions
    ]


async def talks_problems(reader: Reader, promotion: Promotion) -> list[Problem]:
    """A joint promotion to which not every side has agreed."""
    if not promotion.shares:
        return []
    status = await joint_promotions.status(reader, promotion.id)
    return (
        [] if status is JointStatus.PARTNER_APPROVED else [JointPromotionNotApproved(status=status, path=("shares",))]
    )


async def _reference_problems(reader: Reader, promotion: Promotion, ladders: Ladders) -> list[Problem]:
    """Codes that name nothing."""
    products = await references.products(reader, promotion.program_id, promotion.products)
    partners = await references.partners(reader, promotion.partners)
    return [
        *_missing("product", promotion.products, products, "products"),
        *_missing("partner", promotion.partners, partners, "partners"),
        *_missing("tier", promotion.tiers, ladders.tiers, "tiers"),
    ]


async def _active_vouchers(reader: Reader, program: Program) -> set[str]:
    return {code for code, kind in (await voucher_types(reader, program.id)).items() if kind.active}


def _missing(what: str, codes: Sequence[str], known: Collection[str], name: str) -> Iterator[Problem]:
    for index, code in enumerate(codes):
        if code not in known:
            yield NotFound(what=what, key=code, path=(name, str(index)))


def _action_problems(
    promotion: Promotion,
    program: Program,
    point_types: Mapping[str, PointType],
    ladders: Ladders,
    vouchers: Collection[str],
) -> Iterator[Problem]:
    for path, action in actions_of(promotion):
        match action:
            case AssignVoucher() if action.voucher_type not in vouchers:
                yield NotFound(what="voucher type", key=action.voucher_type, path=(*path, "voucherType"))
            case ChangeTier():
                yield from _tier_problems(action, ladders, path)
            case AssignPoints(starts_after_days=int(after)) if 0 < after <= MAX_DAYS:
                yield from _span_problems(promotion, after, _policy(action, program, point_types), path)


def _tier_problems(action: ChangeTier, ladders: Ladders, path: tuple[str, ...]) -> Iterator[Problem]:
    if action.tier_class not in ladders.classes:
        yield NotFound(what="tier class", key=action.tier_class, path=(*path, "tierClass"))
    elif action.tier is not None and action.tier not in {tier.code for tier in ladders.rungs(action.tier_class)}:
        yield NotFound(what=f"tier of {action.tier_class}", key=action.tier, path=(*path, "tier"))


def _policy(action: AssignPoints, program: Program, point_types: Mapping[str, PointType]) -> ExpiryPolicy:
    point_type = None if action.point_type is None else point_types.get(action.point_type)
    default = point_type or next((each for each in point_types.values() if each.is_default), None)
    return action.expiry or (default and default.expiry) or program.settings.expiry


def _span_problems(promotion: Promotion, after: int, policy: ExpiryPolicy, path: tuple[str, ...]) -> Iterator[Problem]:
    """Points that would lapse before anybody could use them, on some day of the year."""
    for day in _days(promotion):
        start, end = day + timedelta(after), expires_on(policy, day)
        if end is not None and end < start:
            reason = f"points of {day} would start on {start}, after they lapse on {end}"
            yield InvalidRule(path=(*path, "startsAfterDays"), reason=reason)
            return


def _days(promotion: Promotion) -> Iterator[date]:
    """The days of the promotion, at most those of a year: expiry policies repeat themselves after it."""
    last = promotion.starts_on + timedelta(A_YEAR)
    until = last if promotion.ends_on is None else min(last, promotion.ends_on)
    for days in range((until - promotion.starts_on).days + 1):
        yield promotion.starts_on + timedelta(days)


def _number_problems(others: Sequence[Promotion]) -> Iterator[Problem]:
    if len(others) >= MAX_ACTIVE:
        yield TooMany(what="active promotions", limit=MAX_ACTIVE, found=len(others) + 1)
