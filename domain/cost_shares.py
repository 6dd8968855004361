"""Cost shares: who pays how many percent of what a joint promotion gives. Together they are the whole, to the last decimal.

A promotion with cost shares is a joint one: everybody who pays is a side of it, and so is the host.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.codes import code_problems
from domain.problems import Invalid, Problem, TooMany
from domain.values import finer_than, shown

MAX_SHARES = 20
MAX_DECIMALS = 4
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class CostShare:
    """A partner (None: the host) and its percent of the cost, above 0; the shares of a promotion sum to 100."""

    partner_id: int | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class ShareGiven:
    """The same as a command says it: the partner by its code."""

    partner: str | None
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesNotWhole(Problem):
    """Cost shares that leave something unpaid, or pay it twice."""

    code = "SHARES_NOT_WHOLE"
    sum: Decimal

    @property
    def message(self) -> str:
        return f"The cost shares sum to {self.sum:f} percent: they must sum to 100."


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTerms(Problem):
    """A partner that does not take part in the program."""

    code = "NO_TERMS"
    partner: str

    @property
    def message(self) -> str:
        return f"{self.partner} has no active terms in this program: agree terms with it first."


def share_problems(shares: Sequence[ShareGiven], *path: str) -> Iterator[Problem]:
    """What is wrong with cost shares in themselves; none at all are right."""
    if len(shares) > MAX_SHARES:
        yield TooMany(what="cost shares", limit=MAX_SHARES, found=len(shares), path=path)
        return
    for index, share in enumerate(shares):
        yield from _one_problems(share, (*path, str(index)))
        if share.partner in {other.partner for other in shares[:index]}:
            value, expected = share.partner or "null", "somebody who has no share yet"
            yield Invalid(value=shown(value), expected=expected, path=(*path, str(index), "partner"))
    if shares and all(share.partner is None for share in shares):
        yield Invalid(value="the host", expected="a share of at least one partner", path=path)
    total = sum((share.percent for share in shares), Decimal(0))
    if shares and total != WHOLE:
        yield SharesNotWhole(sum=total, path=path)


def _one_problems(share: ShareGiven, path: tuple[str, ...]) -> Iterator[Problem]:
    if share.partner is not None:
        yield from code_problems(share.partner, *path, "partner")
    if not 0 < share.percent <= WHOLE:
        expected = "a percentage above 0 and at most 100"
        yield Invalid(value=shown(str(share.percent)), expected=expected, path=(*path, "percent"))
    elif finer_than(share.percent, MAX_DECIMALS):
        expected = f"at most {MAX_DECIMALS} decimals"
        yield Invalid(value=shown(str(share.percent)), expected=expected, path=(*path, "percent"))
