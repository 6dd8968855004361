"""How inputs are built: by a plan per input type, made when the first value arrives, instead of anew for every value.

Scalars and enums are right already when they get here; lists and nested inputs are converted as Strawberry does.
"""

from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any

from strawberry.scalars import is_scalar
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition


class Builder:
    """Makes an input object of what GraphQL understood."""

    def __init__(self) -> None:
        self._plain: list[tuple[str, str]] | None = None
        self._others: list[tuple[str, str, Any]] = []
        self._empty: dict[str, None] = {}

    def __call__(self, cls: type, value: Mapping[str, Any], context: InputContext) -> Any:
        if self._plain is None:
            self._plain = self._plan(cls, context)
        given: dict[str, Any] = self._empty.copy()
        for name, attribute in self._plain:
            if name in value:
                given[attribute] = value[name]
        for name, attribute, kind in self._others:
            if name in value:
                given[attribute] = context.convert(value[name], kind, name)
        return cls(**given)

    def _plan(self, cls: Any, context: InputContext) -> list[tuple[str, str]]:
        plain = []
        definition = cls.__strawberry_definition__
        for field in definition.fields:
            name, attribute = context.config.name_converter.from_field(field), field.python_name
            kind = field.resolve_type(type_definition=definition)
            if _is_plain(kind, context):
                plain.append((name, attribute))
            else:
                self._others.append((name, attribute, kind))
            if field.default_value is MISSING and field.default_factory is MISSING:
                self._empty[attribute] = None
        return plain


def _is_plain(kind: Any, context: InputContext) -> bool:
    if isinstance(kind, StrawberryOptional) and not isinstance(kind, StrawberryMaybe):
        kind = kind.of_type
    return isinstance(kind, StrawberryEnumDefinition) or is_scalar(kind, context.scalar_registry)
