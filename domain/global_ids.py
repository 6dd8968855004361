"""How a global id is made: the type and the database's key, opaque to clients. `schema.ids` takes it apart again."""

import base64


def seal(kind: str, *parts: int) -> str:
    """The global id of an object."""
    return base64.b64encode(f"{kind}:{'/'.join(map(str, parts))}".encode()).decode()
