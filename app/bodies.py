"""What a client sent, read once: a GraphQL request in JSON, or in the parameters of a GET.

Bodies are bounded, types are checked while they are decoded, and numbers with a fraction become exact decimals.
"""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.types import Message, Receive
from strawberry.http import GraphQLRequestData, GraphQLRequestProtocol

from app.trusted import TrustedDocuments, id_in

JSON = "application/json"
MAX_BODY = 1024 * 1024


class Body(msgspec.Struct, rename="camel"):
    """A request of GraphQL over HTTP; what else a client sends beside it is ignored."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


_body = msgspec.json.Decoder(Body, float_hook=Decimal)
_object = msgspec.json.Decoder(dict[str, Any] | None, float_hook=Decimal)
_anything = msgspec.json.Decoder(Any, float_hook=Decimal)

decode_anything = _anything.decode


async def read_request(
    request: AsyncHTTPRequestAdapter, protocol: GraphQLRequestProtocol, trusted: TrustedDocuments | None = None
) -> GraphQLRequestData:
    """The request in a body or in the parameters of a GET; raises HTTPException, and GraphQLError if it is not trusted."""
    if request.method == "GET":
        body = _from_parameters(request.query_params)
    else:
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        if content_type != JSON:
            raise HTTPException(415, f"The content type must be {JSON}.")
        if (request.headers.get("content-encoding") or "identity").lower() != "identity":
            raise HTTPException(415, "The body must not be compressed: send it without Content-Encoding.")
        body = _decoded("body", _body, await request.get_body())
    query = body.query
    if trusted is not None:
        query = trusted.text(query, id_in(body.document_id, body.extensions))
    return GraphQLRequestData(query, body.variables, body.operation_name, body.extensions, protocol)


def _from_parameters(given: Mapping[str, Any]) -> Body:
    query, name = given.get("query"), given.get("operationName")
    objects = {part: _decoded(part, _object, given[part]) for part in ("variables", "extensions") if given.get(part)}
    return Body(query, objects.get("variables"), name, objects.get("extensions"), given.get("documentId"))


def _decoded(part: str, decoder: msgspec.json.Decoder[Any], text: str | bytes) -> Any:
    try:
        return decoder.decode(text)
    except UnicodeDecodeError:
        raise HTTPException(400, f"The {part} is not valid UTF-8.") from None
    except RecursionError:
        raise HTTPException(400, f"The {part} is nested too deep.") from None
    except ArithmeticError:
        raise HTTPException(400, f"The {part} has a number that is out of range.") from None
    except msgspec.MsgspecError as error:
        raise HTTPException(400, f"The {part} cannot be read: {error}.") from None


def too_large() -> HTTPException:
    """A body beyond the limit."""
    return HTTPException(413, f"The body is too large: at most {MAX_BODY:,} bytes are allowed.")


def check_length(announced: str) -> None:
    """Refuse a body that says beforehand that it is too large."""
    if announced.isdecimal() and int(announced[:12]) > MAX_BODY:
        raise too_large()


def bounded(receive: Receive, seconds: float) -> Receive:
    """A body whose length nobody announced is cut off when it grows too large, and one that does not come is not waited for."""
    received, until = 0, asyncio.get_running_loop().time() + seconds
    whole = False

    async def receive_bounded() -> Message:
        nonlocal received, whole
        try:
            # Once the body is there, what is waited for is the end of the connection.
            async with asyncio.timeout_at(None if whole else until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"The body took longer than {seconds:g} s to come.") from None
        received += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if received > MAX_BODY:
            raise too_large()
        return message

    return receive_bounded
