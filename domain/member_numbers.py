"""Numbers for members who bring none: short, unique, and with a check digit, so that a slip of the pen is no other member.

The check digit is Luhn's, the last digit, as on payment cards: it tells every wrong digit and nearly every swapped pair.
"""

FIRST = 100_000_000
"""Numbers begin here, so that all of the first 900 million have ten digits."""


def member_number(serial: int) -> str:
    """The number that belongs to a serial of the database: 1 is 1000000016."""
    digits = str(FIRST + serial)
    return f"{digits}{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """Luhn's digit, to be written behind the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return -total % 10
