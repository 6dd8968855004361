"""The last of what a chunk writes: what many share. Everything else of it is written by then, and nothing comes after but the commit.

So the total of a limited promotion, or a partner's block, is held by a chunk only from here on, however many draw from it.
"""

from datetime import datetime

from domain.calendars import business_date
from domain.engine import EngineProgram, Outcomes
from domain.store import block_debits, promotion_usage
from domain.store.database import Writer


async def settle(writer: Writer, program: EngineProgram, done: Outcomes, now: datetime) -> None:
    """Count what limited promotions have paid, and draw from blocks; raises Contended where there is too little by now.

    Who gets that does the whole chunk again, in a new unit of work, with what is shared locked from the beginning.
    """
    today = business_date(now, program.program.time_zone)
    need = await block_debits.write(writer, program.program.id, done.outcomes, today, now)
    await promotion_usage.pay(writer, done.more, program.limits_in_all)
    await block_debits.draw(writer, need)
