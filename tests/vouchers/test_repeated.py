"""Requests about vouchers that come again, and previews: the same answer, and nothing happens twice or at all."""

from typing import Any

import pytest

from domain.problems import IdempotencyKeyReused
from domain.services import vouchers as services
from domain.vouchers import VoucherMove, VoucherStatus
from tests.support.factories import result_of
from tests.support.members import by_number, refusal
from tests.support.transactions import Stage, a_key, counts
from tests.vouchers.kit import a_type, history, issue, issuing, press, use, using

STATUS = {
    VoucherMove.RESERVE: VoucherStatus.RESERVED,
    VoucherMove.RELEASE: VoucherStatus.AVAILABLE,
    VoucherMove.CANCEL: VoucherStatus.CANCELLED,
    VoucherMove.REISSUE: VoucherStatus.AVAILABLE,
}


@pytest.mark.parametrize("move", STATUS)
async def test_a_move_asked_for_again_gives_the_same_answer_and_happens_once(stage: Stage, move: VoucherMove) -> None:
    [voucher] = await issue(stage, await a_type(stage))
    if move is VoucherMove.RELEASE:
        await press(stage, VoucherMove.RESERVE, voucher)
    key = a_key()
    first = await press(stage, move, voucher, idempotency_key=key)
    before = await counts(stage.database)
    again = await press(stage, move, voucher, idempotency_key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.result == first.result
    assert result_of(again).status is STATUS[move]
    assert [each.move for each in await history(stage, voucher)][-1] is move
    assert await counts(stage.database) == before
    with refusal(IdempotencyKeyReused(path=("input", "idempotencyKey"))):
        await press(stage, move, voucher, idempotency_key=key, comment="another request")


async def test_a_refused_move_leaves_its_key_free(stage: Stage) -> None:
    [voucher] = await issue(stage, await a_type(stage))
    key: dict[str, Any] = {"idempotency_key": a_key()}
    with pytest.raises(Exception, match="RELEASE is not possible"):
        await press(stage, VoucherMove.RELEASE, voucher, **key)
    await press(stage, VoucherMove.RESERVE, voucher)
    assert not (await press(stage, VoucherMove.RELEASE, voucher, **key)).replayed


async def test_a_preview_of_vouchers_shows_them_and_writes_nothing(stage: Stage) -> None:
    kind = await a_type(stage)
    given, programs = issuing(stage, kind, 2), stage.desk.programs
    before = await counts(stage.database)
    seen = result_of(await services.voucher_issue(stage.database, programs, stage.msr, given, preview=True))
    assert [each.status for each in seen] == [VoucherStatus.AVAILABLE] * 2
    assert await counts(stage.database) == before
    made = await services.voucher_issue(stage.database, programs, stage.msr, given)
    assert not made.replayed
    wish = using(stage, member=by_number(stage.member), voucher_type=kind.code, quantity=2)
    before = await counts(stage.database)
    seen = result_of(await services.voucher_use(stage.database, programs, stage.msr, wish, preview=True))
    assert [each.status for each in seen] == [VoucherStatus.USED] * 2
    assert await counts(stage.database) == before
    assert len(result_of(await use(stage, member=by_number(stage.member), voucher_type=kind.code, quantity=2))) == 2
