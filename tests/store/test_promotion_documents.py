"""Promotions in JSON: whatever goes in comes out equal, for thousands of generated ones."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import domain.promotions as d
from domain.expiry import ExpiryPolicy
from domain.store.documents import to_document
from domain.store.json import decode, encode
from domain.store.promotion_documents import promotion_from

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8) | st.sampled_from(
    ["null", "true", "1", "2024-01-01", "operation", "kind", ""]
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15)
VALUES = TEXTS | NUMBERS | st.booleans() | st.integers(-(10**20), 10**20)


def mappings(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(TEXTS, inner, max_size=3)


def tuples(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


def perhaps(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


def criteria(where: st.SearchStrategy[Any]) -> st.SearchStrategy[d.Criterion]:
    return st.builds(
        d.Criterion, attribute=TEXTS, values=tuples(VALUES), other=perhaps(TEXTS), factor=perhaps(NUMBERS), where=where
    )


DOCUMENTS = st.recursive(VALUES | st.none(), lambda inner: st.lists(inner, max_size=3) | mappings(inner), max_leaves=5)
CRITERIA = st.recursive(criteria(st.just(())), lambda inner: criteria(tuples(inner)), max_leaves=3)
ACTIONS = st.one_of(
    st.builds(
        d.AssignPoints,
        point_type=perhaps(TEXTS),
        constant=perhaps(NUMBERS),
        factor=NUMBERS,
        table=perhaps(mappings(DOCUMENTS)),
        lines=perhaps(tuples(CRITERIA)),
        expiry=perhaps(st.builds(ExpiryPolicy)),
    ),
    st.builds(d.UpdateAttribute, value=perhaps(VALUES), other=perhaps(TEXTS)),
    st.builds(d.AssignVoucher),
    st.builds(d.ChangeTier, tier=perhaps(TEXTS)),
    st.builds(d.RunRule, parameters=mappings(DOCUMENTS)),
)
PROMOTIONS = st.builds(
    d.Promotion,
    starts_on=st.dates(),
    ends_on=perhaps(st.dates()),
    partners=tuples(TEXTS),
    limits=st.builds(d.Limits, *[perhaps(NUMBERS)] * 6),
    rules=tuples(st.builds(d.Rule, actions=tuples(ACTIONS), criteria=tuples(CRITERIA), expression=perhaps(TEXTS))),
)


@given(PROMOTIONS)
def test_a_promotion_comes_back_from_its_document_as_it_was(promotion: d.Promotion) -> None:
    assert promotion_from(decode(encode(to_document(promotion)))) == promotion


def test_a_number_keeps_its_digits_and_a_date_among_values_becomes_text() -> None:
    criterion = d.Criterion("x", d.Operator.IN, (Decimal("1.50"), date(2024, 2, 29)), factor=Decimal("0.10"))
    rule = d.Rule((d.AssignPoints(constant=Decimal("25.00")),), (criterion,))

    document = decode(encode(to_document(rule)))

    assert [str(value) for value in document["criteria"][0]["values"]] == ["1.50", "2024-02-29"]
    assert (str(document["criteria"][0]["factor"]), str(document["actions"][0]["constant"])) == ("0.10", "25.00")
