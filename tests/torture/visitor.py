"""A visitor: what one client asks for, step by step, and how each answer is entered into the account.

Every step is chosen by the seed, the visitor's number and the step's alone. A step that needs something to work on, such as a
hold of its own that is still open, is a purchase where there is none.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.torture.account import REJECTED, Account, Held, Original, Waiting
from tests.torture.client import Client

TRANSACTION = "transaction { id status } errors { code message } replayed"
FIELDS = {
    "pointsEarn": TRANSACTION, "pointsRedeem": TRANSACTION, "pointsCapture": TRANSACTION, "pointsTransfer": TRANSACTION,
    "transactionCancel": TRANSACTION, "transactionRefund": TRANSACTION, "transactionCreate": TRANSACTION,
    "pointsHold": "hold { id status } errors { code message } replayed",
    "pointsRelease": "hold { id status } errors { code message }",
    "batchStart": "batchRun { state } errors { code message }",
}  # fmt: skip
BAD_INPUT = -5
"""Points that nobody can redeem: refused before the engine sees it."""
TOO_MANY = 1_000_000


@dataclass
class Visitor:
    """One of many who serve the same members; what it takes back is its own."""

    number: int
    seed: int
    client: Client
    account: Account
    program: str
    partner: str
    members: list[str]
    step: int = 0
    originals: list[Original] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)

    async def next(self) -> None:
        """Take the next step."""
        self.step += 1
        self.chance = random.Random(f"{self.seed}/{self.number}/{self.step}")
        self.label = f"{self.number}-{self.step}"
        # Half of everything concerns two members, so that they are fought for.
        among = self.members[:2] if self.chance.random() < 0.5 else self.members
        self.member = self.chance.choice(among)
        [kind] = self.chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])
        await KINDS[kind][1](self)

    async def purchase(self) -> None:
        await self._earn(drawn=False)

    async def stay(self) -> None:
        """A purchase at the partner, whose block pays for the points."""
        await self._earn(drawn=True)

    async def redemption(self) -> None:
        """Of some points; sometimes of more than anybody has, or of none."""
        points = self.chance.choice([*[self.chance.randint(1, 60)] * 8, TOO_MANY, BAD_INPUT])
        payload = await self._ask("pointsRedeem", **self._entry(), points=str(points))
        if found := self._accepted(payload):
            self._original(found["id"], points, -1)

    async def transfer(self) -> None:
        to = self.chance.choice([each for each in self.members if each != self.member])
        points = self.chance.randint(1, 40)
        payload = await self._ask("pointsTransfer", **self._entry(), transferTo={"number": to}, points=str(points))
        if self._accepted(payload):
            self.account.transferred(self.label, self.member, to, points)

    async def queue(self) -> None:
        await self._queue(self.chance.randint(1, 100), drawn=False)

    async def queue_stay(self) -> None:
        await self._queue(self.chance.randint(1, 100), drawn=True)

    async def queue_redemption(self) -> None:
        await self._queue(-self.chance.randint(1, 60), drawn=False)

    async def hold(self) -> None:
        points = self.chance.randint(1, 40)
        given: dict[str, Any] = {"program": self.program, "member": {"number": self.member}, "points": str(points)}
        payload = await self._ask("pointsHold", **given, comment=self.label)
        if payload["errors"]:
            self.account.holds[self.label] = None
            return
        held = Held(payload["hold"]["id"], self.label, self.member, points)
        self.holds.append(held)
        self.account.held(held)

    async def capture(self) -> None:
        """All or a part of an open hold."""
        if not self.holds:
            return await self.purchase()
        hold = self.holds.pop(self.chance.randrange(len(self.holds)))
        points = self.chance.randint(1, hold.points)
        payload = await self._ask("pointsCapture", id=hold.id, points=str(points), comment=self.label)
        if self._accepted(payload):
            self.account.captured(self.label, hold, points)
        return None

    async def release(self) -> None:
        """Releasing has no key: a hold that has ended says so, which is an answer, too."""
        if not self.holds:
            return await self.purchase()
        hold = self.holds.pop(self.chance.randrange(len(self.holds)))
        await self._ask("pointsRelease", keyed=False, id=hold.id)
        hold.open = False
        return None

    async def cancel(self) -> None:
        """Take back all that is left of an earlier transaction."""
        if not (original := self._earlier()):
            return await self.purchase()
        payload = await self._ask("transactionCancel", id=original.id, comment=self.label)
        if self._accepted(payload):
            self.account.taken_back(self.label, original, original.left)
        return None

    async def refund(self) -> None:
        """Take back a part of an earlier redemption."""
        original = self._earlier()
        if not original or original.sign > 0:
            return await self.purchase()
        points = self.chance.randint(1, original.left)
        payload = await self._ask("transactionRefund", id=original.id, points=str(points), comment=self.label)
        if self._accepted(payload):
            self.account.taken_back(self.label, original, points)
        return None

    async def batch(self) -> None:
        """Set the workers to the queue, which they look at anyway."""
        await self._ask("batchStart", keyed=False, program=self.program)

    async def _earn(self, *, drawn: bool) -> None:
        dollars = self.chance.randint(1, 100)
        payload = await self._ask("pointsEarn", **self._entry(drawn=drawn), amount=str(dollars), currency="USD")
        if found := self._accepted(payload):
            self._original(found["id"], dollars, 1, drawn=drawn)

    async def _queue(self, points: int, *, drawn: bool) -> None:
        what: dict[str, Any] = (
            {"type": "ACCRUAL", "amount": str(points), "currency": "USD"}
            if points > 0
            else {"type": "REDEMPTION", "points": str(-points)}
        )
        payload = await self._ask("transactionCreate", **self._entry(drawn=drawn), **what, queue=True)
        if self._accepted(payload):
            self.account.queued(self.label, Waiting(self.member, points, drawn))

    def _entry(self, *, drawn: bool = False) -> dict[str, Any]:
        """What all transactions have; half of them an external id, which would hide that a key was forgotten."""
        entry = {"program": self.program, "member": {"number": self.member}, "comment": self.label}
        if drawn:
            entry["partner"] = self.partner
        if self.chance.random() < 0.5:
            entry["externalId"] = f"{self.seed}/{self.label}"
        return entry

    def _earlier(self) -> Original | None:
        """One of the last transactions of its own of which something is left."""
        found = [each for each in self.originals[-20:] if each.left]
        return self.chance.choice(found) if found else None

    def _original(self, number: str, points: int, sign: int, *, drawn: bool = False) -> None:
        original = Original(number, self.label, self.member, points, sign, drawn)
        self.originals.append(original)
        self.account.earned(original)

    def _accepted(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        """The transaction of an accepted request; a refused one is entered as such."""
        found: dict[str, Any] | None = payload["transaction"]
        if not payload["errors"] and found is not None:
            return found
        self.client.tally.counts["refused"] += 1
        self.account.rows[self.label] = None if found is None else REJECTED
        return None

    async def _ask(self, mutation: str, *, keyed: bool = True, **given: Any) -> dict[str, Any]:
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {FIELDS[mutation]} }} }}"
        return await self.client.ask(document, {**given, **({"idempotencyKey": self.label} if keyed else {})})


KINDS: Mapping[str, tuple[int, Callable[[Visitor], Awaitable[None]]]] = {
    "purchase": (22, Visitor.purchase), "stay": (12, Visitor.stay), "redemption": (18, Visitor.redemption),
    "transfer": (8, Visitor.transfer), "queue": (10, Visitor.queue), "queue stay": (8, Visitor.queue_stay),
    "queue redemption": (5, Visitor.queue_redemption), "hold": (8, Visitor.hold), "capture": (5, Visitor.capture),
    "release": (2, Visitor.release), "cancel": (6, Visitor.cancel), "refund": (6, Visitor.refund),
    "batch": (1, Visitor.batch),
}  # fmt: skip
"""How often each step is taken, and what it is."""
