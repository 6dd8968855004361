"""Enumerations whose members are looked up for every transaction."""

import enum


class Known(enum.Enum):
    """There is one of each member, so its identity is its hash: that of the name costs a call in Python."""

    __hash__ = object.__hash__
