"""Inputs and enums: what arrives in a resolver, and what stops the build."""

import enum
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.base import offers, takes, takes_one
from schema.money import MoneyInput
from schema.scalars import SCALARS, Points

SEEN: list[Any] = []


class Shade(enum.Enum):
    """How dark something is."""

    LIGHT = "L"
    DARK = "D"


offers(Shade)


@takes
class Line:
    """A line of a basket."""

    product: str
    points: Points | None = None
    shade: Shade = Shade.LIGHT


@takes_one
class Reference:
    """Something by one of its names."""

    id: strawberry.ID | None = strawberry.UNSET
    number: str | None = strawberry.UNSET


@takes
class Basket:
    """A basket."""

    reference: Reference
    lines: list[Line]
    cost: MoneyInput | None = None
    comment: str | None = strawberry.UNSET
    tags: list[str] | None = None
    note: str | None


@strawberry.type
class Query:
    @strawberry.field
    def take(self, input: Basket) -> str:
        SEEN.append(input)
        return ""


SCHEMA = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))


def take(given: Any) -> Any:
    SEEN.clear()
    result = SCHEMA.execute_sync("query($i:Basket!){take(input:$i)}", {"i": given})
    return SEEN[0] if result.errors is None else [error.message for error in result.errors]


def test_an_input_arrives_as_an_object_with_everything_inside_it() -> None:
    given = {
        "reference": {"number": "M1"},
        "lines": [{"product": "A", "points": "1.5", "shade": "DARK"}, {"product": "B"}],
        "cost": {"amount": "12.50", "currency": "EUR"},
        "comment": None,
        "tags": ["x"],
        "note": "y",
    }
    assert take(given) == Basket(
        reference=Reference(number="M1"),
        lines=[Line(product="A", points=Points(Decimal("1.5")), shade=Shade.DARK), Line(product="B")],
        cost=MoneyInput(amount=Decimal("12.50"), currency="EUR"),
        comment=None,
        tags=["x"],
        note="y",
    )


def test_what_is_not_given_is_its_default_unset_or_null() -> None:
    basket = take({"reference": {"number": "M1"}, "lines": []})
    assert (basket.comment, basket.tags, basket.note, basket.cost) == (strawberry.UNSET, None, None, None)
    assert basket.reference.id is strawberry.UNSET


@pytest.mark.parametrize("reference", [{}, {"id": "1", "number": "M1"}, {"id": None}, {"id": "1", "number": None}])
def test_exactly_one_name_must_be_given(reference: Any) -> None:
    messages = take({"reference": reference, "lines": []})
    assert (len(messages), SEEN) == (1, [])


@pytest.mark.parametrize("text", ["{}", '{id:"1",number:"M1"}', "{id:null}"])
def test_exactly_one_name_must_be_given_in_a_document_too(text: str) -> None:
    result = SCHEMA.execute_sync(f"{{take(input:{{reference:{text},lines:[]}})}}")
    assert (result.data, len(result.errors or [])) == (None, 1)


def test_an_enum_has_one_name() -> None:
    offers(Shade)
    with pytest.raises(TypeError, match=r"^Shade is shown as Shade already, it cannot be Darkness too$"):
        offers(Shade, "Darkness")
