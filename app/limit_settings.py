"""Settings of what one client may ask for: time, rate, connections, documents, origins.

What a document may contain is the same for every installation (`app/limits.py`); what machines and networks bear is not.
"""

import json
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from app.identity_settings import Words
from app.trusted import TrustedDocuments, checked

MOST_RATE = 1_000_000


class Trust(StrEnum):
    """Which documents are executed: any; any, and trusted ones by their id as well; trusted ones only."""

    OFF = "off"
    ALLOWED = "allowed"
    REQUIRED = "required"


class LimitSettings(BaseSettings):
    """The part of the settings that keeps the API up under abuse."""

    operation_seconds: float = Field(30, gt=0, le=600, description="how long a query or mutation may take")
    header_seconds: float = Field(10, gt=0, le=600, description="how long a client may take to send the headers")
    body_seconds: float = Field(20, gt=0, le=600, description="how long a client may take to send the body")
    rate: int | None = Field(None, ge=0, le=MOST_RATE, description="requests of one client per second; 0: no limit")
    burst: int = Field(0, ge=0, le=MOST_RATE, description="requests of one client at once; 0: twice the rate")
    connections: int = Field(10_000, ge=1, description="open connections of one process")
    connections_per_address: int = Field(0, ge=0, description="open connections of one address; 0: no limit")
    sockets_per_client: int = Field(20, ge=1, le=10_000, description="open WebSockets of one client")
    subscriptions_per_client: int = Field(100, ge=1, le=10_000, description="running subscriptions of one client")
    trusted_documents: Trust = Trust.OFF
    trusted_documents_file: Path | None = Field(None, description="JSON: the SHA-256 of each document, and its text")
    cors_origins: Words = Field((), description="pages of which origins may read answers")
    csrf_header: str | None = Field(None, pattern=r"^[A-Za-z0-9-]+$", description="a header that every GET must have")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        return tuple(filter(None, (word.strip() for word in value.split(",")))) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            scheme, _, host = origin.partition("://")
            if scheme not in {"http", "https"} or not host or set(host) & set("/?#@*"):
                raise ValueError("origins such as https://shop.example.com, separated by commas")
        return value

    @model_validator(mode="after")
    def _trust_needs_documents(self) -> Self:
        if self.trusted_documents is not Trust.OFF and self.trusted_documents_file is None:
            raise ValueError("MILEPOST_TRUSTED_DOCUMENTS_FILE is missing: it says which documents are meant")
        _ = self.trusted
        return self

    @cached_property
    def trusted(self) -> TrustedDocuments | None:
        """The documents that are trusted, read once; raises ValueError if the file cannot be used."""
        if self.trusted_documents is Trust.OFF or self.trusted_documents_file is None:
            return None
        try:
            texts = json.loads(self.trusted_documents_file.read_text())
        except (OSError, ValueError) as error:
            raise ValueError(f"{self.trusted_documents_file} cannot be read: {error}") from error
        return TrustedDocuments(checked(texts), required=self.trusted_documents is Trust.REQUIRED)
