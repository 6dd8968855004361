"""Decimals as they were given: PostgreSQL fills the scale of a column with zeros, which nobody wrote."""

from decimal import Decimal


def exact(stored: Decimal) -> Decimal:
    """A stored decimal without the zeros that its column adds; never in scientific notation."""
    short = stored.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
