"""Keys of checkpoints: Ed25519, as text in base64."""

import base64

from pydantic import SecretStr

from domain.problems import Refused
from domain.seal_problems import WrongSignature
from domain.seals import Checkpoint

LENGTH = 32


def new() -> str:
    """A new private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def known(text: str) -> bytes:
    """A private key from its text; raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    if len(raw) != LENGTH:
        raise ValueError(f"a key has {LENGTH} bytes in base64, as `milepost seal key` makes them")
    return raw


def sign(key: SecretStr, checkpoint: Checkpoint) -> tuple[bytes, bytes]:
    """The signature, and the public key that checks it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(known(key.get_secret_value()))
    return private.sign(checkpoint.signed_bytes()), private.public_key().public_bytes_raw()


def who_signed(checkpoint: Checkpoint, signature: bytes | None, public: bytes | None, expected: str | None) -> str:
    """In words; raises Refused (WRONG_SIGNATURE) where it is not signed as it says, or as is expected."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if signature is None or public is None:
        if expected is not None:
            raise Refused(WrongSignature(reason="it is not signed"))
        return "it is not signed"
    name = base64.b64encode(public).decode()
    if expected is not None and name != expected:
        raise Refused(WrongSignature(reason=f"it is signed with {name}"))
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, checkpoint.signed_bytes())
    except (InvalidSignature, ValueError):
        raise Refused(WrongSignature(reason="its signature is of something else")) from None
    return f"signed with {name}"
