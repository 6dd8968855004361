"""Base points per amount spent: so many points per unit of a currency. An amount in another currency is not for this rule."""

from decimal import Decimal

from pydantic import Field

from rules.builtin.units import POINTS, Counting
from rules.kinds import Evaluate, Parameters, Role, RuleKind, Snapshot, WrongCurrency


class PerAmount(Parameters):
    """Such as 1 point per full 1.00 USD."""

    points: Decimal = Field(gt=0, max_digits=18, decimal_places=6, description="Points per unit of the amount")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the currency the rule is for")
    unit: Decimal = Field(
        Decimal(1), gt=0, max_digits=18, decimal_places=4, description="Size of a unit, in the currency"
    )
    counting: Counting = Field(Counting.FULL, description="What a part of a unit is worth")


def compile_amount(parameters: PerAmount) -> Evaluate:
    points, unit, currency = parameters.points, parameters.unit, parameters.currency
    worth = POINTS[parameters.counting]

    def evaluate(snapshot: Snapshot) -> Decimal | None:
        amount = snapshot["transaction.amount"]
        if amount is None:
            return None
        if snapshot["transaction.currency"] != currency:
            raise WrongCurrency(currency)
        return worth(amount, unit, points)

    return evaluate


KIND = RuleKind(
    name="perAmount",
    version=1,
    role=Role.BASE,
    summary="Points per amount spent in a currency",
    parameters=PerAmount,
    reads=lambda parameters: ("transaction.amount", "transaction.currency"),
    compile=compile_amount,
)
