"""Totals per point type, as a transaction keeps them: enough to be shown without looking up the point type again."""

from collections.abc import Iterable
from typing import Any

from domain.engine.outcome import Total
from domain.points import from_units
from domain.store.json import encode
from domain.transactions import PointTotal


def write_totals(totals: Iterable[Total]) -> str:
    """An array of [point type id, code, decimals, units, qualifying units]."""
    return encode(
        [[each.point_type_id, each.point_type, each.decimals, each.points, each.qualifying] for each in totals]
    )


def read_totals(stored: Any) -> tuple[PointTotal, ...]:
    """Totals in points as people speak them."""
    return tuple(
        PointTotal(code, from_units(points, decimals), from_units(qualifying, decimals))
        for _, code, decimals, points, qualifying in stored or ()
    )
