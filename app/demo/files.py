"""The files that the demonstration imports: its households as members, and each basket as one accrual with its lines."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from app.demo.source import Basket, Bought, Shelf

_encode = msgspec.json.Encoder(decimal_format="number").encode


def write_members(path: Path, households: Iterable[int]) -> None:
    """One member per household."""
    with path.open("w", encoding="utf-8") as file:
        file.write("number,name,kind\n")
        file.writelines(f"{each},Household {each},HOUSEHOLD\n" for each in households)


def write_baskets(path: Path, baskets: Iterable[Basket], shelf: Shelf) -> dict[int, tuple[Decimal, int]]:
    """One line per basket; the largest basket of each household, by amount and number."""
    largest: dict[int, tuple[Decimal, int]] = {}
    with path.open("wb") as file:
        for basket in baskets:
            amount = basket.amount
            largest[basket.household] = max(largest.get(basket.household, (Decimal(0), 0)), (amount, basket.id))
            file.write(_encode(_transaction(basket, amount, shelf)) + b"\n")
    return largest


def _transaction(basket: Basket, amount: Decimal, shelf: Shelf) -> dict[str, Any]:
    return {
        "external_id": str(basket.id),
        "member_number": str(basket.household),
        "type": "ACCRUAL",
        "transaction_date": basket.day,
        "amount": amount,
        "currency": "USD",
        "attributes": {"store": str(basket.store), "month": f"{basket.day:%Y-%m}"},
        "line_items": [
            {
                "product": str(line.product),
                "quantity": line.quantity,
                "amount": line.amount,
                "attributes": _attributes(line, shelf),
            }
            for line in basket.lines
        ],
    }


def _attributes(line: Bought, shelf: Shelf) -> dict[str, Any]:
    """What promotions look at; what does not hold is not said."""
    said: dict[str, Any] = {"department": shelf.departments.get(line.product)}
    if line.product in shelf.own:
        said["brand"] = "Private"
    if line.coupon:
        said["coupon"] = line.coupon
    return said
