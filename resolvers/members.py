"""Root fields about members, and how inputs name them."""

from collections.abc import Sequence
from typing import Any

import strawberry

import domain.commands.members as c
import domain.members as d
import schema.member_inputs as i
from domain.members import Address, Identifier
from domain.pages import Page, PageRequest
from domain.people import Scope
from domain.problems import Refused
from domain.receipts import Receipt
from domain.services import member_enrollment, member_status, member_updates, partner_enrollment
from domain.services import members as services
from domain.store import members as store
from domain.store.database import Reader
from resolvers.context import Context, Info
from resolvers.ids import key
from resolvers.inputs import some, unless_unset
from resolvers.loaders import loads
from resolvers.roots import mutation, query
from schema.loads import MEMBER
from schema.member_references import MemberReference
from schema.members import CHANGES_OF_MEMBER, Member
from schema.pages import After, Connection, First


@loads(MEMBER, node="Member")
async def _members(reader: Reader, scope: Scope, ids: list[int]) -> Sequence[d.Member | None]:
    return await store.load_many(reader, scope, ids)


@CHANGES_OF_MEMBER.answered_by
async def _changes(context: Context, asked: tuple[int, PageRequest]) -> Page[d.MemberChange]:
    return await services.member_changes(context.database, context.principal.scope, *asked)


@query(Member | None)
async def member(info: Info, reference: MemberReference, program: str | None = None) -> d.Member | None:
    """A member by number, card, email, phone or id; null if there is none, or none that you may see."""
    try:
        wanted = member_reference(reference, "reference")
    except Refused:
        return None
    return await services.member_find(info.context.database, info.context.principal, wanted, program)


@query(Connection[Member])
async def members(
    info: Info,
    filter: i.MemberFilter | None = None,
    order_by: i.MemberOrderBy | None = None,
    first: First = 20,
    after: After = None,
) -> Page[d.Member]:
    """The members that you may see."""
    wanted, order = filter or i.MemberFilter(), order_by or i.MemberOrderBy()
    return await services.members_list(
        info.context.database,
        info.context.principal.scope,
        c.MemberFilter(
            program=wanted.program,
            status=some(wanted.status),
            kind=wanted.kind,
            search=wanted.search,
            enrolled_from=wanted.enrolled_from,
            enrolled_through=wanted.enrolled_through,
            enrolled_by_partner=wanted.enrolled_by_partner,
        ),
        order.field,
        PageRequest(first, after),
        descending=order.direction.descending,
    )


@mutation(i.MemberEnrollPayload)
async def member_enroll(info: Info, input: i.MemberEnrollInput) -> Receipt[d.Member]:
    """Enrol a member of a program."""
    own = {"number": input.number, "status": input.status, "enrolled_by_partner": input.enrolled_by_partner}
    command = _enrolling(input, **own)
    return await member_enrollment.member_enroll(info.context.database, info.context.principal, command)


@mutation(i.PartnerMemberEnrollPayload)
async def partner_member_enroll(info: Info, input: i.PartnerMemberEnrollInput) -> Receipt[d.Member]:
    """Enrol a customer of your company: the administrators of the program are told, and your company has it on record."""
    command = _enrolling(input)
    return await partner_enrollment.partner_member_enroll(info.context.database, info.context.principal, command)


@mutation(i.MemberUpdatePayload)
async def member_update(info: Info, input: i.MemberUpdateInput) -> Receipt[d.Member]:
    """Change what is known of a member."""
    address = unless_unset(input.address)
    command = c.MemberUpdate(
        member=member_reference(input.member, "input", "member"),
        program=input.program,
        expected_version=input.expected_version,
        kind=c.UNCHANGED if input.kind is None else input.kind,
        name=c.UNCHANGED if input.name is None else input.name,
        email=unless_unset(input.email),
        phone=unless_unset(input.phone),
        birth_date=unless_unset(input.birth_date),
        address=_address(address) if isinstance(address, i.AddressInput) else address,
        language=unless_unset(input.language),
        identifiers=c.UNCHANGED if input.identifiers is None else _identifiers(input.identifiers),
        consents=_consents(input.consents),
        attributes=input.attributes or {},
    )
    return await member_updates.member_update(info.context.database, info.context.principal, command)


@mutation(i.MemberStatusChangePayload)
async def member_status_change(info: Info, input: i.MemberStatusChangeInput) -> Receipt[d.Member]:
    """Give a member another status."""
    command = c.MemberStatusChange(
        member=member_reference(input.member, "input", "member"),
        program=input.program,
        status=input.status,
        reason=input.reason,
    )
    return await member_status.member_status_change(info.context.database, info.context.principal, command)


def member_reference(given: MemberReference, *path: str) -> c.MemberReference:
    """The reference in an input, for a command; an id that names no member is refused at `path`."""
    if given.id not in (strawberry.UNSET, None):
        return c.MemberReference(id=key(given.id, "Member", *path))
    found = {name: getattr(given, name) for name in ("number", "card", "email", "phone")}
    return c.MemberReference(**{name: value for name, value in found.items() if value is not strawberry.UNSET})


def _enrolling(given: i.MemberEnrollInput | i.PartnerMemberEnrollInput, **own: Any) -> c.MemberEnroll:
    return c.MemberEnroll(
        program=given.program,
        name=given.name,
        kind=given.kind,
        email=given.email,
        phone=given.phone,
        birth_date=given.birth_date,
        address=_address(given.address) if given.address else None,
        language=given.language,
        identifiers=_identifiers(given.identifiers),
        consents=_consents(given.consents),
        referrer=member_reference(given.referrer, "input", "referrer") if given.referrer else None,
        attributes=given.attributes or {},
        **own,
    )


def _address(given: i.AddressInput) -> Address:
    return Address(tuple(given.lines), given.city, given.region, given.postal_code, given.country)


def _identifiers(given: Sequence[i.MemberIdentifierInput]) -> tuple[Identifier, ...]:
    return tuple(Identifier(one.kind, one.value) for one in given)


def _consents(given: Sequence[i.ConsentInput]) -> tuple[c.ConsentGiven, ...]:
    return tuple(c.ConsentGiven(one.purpose, one.given) for one in given)
