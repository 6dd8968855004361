"""From the inputs of new transactions to entries: the same names on both sides, so that a problem's path fits both."""

from collections.abc import Iterable
from typing import Any

from domain.entries import NewTransaction
from domain.transactions import LineItem, SubType, Tender, Type, VoucherWish
from schema.entries import EntryInput, LineItemInput, TenderInput, VoucherWishInput
from schema.simulations import TransactionSimulateInput

SAID = frozenset({
    "transaction_date", "product", "partner", "amount", "currency", "quantity", "base_points", "point_type",
    "qualifying", "points", "source", "external_id", "comment", "submit_to",
})  # fmt: skip
"""Fields that an input, where it has them, hands on as they are."""


def entry_of(given: EntryInput | TransactionSimulateInput, kind: Type, sub_type: SubType) -> NewTransaction:
    """What the caller says of a new transaction; whose it is, is found by its reference later."""
    said: dict[str, Any] = {name: getattr(given, name) for name in SAID if hasattr(given, name)}
    return NewTransaction(
        program=given.program,
        member="",
        type=kind,
        sub_type=sub_type,
        line_items=line_items(getattr(given, "line_items", None)),
        attributes=given.attributes or {},
        voucher=voucher_wish(getattr(given, "voucher", None)),
        tender=tender(getattr(given, "tender", None)),
        **said,
    )


def voucher_wish(given: VoucherWishInput | None) -> VoucherWish | None:
    """The vouchers that an input names."""
    return None if given is None else VoucherWish(given.number, given.voucher_type, given.quantity)


def tender(given: TenderInput | None) -> Tender | None:
    """The money that an input names."""
    return None if given is None else Tender(given.amount, given.currency, given.kind)


def line_items(given: Iterable[LineItemInput] | None) -> tuple[LineItem, ...]:
    """The lines of an input; none if it has none."""
    return tuple(LineItem(line.product, line.quantity, line.amount, line.attributes or {}) for line in given or ())
