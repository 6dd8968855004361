"""Email addresses and phone numbers in the one form in which they are stored, compared and searched.

A phone number is kept as E.164 (`+4930901820`), an email address in lower case; what cannot be brought into that form is refused.
"""

import re

MAX_EMAIL = 254
MAX_LOCAL_PART = 64
MAX_LABEL = 63

_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f]+")
_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

EMAIL_EXPECTED = "an email address, such as ada@example.com"
PHONE_EXPECTED = "a phone number with its country code, such as +49 30 901820"


def normalize_email(text: str) -> str | None:
    """The address in lower case, without blanks around it; None if it is none."""
    address = text.strip().lower()
    local_part, at, domain = address.rpartition("@")
    if not at or len(address) > MAX_EMAIL or not _is_local_part(local_part) or not _is_domain(domain):
        return None
    return address


def normalize_phone(text: str) -> str | None:
    """The number as E.164: punctuation goes, and a leading 00 is a +; None if it is none, or has no country code."""
    number = _PUNCTUATION.sub("", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    return number if _E164.fullmatch(number) else None


def _is_local_part(text: str) -> bool:
    dotted = text.startswith(".") or text.endswith(".") or ".." in text
    return len(text) <= MAX_LOCAL_PART and _LOCAL_PART.fullmatch(text) is not None and not dotted


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    named = len(labels) > 1 and not labels[-1].isdecimal()
    return named and all(len(label) <= MAX_LABEL and _LABEL.fullmatch(label) for label in labels)
