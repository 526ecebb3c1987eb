"""`scrubber serve` killed under load: what its senders were told was taken is in the journal."""

from __future__ import annotations

import asyncio
import random
from itertools import count
from pathlib import Path

from tests.load import Told, load
from tests.serving import SETTINGS, Serving

KILLS = 5
SENDERS = 24
SEED = 20261122


async def killed_under_load(serving: Serving, numbers: count[int], after: float) -> list[Told]:
    sending = asyncio.create_task(load(serving.address, SENDERS, 60.0, numbers))
    await asyncio.sleep(after)
    serving.kill()
    return await sending


def test_nothing_that_was_answered_is_lost(tmp_path: Path) -> None:
    """Each round: senders at work, SIGKILL at a moment of chance, started again, and looked at."""
    settings = SETTINGS.replace("max_bytes", "per_minute = 100000000\nmax_bytes")
    numbers, rng = count(1), random.Random(SEED)
    told: list[Told] = []
    with Serving(tmp_path, settings) as serving:
        for number in range(KILLS):
            if number:
                serving.start()
            answered = asyncio.run(killed_under_load(serving, numbers, rng.uniform(0.3, 1.5)))
            assert {each.status for each in answered} <= {202, 503}  # 503: a disk that is too slow now
            told += [each for each in answered if each.status == 202]
            nudged = serving.nudged()
            assert [each.ticket for each in told if each.ticket not in nudged] == []
        serving.start()
        sample = rng.sample(told, 20)
        assert {serving.tell(each.ticket, each.delivery).json()["result"] for each in sample} == {"repeat"}
        # whoever heard nothing tells again, and then all is there
        last = next(numbers)
        for ticket in sorted({str(each) for each in range(1, last)} - {each.ticket for each in told}):
            assert serving.tell(ticket, f"d{ticket}").status_code in (200, 202)
        assert set(serving.nudged()) == {str(each) for each in range(1, last)}
    assert len(told) > KILLS * SENDERS
