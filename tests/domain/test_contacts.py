"""Email addresses and phone numbers in their one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts import normalize_email, normalize_phone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada.Lovelace+points@Example.COM ", "ada.lovelace+points@example.com"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
        ("jörg@müller.example", "jörg@müller.example"),
        ("a@xn--mller-kva.xn--p1ai", "a@xn--mller-kva.xn--p1ai"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_an_address_in_its_one_form(text: str, expected: str) -> None:
    assert normalize_email(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "a da@example.com", "ada@exa mple.com",
        ".ada@example.com", "ada.@example.com", "a..a@example.com", "ada@.com", "ada@example..com", "ada@-example.com",
        "ada@example-.com", "ada@127.0.0.1", "ada@[127.0.0.1]", "<ada@example.com>", "ada@example.com, b@example.com",
        "x" * 65 + "@example.com", "a@" + "x" * 64 + ".com", "a@" + "x." * 130 + "com", "a\0b@example.com", "ada@example.com\nBcc: b@c.d",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert normalize_email(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+4930901820", "+4930901820"),
        ("+49 (30) 90-18.20", "+4930901820"),
        ("0049 30/901820", "+4930901820"),
        ("+1 415\u2013555\u20100100", "+14155550100"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_a_number_in_its_one_form(text: str, expected: str) -> None:
    assert normalize_phone(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "030 901820",
        "415-555-0100",
        "+0301234567",
        "+12345",
        "+1234567890123456",
        "+49 30 CALL",
        "+49+30901820",
        "+٤٩٣٠٩٠١٨٢٠",
    ],
)
def test_what_is_no_number_or_has_no_country_code(text: str) -> None:
    assert normalize_phone(text) is None


@given(st.text())
def test_a_form_is_final(text: str) -> None:
    for form in (normalize_email, normalize_phone):
        once = form(text)
        assert once is None or form(once) == once
