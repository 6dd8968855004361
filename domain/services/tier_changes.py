"""Changes of tier that no transaction makes: at night, or by hand. The members are locked, and everything is one commit."""

from collections.abc import Mapping, Sequence

from domain.calendars import business_date
from domain.engine import Outcomes
from domain.engine.book import Book
from domain.engine.limits import Stock
from domain.engine.outcome import NewVoucher
from domain.engine.suspension import extensions_of
from domain.engine.vouchers import of_tiers
from domain.services import telling
from domain.services.working import Loaded
from domain.store import lot_extensions, member_tiers, outcomes, vouchers
from domain.store.database import Writer
from domain.store.member_tiers import NewTier


def books(loaded: Loaded) -> dict[int, Book]:
    """The members' pages, for a change of tier that no transaction makes."""
    today = business_date(loaded.now, loaded.program.program.time_zone)
    return {key: Book(state, today, Stock({})) for key, state in loaded.states.items()}


async def write(writer: Writer, loaded: Loaded, pages: Mapping[int, Book], begun: Sequence[NewTier]) -> None:
    """Tiers that began without a transaction, the lots that they keep from lapsing, and the balances that follow."""
    program, now = loaded.program, loaded.now
    extensions = [made for page in pages.values() for made in extensions_of(program, page, None)]
    changed = {extension.member_id for extension in extensions}
    balances = {(key, kind): each for key in changed for kind, each in pages[key].balances.items()}
    await member_tiers.write(writer, program.program.id, begun, now)
    await vouchers.write_given(writer, program.program.id, _vouchers(loaded, begun), now)
    await lot_extensions.write(writer, extensions, now)
    await outcomes.write(writer, program.program.id, Outcomes((), balances, {}, frozenset()), now)
    await telling.changed(writer, program, begun, now)


def _vouchers(loaded: Loaded, begun: Sequence[NewTier]) -> list[NewVoucher]:
    program = loaded.program
    today = business_date(loaded.now, program.program.time_zone)
    return [
        made for each in begun for made in of_tiers(program, today, each.member_id, [each.change], each.transaction_id)
    ]
