"""Vouchers that fired rules of promotions give: outside the contest of points, like changes of attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.engine.program import EngineProgram
from domain.promotions import Promotion
from domain.rules import RuleError, VoucherAward


@dataclass(frozen=True, slots=True)
class Awarded:
    """Vouchers that a fired promotion gives."""

    promotion_id: int
    voucher_type: str
    quantity: int


Given = tuple[Promotion, VoucherAward]
"""Vouchers that a fired rule asks for, with its promotion."""


def awarded(program: EngineProgram, given: Sequence[Given]) -> tuple[Awarded, ...]:
    """The vouchers that fired rules give, whether or not their promotion wins the contest of points; raises RuleError."""
    return tuple([_awarded(program, promotion, award) for promotion, award in given])


def _awarded(program: EngineProgram, promotion: Promotion, award: VoucherAward) -> Awarded:
    kind = program.vouchers.get(award.voucher_type)
    if kind is None or not kind.active:
        state = "does not exist" if kind is None else "is not active"
        raise RuleError(f"promotion {promotion.code}", f"voucher type {award.voucher_type!r} {state}")
    return Awarded(promotion.id, award.voucher_type, award.quantity)
