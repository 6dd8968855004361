"""People whom an identity provider describes: made, changed, bound, and kept out."""

import asyncio

from app.api import identity_on
from domain.commands.people import PersonUpdate
from domain.people import ENGINE, PersonClaims, Role
from domain.services.admission import person_of_claims
from domain.services.people import person_update
from domain.store.database import Database
from tests.app.provider import AUDIENCE, provider
from tests.app.test_identity import bearer, settings
from tests.support.factories import a_code, a_partner, a_program
from tests.support.members import a_member

MSR = frozenset({Role.MSR})


async def test_a_person_is_made_once_and_follows_the_claims(database: Database) -> None:
    subject = a_code("idp|")
    claims = PersonClaims(subject=subject, name="Eve", roles=MSR)
    first, second = await asyncio.gather(person_of_claims(database, claims), person_of_claims(database, claims))
    assert first == second
    assert first is not None
    assert (first.subject, first.name, first.roles, first.program_id) == (subject, "Eve", MSR, None)
    promoted = PersonClaims(subject=subject, name="Eve Adams", roles=frozenset({Role.MANAGER}))
    changed = await person_of_claims(database, promoted)
    assert changed is not None
    assert (changed.id, changed.name, changed.roles, changed.version) == (first.id, "Eve Adams", promoted.roles, 2)
    assert await person_of_claims(database, promoted) == changed


async def test_bonds_are_made_from_codes_and_never_moved(database: Database) -> None:
    program, other = await a_program(database), await a_program(database)
    partner = await a_partner(database, program)
    roles = frozenset({Role.PARTNER_REPRESENTATIVE})
    subject = a_code("idp")
    claims = PersonClaims(subject=subject, name="Eve", roles=roles, program=program.code, partner=partner.code)
    made = await person_of_claims(database, claims)
    assert made is not None
    assert (made.program_id, made.partner_id) == (program.id, partner.id)
    assert await person_of_claims(database, claims) == made
    moved = PersonClaims(subject=subject, name="Eve", roles=roles, program=other.code, partner=partner.code)
    assert await person_of_claims(database, moved) is None
    lost = PersonClaims(subject=subject, name="Eve", roles=roles, program="NOWHERE", partner=partner.code)
    assert await person_of_claims(database, lost) is None


async def test_a_member_comes_in_by_their_number(database: Database) -> None:
    program = await a_program(database)
    member, stranger = await a_member(database, program), await a_member(database, program)
    subject = a_code("idp")

    def named(number: str) -> PersonClaims:
        return PersonClaims(
            subject=subject, name="Mia", roles=frozenset({Role.MEMBER}), program=program.code, member=number
        )

    made = await person_of_claims(database, named(member.number))
    assert made is not None
    assert (made.member_id, await person_of_claims(database, named(member.number))) == (member.id, made)
    assert await person_of_claims(database, named(stranger.number)) is None
    assert await person_of_claims(database, named("nobody")) is None


async def test_claims_that_make_nobody_and_people_who_were_ended_are_kept_out(database: Database) -> None:
    for claims in (
        PersonClaims(subject=a_code("idp"), name="Eve", roles=frozenset()),
        PersonClaims(subject="engine", name="Eve", roles=MSR),
        PersonClaims(subject=a_code("idp"), name="Eve", roles=frozenset({Role.MEMBER})),
        PersonClaims(subject=a_code("idp"), name="Eve", roles=frozenset({Role.MEMBER, Role.MSR})),
        PersonClaims(subject=a_code("idp"), name="Eve", roles=MSR, partner="NOBODY"),
        PersonClaims(subject=a_code("idp"), name="Eve", roles=MSR, program="NOWHERE"),
    ):
        assert await person_of_claims(database, claims) is None, claims
    claims = PersonClaims(subject=a_code("idp"), name="Eve", roles=MSR)
    made = await person_of_claims(database, claims)
    assert made is not None
    await person_update(database, ENGINE, PersonUpdate(person=made.subject, expected_version=1, active=False))
    assert await person_of_claims(database, claims) is None


async def test_a_token_of_the_provider_brings_its_person_along(database: Database) -> None:
    subject = a_code("idp")
    with provider() as there:
        trusting = settings(
            oidc_issuer=there.issuer,
            oidc_audience=AUDIENCE,
            oidc_roles_claim="groups",
            oidc_roles={"/loyalty/desk": Role.MSR, "/loyalty/boss": Role.MANAGER},
        )
        who = identity_on(trusting, database)
        desk = await who.principal(bearer(there.token(subject, groups=["/loyalty/desk", "/other"])))
        boss = await who.principal(bearer(there.token(subject, groups=["/loyalty/boss"])))
    assert (desk.roles, boss.roles) == (MSR, frozenset({Role.MANAGER}))
    assert desk.person_id == boss.person_id
    assert desk.person_id is not None
