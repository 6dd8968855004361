"""What a caller asks about, as a table: one array per column, so that one statement answers for any number of keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import TableValuedAlias, bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine


def asked(**columns: type[TypeEngine[Any]] | TypeEngine[Any]) -> TableValuedAlias:
    """A table of these columns; `member_id` is filled by the array `member_ids`, and so on."""
    arrays = [bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in columns.items()]
    made = func.unnest(*arrays).table_valued(*(column(name, kind) for name, kind in columns.items()), name="asked")
    return made.render_derived()


def arrays(rows: Sequence[tuple[Any, ...]], *names: str) -> dict[str, list[Any]]:
    """The arrays that fill such a table, from its rows."""
    return {f"{name}s": [row[place] for row in rows] for place, name in enumerate(names)}
