"""Why an adjustment, a fee or a refund is refused. All three are rows that are written once: what was wrong is corrected by another row."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from domain.blocks import PointBlock
from domain.partner_transactions import PartnerTransaction, PartnerTransactionKind
from domain.points import Spoken
from domain.problems import Problem


@dataclass(frozen=True, slots=True)
class Booked:
    """A row that was written (or, a preview, would be), and its block as it is then (None: it is money)."""

    transaction: PartnerTransaction
    block: PointBlock | None
    preview: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreThanOverdrawn(Problem):
    """A credit of an overdraft beyond what is owed: it never holds points of its own."""

    code = "MORE_THAN_OVERDRAWN"
    overdrawn: Spoken
    given: Spoken

    @property
    def message(self) -> str:
        return (
            f"{self.overdrawn:f} points are overdrawn, {self.given:f} would be credited: an overdraft ends at zero, credit"
            " the rest to another block."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAFee(Problem):
    """A refund of a row that is not a fee."""

    code = "NOT_A_FEE"
    kind: PartnerTransactionKind

    @property
    def message(self) -> str:
        return f"This partner transaction is of kind {self.kind.value}: only a FEE can be refunded."


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyRefunded(Problem):
    """A fee that was given back before; `refund` is the row that did."""

    code = "ALREADY_REFUNDED"
    refund: Annotated[str, "ID"]
    refunded_on: date

    @property
    def message(self) -> str:
        return f"This fee was refunded on {self.refunded_on}: a fee is refunded once, and whole."


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownReason(Problem):
    """A reason that the program does not list."""

    code = "UNKNOWN_REASON"
    value: str
    allowed: tuple[str, ...]

    @property
    def message(self) -> str:
        if not self.allowed:
            return "The program lists no reasons for refunds yet: add some to its settings (`refundReasons`) first."
        return f"{self.value!r} is not a reason of this program: give one of {', '.join(self.allowed)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroFee(Problem):
    """A fee of no money."""

    code = "ZERO_FEE"

    @property
    def message(self) -> str:
        return "A fee of zero charges nothing: give an amount above zero."
