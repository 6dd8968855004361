"""An OpenID Connect provider on 127.0.0.1: real keys, a discovery document, and a count of who asked for what."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "milepost"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def an_rsa_key(size: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, size)


def public(key: Private, id: str | None, **more: Any) -> dict[str, Any]:
    """A key as a set shows it."""
    if isinstance(key, rsa.RSAPrivateKey):
        data = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        data = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**data, **({} if id is None else {"kid": id}), **more}


def pem(key: Private) -> bytes:
    """The public key as everybody has it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def part(data: Any) -> str:
    """One part of a token, made by hand."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


@dataclass
class Provider:
    """Signs with `key`; shows `keys`. `broken`: it answers nothing useful."""

    issuer: str
    key: Private
    id: str = "one"
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    named: str | None = None
    broken: bool = False

    def rotate(self, id: str) -> None:
        """A new key; the one before is withdrawn."""
        self.key, self.id = an_rsa_key(), id
        self.keys = [public(self.key, id)]

    def token(self, subject: object = "ann", *, algorithm: str = "RS256", key: Any = None, **said: Any) -> str:
        """A token of this provider; `header` and claims may be given, None leaves one out."""
        header = {"kid": self.id, **said.pop("header", {})}
        usual = {"sub": subject, "iss": self.issuer, "aud": AUDIENCE, "exp": datetime.now(UTC) + timedelta(hours=1)}
        claims = {name: value for name, value in {**usual, **said}.items() if value is not None}
        return jwt.encode(claims, key or self.key, algorithm, {name: v for name, v in header.items() if v is not None})

    def answer(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.named or self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        return {"keys": self.keys}


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            body = json.dumps(here.answer(self.path)).encode()
            self.send_response(500 if here.broken else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = Provider(f"http://127.0.0.1:{server.server_address[1]}", an_rsa_key())
        here.keys = [public(here.key, here.id)]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
