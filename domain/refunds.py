"""Which share of a transaction comes back: parts that add up to at most the whole.

A part names lines, a quantity, an amount, points, or nothing: then it is the rest. Shares are exact fractions, so that any
parts which add up to the whole are the whole, in any order. A part returns round(cumulative share) - what came back before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from domain.points import Units
from domain.transactions import LineItem, RefundLine

NOTHING, WHOLE = Fraction(0), Fraction(1)
SHARE = Decimal("0.000001")
"""A share is shown with so many decimals."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one cancellation takes back. `share` is the engine's own, for what is taken back together with something else."""

    lines: tuple[RefundLine, ...] = ()
    quantity: Decimal | None = None
    amount: Decimal | None = None
    points: Units | None = None
    share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a transaction can be divided by. `points`: what it gave or took, if all of it is of one point type."""

    amount: Decimal | None = None
    quantity: Decimal | None = None
    lines: Sequence[LineItem] = ()
    points: Units | None = None

    @property
    def of_lines(self) -> Decimal:
        """What the amounts of lines are shares of: the amount of the transaction, unless its lines come to more."""
        return max(self.amount or Decimal(0), sum((line.amount or Decimal(0) for line in self.lines), Decimal(0)))


@dataclass(frozen=True, slots=True)
class Share:
    """What came back so far: of each line by its number (the first is 1), and of everything alike."""

    alike: Fraction = NOTHING
    lines: Mapping[int, Fraction] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class LineLeft:
    """What is left of a line, by its number: how many, and how much of its amount."""

    line: int
    quantity: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Refunds:
    """How much of a transaction has come back (0 to 1), and what is left of its amount, quantity and lines."""

    share: Decimal
    amount_left: Decimal | None
    currency: str | None
    quantity_left: Decimal | None
    lines_left: tuple[LineLeft, ...]


class Unsuited(Exception):
    """The transaction cannot be divided like this; `field` and `value` are what was said of the part, `expected` what fits."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{value}; expected {expected}")
        self.field, self.value, self.expected = field, str(value), expected


class TooMuch(Exception):
    """More than is left. `left` is in the unit of what was asked."""

    def __init__(self, field: str, asked: Decimal, left: Decimal) -> None:
        super().__init__(field)
        self.field, self.asked, self.left = field, asked, left


def share_of(basis: Basis, share: Share) -> Fraction:
    """How much of the whole a share is, from 0 to 1."""
    if share.whole:
        return WHOLE
    whole = Fraction(basis.of_lines)
    lines = (each * Fraction(basis.lines[number - 1].amount or 0) / whole for number, each in share.lines.items())
    return share.alike + sum(lines, NOTHING)


def share_by(weights: Mapping[int, Fraction], share: Share) -> Fraction:
    """How much comes back of what was computed from lines, each with its weight, for a share of everything."""
    if share.whole:
        return WHOLE
    total = sum(weights.values(), NOTHING)
    lines = sum((share.lines.get(number, NOTHING) * weight for number, weight in weights.items()), NOTHING)
    return min(WHOLE, share.alike + lines / total)


def with_part(basis: Basis, share: Share, part: Part) -> Share:
    """The share after one more part; raises Unsuited or TooMuch."""
    if part.lines:
        return _with_lines(basis, share, part.lines)
    for name, asked, whole in _numbers(basis, part):
        if asked is not None:
            return _with_number(basis, share, name, asked, whole)
    if part.share is not None:
        return _grown(basis, share, min(part.share, WHOLE - share_of(basis, share)))
    return Share(share.alike, share.lines, whole=True)


def folded(basis: Basis, parts: Iterable[Part]) -> Share:
    """What came back by parts that were carried out."""
    share = Share()
    for part in parts:
        share = with_part(basis, share, part)
    return share


