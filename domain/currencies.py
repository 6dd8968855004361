"""Money by ISO 4217: which currencies there are, and how fine an amount of each can be.

An amount is exact and never finer than its currency: 10.005 US dollars cannot be paid, 10.005 Kuwaiti dinars can.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from domain.problems import Invalid, Missing, Problem
from domain.values import finer_than, shown

# The table of 2026-01-01, by number of decimals; precious metals and units of account have none and are left out.
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
    COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
# Withdrawn within the ten years that a program's history may reach back.
_WITHDRAWN_NONE = "BYR"
_WITHDRAWN_TWO = "ANG BGN CUC HRK MRO SLL STD VEF ZWL"

DECIMALS = MappingProxyType({
    code: decimals
    for decimals, codes in ((0, _NONE), (2, _TWO), (3, _THREE), (4, _FOUR), (0, _WITHDRAWN_NONE), (2, _WITHDRAWN_TWO))
    for code in codes.split()
})  # fmt: skip
"""How many decimals an amount of a currency may have."""

MAX_AMOUNT = Decimal(10**15)
"""Every amount is below this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCurrency(Problem):
    """A code that ISO 4217 does not have."""

    code = "UNKNOWN_CURRENCY"
    value: str

    @property
    def message(self) -> str:
        return f"There is no currency {self.value!r}; give a code of ISO 4217, such as EUR, USD or JPY."


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountTooFine(Problem):
    """An amount with more decimals than its currency."""

    code = "AMOUNT_TOO_FINE"
    value: str
    currency: str
    decimals: int

    @property
    def message(self) -> str:
        allowed = f"at most {self.decimals} decimals" if self.decimals else "no decimals"
        return f"{self.value} has too many decimals: an amount in {self.currency} has {allowed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountOutOfRange(Problem):
    """A negative amount, or one beyond all reason."""

    code = "AMOUNT_OUT_OF_RANGE"
    value: str
    below: Decimal = MAX_AMOUNT

    @property
    def message(self) -> str:
        return f"An amount of {self.value} is out of range: give 0 or more, and less than {self.below:,}."


def currency_problems(currency: str, *path: str) -> tuple[Problem, ...]:
    """Whether the currency exists."""
    return () if currency in DECIMALS else (UnknownCurrency(value=shown(currency), path=path),)


def check_money(amount: Decimal | None, currency: str | None, *path: str) -> tuple[Problem, ...]:
    """Everything wrong with an amount and its currency; `path` is the place of what holds the two fields."""
    found = list(currency_problems(currency, *path, "currency")) if currency is not None else []
    if amount is not None:
        if currency is None:
            found.append(Missing(why="an amount needs its currency", path=(*path, "currency")))
        found.extend(amount_problems(amount, currency, *path, "amount"))
    return tuple(found)


def amount_problems(amount: Decimal, currency: str | None, *path: str) -> Iterator[Problem]:
    """Everything wrong with an amount of a currency (as far as that is known); `path` is the place of the amount."""
    decimals = DECIMALS.get(currency or "")
    if not amount.is_finite():
        yield Invalid(value=str(amount), expected="a finite number", path=path)
    elif not 0 <= amount < MAX_AMOUNT:
        yield AmountOutOfRange(value=shown(str(amount)), path=path)
    elif currency is not None and decimals is not None and finer_than(amount, decimals):
        yield AmountTooFine(value=shown(str(amount)), currency=currency, decimals=decimals, path=path)


def as_written(amount: Decimal, currency: str) -> Decimal:
    """An amount with the decimals of its currency, as people write it: 12.40 EUR, 500 JPY."""
    decimals = DECIMALS.get(currency)
    if decimals is None or finer_than(amount, decimals):
        return amount
    return amount.quantize(Decimal(1).scaleb(-decimals))
