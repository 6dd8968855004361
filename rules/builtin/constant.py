"""The same base points for every transaction that gets here."""

from decimal import Decimal

from pydantic import Field

from rules.kinds import Evaluate, Parameters, Role, RuleKind


class Constant(Parameters):
    """Such as 10 points per visit."""

    points: Decimal = Field(gt=0, max_digits=18, decimal_places=6, description="Points per transaction")


def compile_constant(parameters: Constant) -> Evaluate:
    return lambda snapshot: parameters.points


KIND = RuleKind(
    name="constant",
    version=1,
    role=Role.BASE,
    summary="The same points for every transaction",
    parameters=Constant,
    reads=lambda parameters: (),
    compile=compile_constant,
)
