"""What was said of transactions that are stored, in the words in which it was said: codes, numbers and subjects again.

To correct one is to change this; to see whether a repeated external id brings the same content is to compare with it.
"""

from collections.abc import Iterable, Sequence

from domain.engine import EngineProgram
from domain.entries import NewTransaction
from domain.people import Scope
from domain.store import members, partners, people, products
from domain.store.database import Reader
from domain.transactions import Transaction

EVERYTHING = Scope()


async def recorded(reader: Reader, program: EngineProgram, stored: Sequence[Transaction]) -> list[NewTransaction]:
    """The entries of a program's transactions, in their order. Base points of one that was processed are the engine's."""
    named = _keys(key for each in stored for key in (each.member_id, each.other_member_id))
    owners = await members.load_many(reader, EVERYTHING, named)
    numbers = {member.id: member.number for member in owners if member}
    bought = await products.load_many(reader, EVERYTHING, _keys(each.product_id for each in stored))
    product_codes = {product.id: product.code for product in bought if product}
    companies = await partners.load_many(reader, EVERYTHING, _keys(each.partner_id for each in stored))
    partner_codes = {partner.id: partner.code for partner in companies if partner}
    asked = await people.load_many(reader, EVERYTHING, _keys(each.submit_to_id for each in stored))
    subjects = {person.id: person.subject for person in asked if person}
    return [
        NewTransaction(
            program=program.program.code,
            member=numbers[each.member_id],
            type=each.type,
            sub_type=each.sub_type,
            transaction_date=each.transaction_date,
            product=product_codes.get(each.product_id or 0),
            partner=partner_codes.get(each.partner_id or 0),
            amount=each.amount,
            currency=each.currency,
            quantity=each.quantity,
            line_items=each.line_items,
            attributes=each.attributes,
            base_points=each.base_points,
            point_type=program.point_types[each.point_type_id].code if each.point_type_id else None,
            qualifying=each.qualifying,
            points=each.points,
            source=each.source,
            external_id=each.external_id,
            comment=each.comment,
            voucher=each.voucher,
            tender=each.tender,
            hold=each.hold_id,
            submit_to=subjects.get(each.submit_to_id or 0),
            transfer_to=numbers.get(each.other_member_id or 0),
            cancels=each.cancels_id,
            refund_lines=each.refund_lines or None,
            loan=each.loan_id,
        )
        for each in stored
    ]


def _keys(found: Iterable[int | None]) -> list[int]:
    return sorted({key for key in found if key is not None})
