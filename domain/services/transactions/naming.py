"""From the codes of a command to what the caller may see: programs by code, a partner's user's own partner, approvers."""

from domain.entries import NewTransaction
from domain.people import Principal, Scope
from domain.problems import NotFound, Refused
from domain.services.checks import INPUT, found
from domain.services.engine_programs import EnginePrograms
from domain.services.posting.drafting import for_partner
from domain.store import partners, programs, vouchers
from domain.store.database import Reader
from domain.values import shown


async def program_id_of(reader: Reader, compiled: EnginePrograms, actor: Principal, code: str) -> int:
    """The key of a program that the actor may see; raises Refused(NotFound)."""
    if actor.scope.partner_id is not None:
        return found(await programs.find(reader, actor.scope, code), "program", shown(code), "program").id
    program_id = await compiled.id_of(reader, code, INPUT, "program")
    if actor.scope.program_id not in (None, program_id):
        raise Refused(NotFound(what="program", key=shown(code), path=(INPUT, "program")))
    return program_id


async def of_own_partner(reader: Reader, actor: Principal, entry: NewTransaction) -> NewTransaction:
    """The entry; of a partner's user, that of its own partner."""
    partner_id = actor.scope.partner_id
    if partner_id is None:
        return entry
    [partner] = await partners.load_many(reader, Scope(), [partner_id])
    mine = for_partner(entry, actor, partner.code if partner else None)
    if mine.voucher is not None:
        await _check_voucher(reader, actor, partner_id, mine)
    return mine


async def _check_voucher(reader: Reader, actor: Principal, partner_id: int, entry: NewTransaction) -> None:
    """Raises Refused(NotFound) for a voucher that is not the business of the actor's partner, and for a type that it does not sell."""
    wish, code = entry.voucher, entry.program
    assert wish is not None
    program = found(await programs.find(reader, actor.scope, code), "program", shown(code), "program")
    if wish.number is not None:
        seen = await vouchers.find(reader, actor.scope, program.id, wish.number)
        found(seen, "voucher", shown(wish.number), "voucher", "number")
    elif wish.voucher_type is not None and not await vouchers.is_sold(
        reader, partner_id, program.id, wish.voucher_type
    ):
        raise Refused(
            NotFound(what="voucher type", key=shown(wish.voucher_type), path=(INPUT, "voucher", "voucherType"))
        )
