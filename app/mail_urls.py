"""Addresses of mail servers and senders, as settings take them."""

from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.contacts import normalize_email

SCHEMES = ("smtp", "smtp+starttls", "smtps")


def known(value: SecretStr) -> SecretStr:
    """The address of an SMTP server; raises ValueError for any other."""
    try:
        parts = urlsplit(value.get_secret_value())
        usable = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(
            "expected smtp://, smtp+starttls:// or smtps://, with user:password@ if need be, and host:port"
        )
    return value


def sender(value: str) -> str:
    """An email address that may stand as the sender of emails; raises ValueError for any other."""
    if value != "milepost@localhost" and normalize_email(value) is None:
        raise ValueError("expected an email address, such as points@example.com")
    return value
