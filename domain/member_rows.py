"""What a line of a file says of a member, in the form in which members are stored, and where it contradicts what is stored."""

from collections.abc import Iterator
from dataclasses import fields

from domain.commands.member_imports import MemberRow
from domain.fingerprints import canonical
from domain.members import Address, Member, MemberKind
from domain.profiles import Profile, normalize

PLAIN = ("name", "email", "phone", "birth_date", "language")


def profile_of(row: MemberRow) -> Profile:
    """The profile of a line."""
    return normalize(
        Profile(
            name=row.name, kind=row.kind or MemberKind.INDIVIDUAL, email=row.email, phone=row.phone,
            birth_date=row.birth_date, address=row.address, language=row.language, identifiers=row.identifiers,
            attributes=row.attributes,
        )
    )  # fmt: skip


def differences(row: MemberRow, profile: Profile, stored: Member, referrer_id: int | None) -> tuple[str, ...]:
    """The columns in which a line says something else than what is stored, by name: `email`, `address.city`, `attributes.store`."""
    return tuple(sorted({*_plain(row, profile, stored, referrer_id), *_nested(row, profile, stored)}))


def _plain(row: MemberRow, profile: Profile, stored: Member, referrer_id: int | None) -> Iterator[str]:
    for name in PLAIN:
        if (said := getattr(profile, name)) is not None and said != getattr(stored, name):
            yield name
    for name in ("kind", "status", "enrolled_on"):
        if (said := getattr(row, name)) is not None and said != getattr(stored, name):
            yield name
    if row.referrer_number is not None and referrer_id != stored.referrer_id:
        yield "referrer_number"


def _nested(row: MemberRow, profile: Profile, stored: Member) -> Iterator[str]:
    if profile.address is not None:
        yield from _address(profile.address, stored.address or Address())
    if profile.identifiers and {*profile.identifiers} != {*stored.identifiers}:
        yield "identifiers"
    given = {consent.purpose: consent.given for consent in stored.consents}
    if any(given.get(consent.purpose) != consent.given for consent in row.consents):
        yield "consents"
    for name, said in profile.attributes.items():
        if said is not None and canonical(said) != canonical(stored.attributes.get(name)):
            yield f"attributes.{name}"


def _address(said: Address, stored: Address) -> Iterator[str]:
    for part in fields(Address):
        if (value := getattr(said, part.name)) and value != getattr(stored, part.name):
            yield f"address.{part.name}"
