"""`viewer`: the first thing a client asks."""

from domain.people import Principal
from resolvers.context import Info
from resolvers.roots import query
from schema.viewer import Viewer


@query(Viewer)
def viewer(info: Info) -> Principal:
    """Who you are to this API."""
    return info.context.principal
