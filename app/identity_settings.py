"""Settings of identity: an OpenID Connect provider, how its claims are read, and whether local tokens are taken.

Local tokens are signed by this installation with a secret; they are for development, and production refuses to start with them.
"""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from domain.people import LOG_INS, Role

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What a provider may sign with: never a shared secret, of which its public key could be made one."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

Words = Annotated[tuple[str, ...], NoDecode]
"""A list of words, as people type it: separated by commas."""


class IdentitySettings(BaseSettings):
    """The part of the settings that decides who may come in."""

    local_tokens: bool | None = Field(None, description="take tokens of `milepost token`; none: outside production")
    oidc_issuer: str | None = Field(None, description="the provider's address, as `iss` of its tokens says it")
    oidc_audience: str | None = Field(None, description="what `aud` of its tokens must name")
    oidc_jwks_url: str | None = Field(None, description="where its keys are; none: as its discovery document says")
    oidc_algorithms: Words = Field(("RS256", "ES256"), description="what its tokens may be signed with")
    oidc_clock_skew: int = Field(30, ge=0, le=300, description="seconds by which its clock may differ")
    oidc_subject_claim: str = Field("sub", min_length=1, description="the claim that is a person's subject")
    # With a claim for roles, people are made and changed as their tokens say; without, they are those of the database.
    oidc_roles_claim: str | None = Field(None, description="the claim that lists roles: `realm_access.roles`")
    oidc_roles: dict[str, Role] = Field({}, description='names there -> roles: {"desk": "MSR"}; empty: their own names')
    oidc_name_claim: str = Field("name", min_length=1, description="the claim with the name of a person")
    oidc_program_claim: str | None = Field(None, description="the claim with the code of the only program")
    oidc_partner_claim: str | None = Field(None, description="the claim with the code of the partner")
    oidc_member_claim: str | None = Field(None, description="the claim with the number of the member")

    @field_validator("oidc_algorithms", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return tuple(filter(None, (word.strip() for word in value.split(",")))) if isinstance(value, str) else value

    @field_validator("oidc_algorithms")
    @classmethod
    def _keys_are_not_shared(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= set(ASYMMETRIC):
            raise ValueError(f"some of {', '.join(ASYMMETRIC)}, separated by commas")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _roles_are_of_people(cls, value: dict[str, Role]) -> dict[str, Role]:
        if not set(value.values()) <= set(LOG_INS):
            raise ValueError(f"roles are {', '.join(role.value for role in LOG_INS)}")
        return value

    @field_validator("oidc_issuer", "oidc_jwks_url")
    @classmethod
    def _addresses_are_safe(cls, value: str | None) -> str | None:
        return None if value is None else _safe(value)

    @model_validator(mode="after")
    def _a_provider_is_whole(self) -> Self:
        if self.oidc_issuer is not None and self.oidc_audience is None:
            raise ValueError(
                "MILEPOST_OIDC_AUDIENCE is missing: without it, tokens that MILEPOST_OIDC_ISSUER made for other services "
                "would be taken here"
            )
        if self.oidc_issuer is None and (self.oidc_audience is not None or self.oidc_jwks_url is not None):
            raise ValueError("MILEPOST_OIDC_ISSUER is missing: MILEPOST_OIDC_AUDIENCE and _JWKS_URL belong to it")
        bonds = (self.oidc_program_claim, self.oidc_partner_claim, self.oidc_member_claim)
        if self.oidc_roles_claim is None and any(bonds):
            raise ValueError("MILEPOST_OIDC_ROLES_CLAIM is missing: without it, people are those of the database")
        return self


def _safe(address: str) -> str:
    """An address from which keys come: https, or http on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or parts.scheme not in {"https", "http"} or (parts.scheme == "http" and host not in LOCAL):
        raise ValueError("an https address")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("an address without user, password and fragment")
    return address
