"""A checkout: who is it, what would it cost, pay with points, say why not; then their transactions, and one that is watched.

MILEPOST_TOKEN=$(milepost token --role MSR) python checkout.py http://127.0.0.1:8000/graphql 1001
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

PROGRAM = "CITRUS"
ATTEMPTS = 5

MEMBER = """
query Member($program: String!, $number: String!) {
  member(program: $program, reference: { number: $number }) { id name balances { pointType available } }
}
"""
REDEEM = """
mutation Redeem($input: PointsRedeemInput!) {
  pointsRedeem(input: $input) {
    replayed
    transaction { id status }
    errors { code message ... on InsufficientPoints { available required } }
  }
}
"""
TRANSACTIONS = """
query Transactions($program: String!, $number: String!, $after: String) {
  member(program: $program, reference: { number: $number }) {
    transactions(first: 2, after: $after) {
      edges { node { transactionDate type status } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
WATCHED = "subscription Watched($id: ID!) { transactionChanged(id: $id) { id status } }"


class RequestFailed(Exception):
    """A request that was not understood or not allowed. Refusals are no exceptions: they are `errors` of a payload."""


class Milepost:
    """What can be repeated is repeated with the same key, so that nothing is done twice."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._http = httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=30)

    def request(self, query: str, **variables: Any) -> Any:
        """The data of an answer."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._http.post(self._url, json={"query": query, "variables": variables}).json()
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(1)
                continue
            if not (errors := answer.get("errors")):
                return answer["data"]
            told = errors[0].get("extensions", {})
            if told.get("code") != "OVERLOADED" or attempt == ATTEMPTS:
                raise RequestFailed(errors[0]["message"])
            time.sleep(told.get("retryAfter", 1))
        raise AssertionError

    def events(self, query: str, **variables: Any) -> Iterator[Any]:
        """The data of every event of a subscription, as server-sent events."""
        body, headers = {"query": query, "variables": variables}, {"accept": "text/event-stream"}
        with self._http.stream("POST", self._url, json=body, headers=headers, timeout=None) as answer:
            kind = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                kind = value if name == "event" else kind
                if name == "data" and kind == "next":
                    yield json.loads(value)["data"]


def redeem(milepost: Milepost, number: str, points: str, *, key: str, preview: bool = False) -> Any:
    """The payload of a redemption."""
    given = {"program": PROGRAM, "member": {"number": number}, "points": points, "preview": preview}
    payload = milepost.request(REDEEM, input={**given, "idempotencyKey": key})["pointsRedeem"]
    for error in payload["errors"]:
        missing = f"{error['available']} of {error['required']} points" if "required" in error else error["code"]
        print(f"refused: {missing}")
    return payload


def transactions(milepost: Milepost, number: str) -> Iterator[Any]:
    """All transactions of a member, page by page, the newest first."""
    after = None
    while True:
        page = milepost.request(TRANSACTIONS, program=PROGRAM, number=number, after=after)["member"]["transactions"]
        yield from (edge["node"] for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def main(url: str, number: str) -> None:
    """The checkout."""
    milepost = Milepost(url, os.environ["MILEPOST_TOKEN"])
    member = milepost.request(MEMBER, program=PROGRAM, number=number)["member"]
    balances = (f"{each['available']} {each['pointType']}" for each in member["balances"])
    print(f"{member['name']}: {','.join(balances)}")
    before = redeem(milepost, number, "50", key=str(uuid.uuid4()), preview=True)
    print(f"preview: {before['transaction']['status']}")
    key = str(uuid.uuid4())
    done = redeem(milepost, number, "50", key=key)
    print(f"done: {done['transaction']['status']}, replayed: {done['replayed']}")
    again = redeem(milepost, number, "50", key=key)
    print(f"again: {again['transaction']['id'] == done['transaction']['id']}, replayed: {again['replayed']}")
    redeem(milepost, number, "1000000", key=str(uuid.uuid4()))
    print(f"redemptions: {sum(each['type'] == 'REDEMPTION' for each in transactions(milepost, number))}")
    event = next(milepost.events(WATCHED, id=done["transaction"]["id"]))
    print(f"watched: {event['transactionChanged']['status']}")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["http://127.0.0.1:8000/graphql", "1001"]))
