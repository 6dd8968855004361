"""`node` and `nodes`: any object by its global id.

What is malformed, unknown or not the caller's to see is null: the three cannot be told apart.
"""

from collections.abc import Awaitable, Sequence
from typing import Annotated

import strawberry

from resolvers.context import Info
from resolvers.roots import query
from schema.base import Node


@query(Node | None)
def node(info: Info, id: strawberry.ID) -> Awaitable[object] | None:
    """An object by its global id; null if there is none, or none that you may see."""
    return info.context.node(id)


@query(list[Node | None])
def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100.")]
) -> Sequence[Awaitable[object] | None]:
    """Objects by their global ids, in the same order, null where there is none."""
    return [info.context.node(one) for one in ids]
