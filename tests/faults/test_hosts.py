"""Three hosts share one run, and one is cut off in the middle: what it held is free again, and the others work it."""

import asyncio
from pathlib import Path

import pytest

from domain.services import batch_runs
from domain.store import migrate
from domain.store.database import Database
from tests.faults.grounds import ground, kill
from tests.faults.hosts import network, server_on, why_not


@pytest.mark.skipif(why_not() is not None, reason=why_not() or "")
async def test_three_hosts_share_a_run_and_one_is_cut_off_in_the_middle(tmp_path: Path) -> None:
    with network(3) as net, server_on(net, tmp_path / "data") as (url, theirs):
        await asyncio.to_thread(migrate.upgrade, url)
        database = Database(url)
        async with ground(database, tmp_path, members=60) as made:
            made.url = theirs
            run = await made.begin()
            hosts = [made.worker(before=net.inside(host)) for host in (1, 2, 3)]
            async with made.shared(3):
                net.cut(2)
            await made.until_done()
            await made.check(run)
            run = await batch_runs.batch_run(database, run.id)
            worked = {each.name.rpartition(":")[2] for each in run.workers}
            assert worked == {str(hosts[0].pid), str(hosts[2].pid)}
            assert hosts[1].poll() is None
            kill(*hosts)
        await database.close()