def returned(points: Units, share: Fraction) -> int:
    """The units that a share comes to in all, rounded half up."""
    doubled = 2 * points * share
    return int((doubled.numerator + doubled.denominator) // (2 * doubled.denominator))


def spread(units: int, over: Sequence[int]) -> list[int]:
    """Units handed out in proportion, none more than it holds, to the unit."""
    total, before, given = sum(over), 0, []
    for done in _sums(over):
        upto = returned(Units(done), Fraction(units, total)) if total else 0
        given.append(upto - before)
        before = upto
    return given


def _sums(over: Iterable[int]) -> Iterator[int]:
    done = 0
    for each in over:
        done += each
        yield done


def _numbers(basis: Basis, part: Part) -> Iterator[tuple[str, Decimal | None, Decimal | None]]:
    yield "quantity", part.quantity, basis.quantity
    yield "amount", part.amount, basis.amount
    points = None if part.points is None else Decimal(part.points)
    yield "points", points, None if basis.points is None else Decimal(basis.points)


def _with_number(basis: Basis, share: Share, name: str, asked: Decimal, whole: Decimal | None) -> Share:
    if not whole:
        raise Unsuited(name, f"{asked:f}", f"nothing here: {_why_no(name)}")
    left = WHOLE - share_of(basis, share)
    if Fraction(asked) / Fraction(whole) > left:
        raise TooMuch(name, asked, _as_decimal(left * Fraction(whole), asked))
    return _grown(basis, share, Fraction(asked) / Fraction(whole))


def _why_no(name: str) -> str:
    if name == "points":
        return "the transaction moved no points, or points of several types"
    return f"the transaction has no {name} of which it could be a part"


def _grown(basis: Basis, share: Share, by: Fraction) -> Share:
    grown = Share(share.alike + by, share.lines)
    return _whole_if_so(basis, grown)


def _whole_if_so(basis: Basis, share: Share) -> Share:
    return Share(share.alike, share.lines, whole=share_of(basis, share) == WHOLE)


def _with_lines(basis: Basis, share: Share, lines: Sequence[RefundLine]) -> Share:
    if not basis.of_lines:
        raise Unsuited("lines", len(lines), "nothing here: its lines have no amounts of which they could be shares")
    found = dict(share.lines)
    for index, line in enumerate(lines):
        found[line.line] = _of_line(basis, found.get(line.line, NOTHING), line, f"lines.{index}")
    grown = Share(share.alike, found, share.whole)
    if share.whole or share_of(basis, grown) > WHOLE:
        whole, asked = Fraction(basis.of_lines), share_of(basis, grown) - share_of(basis, share)
        left = (WHOLE - share_of(basis, share)) * whole
        raise TooMuch("lines", _as_decimal(asked * whole, basis.of_lines), _as_decimal(left, basis.of_lines))
    return _whole_if_so(basis, grown)


def _of_line(basis: Basis, before: Fraction, asked: RefundLine, place: str) -> Fraction:
    """How much of a line has come back, with what is asked now."""
    if not 1 <= asked.line <= len(basis.lines):
        raise Unsuited(f"{place}.line", asked.line, f"the number of a line: the transaction has {len(basis.lines)}")
    line, left = basis.lines[asked.line - 1], WHOLE - before
    for name, part, whole in (("quantity", asked.quantity, line.quantity), ("amount", asked.amount, line.amount)):
        if part is None:
            continue
        if not whole:
            why = f"line {asked.line} has no {name} of which it could be a part"
            raise Unsuited(f"{place}.{name}", f"{part:f}", f"nothing here: {why}")
        if Fraction(part) / Fraction(whole) > left:
            raise TooMuch(f"{place}.{name}", part, _as_decimal(left * Fraction(whole), part))
        return before + Fraction(part) / Fraction(whole)
    if not left:
        raise TooMuch(f"{place}.line", Decimal(1), Decimal(0))
    return WHOLE


def _as_decimal(number: Fraction, like: Decimal) -> Decimal:
    """What is left, cut to the decimals that people use for it."""
    exponent = like.as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return Decimal(int(number * 10**decimals)).scaleb(-decimals)


def refunds_of(basis: Basis, share: Share, currency: str | None) -> Refunds:
    """What came back of a transaction, and what is left of it, in the decimals that people use."""
    done = share_of(basis, share)
    return Refunds(
        _plain(_as_decimal(done, SHARE)), _left(basis.amount, WHOLE - done), currency, _left(basis.quantity, WHOLE - done),
        tuple(_line_left(number, line, share, WHOLE - done) for number, line in enumerate(basis.lines, 1)),
    )  # fmt: skip


def _line_left(number: int, line: LineItem, share: Share, left: Fraction) -> LineLeft:
    rest = NOTHING if not left else WHOLE - share.lines.get(number, NOTHING)
    return LineLeft(number, _left(line.quantity, rest), _left(line.amount, rest))


def _left(whole: Decimal | None, share: Fraction) -> Decimal | None:
    return None if whole is None else _plain(_as_decimal(Fraction(whole) * share, whole))


def _plain(number: Decimal) -> Decimal:
    """Without zeros at its end."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
