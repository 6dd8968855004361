"""What every operation passes through: its own context, its document, the mask over its errors, and nothing needless.

One extension does it all, around the whole operation and on every event of a subscription.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import structlog
from graphql import FieldNode, OperationDefinitionNode, OperationType
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext

from app.documents import Documents
from app.errors import mask, without_suggestions
from app.metrics import OPERATION_SECONDS, OPERATIONS
from domain.store.telemetry import span

NAME = 100
"""Characters of an operation's name (or of its root fields) that the log keeps."""
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")

NOTHING = nullcontext()

ENDING = frozenset({OperationType.QUERY.value, OperationType.MUTATION.value})
"""Kinds of operations that take a time; a subscription takes as long as somebody watches."""

log = structlog.get_logger("milepost.operation")


class Operation(SchemaExtension):
    """A context of its own for every operation, fresh loaders for every event, and no word about our bugs to strangers."""

    def __init__(self, documents: Documents, *, suggest: bool = True) -> None:
        self._documents, self._suggest = documents, suggest

    def on_operation(self) -> Iterator[None]:
        run = self.execution_context
        if run.context is not None:
            run.context = run.context.fresh()
        self._documents.prepare(run)
        called, kind, began = _called(run)[:NAME], _kind(run), time.perf_counter()
        structlog.contextvars.bind_contextvars(operation=called, actor=_actor(run.context))
        with span(kind, operation=called):
            yield
        self._mask(run.result)
        OPERATIONS.labels(kind, _outcome(run.result)).inc()
        if kind in ENDING:
            _measure(run, kind, time.perf_counter() - began)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        self._mask(result)
        yield
        self.execution_context.context.renew()

    def _mask(self, result: Any) -> None:
        mask(result)
        if not self._suggest:
            without_suggestions(result)


def _measure(run: ExecutionContext, kind: str, seconds: float) -> None:
    OPERATION_SECONDS.labels(kind).observe(seconds)
    ms = round(seconds * 1000, 1)
    if run.context is not None and ms > run.context.settings.slow_ms:
        log.warning("slow operation", kind=kind, ms=ms)


def _kind(run: ExecutionContext) -> str:
    """`query`, `mutation` or `subscription`; `none` if the document was not understood."""
    if run.graphql_document is None or run.pre_execution_errors:
        return "none"
    try:
        return run.operation_type.value
    except RuntimeError:  # no operation has this name
        return "none"


def _called(run: ExecutionContext) -> str:
    """The operation's name, else its root fields: of a document that was found valid, so that they are names of ours.

    What a client sends as a name and is none may be anything, and is not told.
    """
    if run.operation_name or run.graphql_document is None or run.pre_execution_errors:
        return run.operation_name if _NAME.fullmatch(run.operation_name or "") and run.operation_name else ""
    operations = [each for each in run.graphql_document.definitions if isinstance(each, OperationDefinitionNode)]
    fields = [each for each in operations[0].selection_set.selections if isinstance(each, FieldNode)]
    return ",".join(each.name.value for each in fields)


def _actor(context: Any) -> int | None:
    return None if context is None else context.principal.person_id


def _outcome(result: Any) -> str:
    return "errors" if result is not None and result.errors else "answered"


class Runner(SchemaExtensionsRunner):
    """Our one extension acts around whole operations and on events: nothing needs to be set up for the steps between."""

    def operation(self) -> Any:
        [operation] = self.extensions
        assert isinstance(operation, Operation)
        return Around(operation)

    def parsing(self) -> Any:
        return NOTHING

    def validation(self) -> Any:
        return NOTHING

    def executing(self) -> Any:
        return NOTHING

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        return ctx.extensions_results


class Around:
    """What our extension does before an operation and after it, without the machinery that finds that out."""

    def __init__(self, operation: "Operation") -> None:
        self._hook = contextmanager(operation.on_operation)()

    def __enter__(self) -> None:
        self._hook.__enter__()

    def __exit__(self, *raised: Any) -> None:  # noqa: PYI036 - handed on as it came
        self._hook.__exit__(*raised)

    async def __aenter__(self) -> None:
        self._hook.__enter__()

    async def __aexit__(self, *raised: Any) -> None:  # noqa: PYI036 - handed on as it came
        self._hook.__exit__(*raised)


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Freed as soon as it is done: its helpers (which nothing of ours uses) point back to it and would keep it alive until
    the garbage collector comes by, once per request.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.async_helpers = None  # type: ignore[assignment]
