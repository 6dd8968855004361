"""The batch engine where partners pay: out of a block for each of several partners, then all out of one, which every chunk needs.

Afterwards what each block has left is compared with what its partner's transactions gave, to the point.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from bench import batch_stage
from bench.batch_stage import PARTNERS, PROGRAM, Sizes

DRAWN = """
select b.id, b.original - b.remaining as drawn, (
    select coalesce(sum(l.points), 0) from transaction t join lot l on l.member_id = t.member_id and l.transaction_id = t.id
    where t.program_id = b.program_id and t.partner_id = b.partner_id and t.id > $2) as given,
    (select coalesce(sum(d.points), 0) from block_debit d where d.block_id = b.id) as debited
from point_block b where b.program_id = (select id from program where code = $1) order by b.id
"""


class Worked(NamedTuple):
    """A queue that was worked: transactions a second, how many went through, memory, and processor time for each."""

    rate: float
    succeeded: int
    peak_mib: int
    worker_us: float
    database_us: float


Work = Callable[[Any, str, Sizes, int, int], Awaitable[Worked]]


async def measure(connection: Any, url: str, sizes: Sizes, workers: int, work: Work) -> dict[str, Any]:
    """Both figures, and the second as a share of the first."""
    await batch_stage.blocks(connection, PROGRAM)
    first = await batch_stage.more(connection, PROGRAM, sizes, PARTNERS)
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    spread = await work(connection, url, sizes, workers, first)
    second = await batch_stage.more(connection, PROGRAM, sizes, 1)
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    hot = await work(connection, url, sizes, workers, second)
    assert spread.succeeded == hot.succeeded == sizes.transactions, (spread, hot)
    for row in await connection.fetch(DRAWN, PROGRAM, first):
        assert row["drawn"] == row["given"] == row["debited"], row
    return {
        "blocks_per_second": round(spread.rate), "one_block_per_second": round(hot.rate),
        "one_block_ratio": round(hot.rate / spread.rate, 2), "blocks_worker_cpu_us": spread.worker_us,
        "blocks_database_cpu_us": spread.database_us, "one_block_worker_cpu_us": hot.worker_us,
        "one_block_database_cpu_us": hot.database_us,
    }  # fmt: skip
