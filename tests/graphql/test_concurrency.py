"""Many at once: what one member has is spent exactly once, and everybody is told the truth."""

import asyncio
from typing import Any

from tests.graphql.shop import Shop

POINTS, REQUESTS = 150, 200
SHOWN = "replayed transaction { id status }"


async def test_two_hundred_redemptions_of_a_member_with_points_for_a_hundred_and_fifty(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.earn(member, str(POINTS))
    requests = [shop.of(member, points=1) for _ in range(REQUESTS)]

    first = await all_at_once(shop, requests)

    assert [payload["replayed"] for payload in first] == [False] * REQUESTS
    assert statuses(first) == {"PROCESSED": POINTS, "REJECTED_ENGINE": REQUESTS - POINTS}
    refusals = [payload["errors"] for payload in first if payload["errors"]]
    assert refusals == [[refusal()]] * (REQUESTS - POINTS)
    assert await shop.available(member) == "0"

    again = await all_at_once(shop, requests)

    assert again == [{**payload, "replayed": True} for payload in first]
    assert await shop.available(member) == "0"
    assert await shop.count() == REQUESTS + 1


async def test_the_same_request_many_times_at_once_takes_effect_once(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.earn(member, "10")
    payloads = await all_at_once(shop, [shop.of(member, points=1)] * 20)
    assert sorted(payload["replayed"] for payload in payloads) == [False] + [True] * 19
    assert len({payload["transaction"]["id"] for payload in payloads}) == 1
    assert await shop.available(member) == "9"


async def test_a_bad_request_harms_none_of_its_neighbours(shop: Shop) -> None:
    member = await shop.enroll()
    await shop.earn(member, "10")
    good = [shop.of(member, points=1) for _ in range(5)]
    bad = [shop.of("nobody", points=1), shop.of(member, points=1, product="NOTHING"), shop.of(member, points="0.5")]
    payloads = await all_at_once(shop, [*good, *bad])
    assert statuses(payloads[:5]) == {"PROCESSED": 5}
    assert [[error["code"] for error in payload["errors"]] for payload in payloads[5:]] == [
        ["NOT_FOUND"],
        ["NOT_FOUND"],
        ["TOO_MANY_DECIMALS"],
    ]
    assert await shop.available(member) == "5"


async def test_a_desk_that_takes_no_more_says_so_and_when_to_come_again(shop: Shop) -> None:
    member = await shop.enroll()
    said = shop.of(member, amount="1")
    await shop.web.desk.close()
    query = "mutation($input: PointsEarnInput!) { pointsEarn(input: $input) { replayed } }"
    answer = await shop.msr.answer(query, input=said)
    assert answer["data"] == {"pointsEarn": None}
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "OVERLOADED", "retryAfter": 1}
    assert await shop.count() == 0


async def all_at_once(shop: Shop, requests: list[dict[str, Any]]) -> list[Any]:
    return list(await asyncio.gather(*(shop.msr.command("pointsRedeem", SHOWN, **given) for given in requests)))


def statuses(payloads: list[Any]) -> dict[str, int]:
    found = [payload["transaction"]["status"] for payload in payloads]
    return {status: found.count(status) for status in sorted(set(found))}


def refusal() -> dict[str, Any]:
    return {
        "__typename": "InsufficientPoints",
        "code": "INSUFFICIENT_POINTS",
        "message": "1 POINTS are needed, 0 are available.",
        "path": ["input"],
        "available": "0",
        "required": "1",
        "pointType": "POINTS",
    }
