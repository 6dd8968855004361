"""The content by which a repeated entry is recognized."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entries import NewTransaction
from domain.fingerprints import canonical, content_hash, differences
from domain.transactions import LineItem, RefundLine, SubType, Tender, Type, VoucherWish

ENTRY = NewTransaction(
    program="GROCER",
    member="1001",
    type=Type.ACCRUAL,
    amount=Decimal("12.50"),
    currency="USD",
    attributes={"channel": "web", "store": 7},
    line_items=(LineItem("SKU1", Decimal(1), Decimal("12.50")),),
    transaction_date=date(2025, 6, 15),
    external_id="2025/1",
)
CHANGES: dict[str, Any] = {
    "hold": 77,
    "program": "HOTEL",
    "member": "1002",
    "type": Type.REDEMPTION,
    "sub_type": SubType.GIFT,
    "transaction_date": date(2025, 6, 16),
    "product": "SKU1",
    "partner": "HOTEL",
    "amount": Decimal("12.51"),
    "currency": "EUR",
    "quantity": Decimal(1),
    "line_items": (LineItem("SKU1", Decimal(1), Decimal("12.5"), {"a": 1}),),
    "base_points": Decimal(1),
    "point_type": "POINTS",
    "qualifying": False,
    "points": Decimal(0),
    "source": "pos",
    "external_id": "2025/2",
    "comment": "hello",
    "submit_to": "boss",
    "transfer_to": "1003",
    "cancels": 7,
    "refund_lines": (RefundLine(1, Decimal(2)),),
    "voucher": VoucherWish("COFFEE-1"),
    "tender": Tender(Decimal(5), "USD"),
    "loan": 7,
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.dates()
)
ENTRIES = st.builds(
    replace,
    st.just(ENTRY),
    amount=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    product=st.none() | st.text(max_size=3),
    attributes=st.dictionaries(st.sampled_from("abc"), SCALARS),
    line_items=st.lists(
        st.builds(LineItem, st.none() | st.text(max_size=2), st.none() | st.decimals(0, 9, places=1))
    ).map(tuple),
)


def test_a_hash_is_32_bytes_and_stays_what_it_is() -> None:
    assert content_hash(ENTRY).hex() == "ee57b87d0550a32f7a7bd3d4deec0e172e84eed68c922d985e1f24e00933ff92"


def test_ways_to_write_the_same_number_are_the_same() -> None:
    same = replace(
        ENTRY,
        amount=Decimal("12.5"),
        attributes={"store": Decimal("7.0"), "channel": "web", "coupon": None},
        line_items=(LineItem("SKU1", Decimal("1.000"), Decimal("0.1250e2")),),
    )
    assert content_hash(same) == content_hash(ENTRY)
    assert differences(same, ENTRY) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"), (True, 1), (True, "true"), (None, ""), (date(2025, 1, 1), "2025-01-01"), (Decimal("0.1"), Decimal("0.01")),
        (10, 1), (-1, 1), ((), None), (("a",), "a"), ({"a": 1}, {"a": "1"}), (Type.ACCRUAL, None),
    ],
)  # fmt: skip
def test_different_things_never_look_the_same(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("one", "other"), [(Decimal("-0.00"), 0), (Decimal("1e3"), 1000), (Decimal("100.0"), 100), (["a"], ("a",))]
)
def test_equal_things_always_look_the_same(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


def test_a_huge_exponent_does_not_make_a_huge_text() -> None:
    assert canonical(Decimal("1e999999")) == "number:1E+999999"


def test_what_cannot_be_compared_is_a_bug() -> None:
    with pytest.raises(TypeError, match="float has no canonical form"):
        canonical(1.5)


def test_every_field_but_the_attributes_is_a_column() -> None:
    assert CHANGES.keys() | {"attributes"} == {item.name for item in fields(NewTransaction)}


@pytest.mark.parametrize("column", CHANGES)
def test_a_difference_is_named_by_its_column(column: str) -> None:
    changed = replace(ENTRY, **{column: CHANGES[column]})
    assert differences(ENTRY, changed) == (column,)
    assert content_hash(ENTRY) != content_hash(changed)


def test_attributes_are_columns_of_their_own() -> None:
    changed = replace(ENTRY, attributes={"channel": "shop", "coupon": "X", "store": 7}, comment="new")
    assert differences(ENTRY, changed) == ("attributes.channel", "attributes.coupon", "comment")


@given(ENTRIES, ENTRIES)
def test_the_hash_is_equal_exactly_where_nothing_differs(one: NewTransaction, other: NewTransaction) -> None:
    assert (content_hash(one) == content_hash(other)) == (differences(one, other) == ())
    assert differences(one, other) == differences(other, one)


@given(ENTRIES)
def test_a_field_that_is_not_given_is_no_part_of_the_content(entry: NewTransaction) -> None:
    assert canonical(entry) == {
        item.name: canonical(value) for item in fields(entry) if (value := getattr(entry, item.name)) is not None
    }


@given(ENTRIES)
def test_the_order_of_attributes_plays_no_part(entry: NewTransaction) -> None:
    turned = replace(entry, attributes=dict(reversed(entry.attributes.items())))
    assert content_hash(turned) == content_hash(entry)
