"""The part of a transaction that a cancellation names, as its row keeps it beside amount, quantity and points."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.store.json import encode
from domain.transactions import RefundLine


def refund_document(lines: tuple[RefundLine, ...] | None, share: Fraction | None = None) -> dict[str, Any] | None:
    """`{"lines": [[number, quantity, amount], …]}`, or the engine's own `{"share": "3/10"}`."""
    if share is not None:
        return {"share": str(share)}
    return {"lines": [[line.line, line.quantity, line.amount] for line in lines]} if lines else None


def write_refund(lines: tuple[RefundLine, ...] | None, share: Fraction | None = None) -> str | None:
    """The same as text."""
    document = refund_document(lines, share)
    return None if document is None else encode(document)


def read_lines(stored: Any) -> tuple[RefundLine, ...]:
    """The lines of a row."""
    rows = (stored or {}).get("lines", ())
    return tuple(RefundLine(int(line), _exact(quantity), _exact(amount)) for line, quantity, amount in rows)


def read_share(stored: Any) -> Fraction | None:
    """The share of a row."""
    share = (stored or {}).get("share")
    return None if share is None else Fraction(share)


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
