"""Kills the worker at random moments while another client works in the mailbox: `make soak`.

Each round is a new mailbox. The worker is killed by the clock or at a random point of a replacement, sometimes the
server is killed instead; then both go on. At the end of a round the other client stops, the worker runs undisturbed,
and the mailbox is held against what was put there and what the other client did. Exit status 1: something was lost,
doubled, left or changed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

from imapclient import IMAPClient

from tests.acceptance.busy import Busy, Done
from tests.acceptance.points import EVERY, arm
from tests.acceptance.world import Built, Mail, World, build, differences
from tests.mailservers.dovecot import Dovecot, Storage

FOLDERS = ("INBOX", "Archief")
MAILS = 4
KILLS = 30
"""A round: so many mails at first, and one or two more before each kill, so that there is work to be killed at."""

VALUES = ("123456782", "111222333", "123456873")
SENTENCES = ("Mijn BSN is {}.", "Mijn BSN is {}.", "Mijn burgerservicenummer is {}.")


class Soak:
    def __init__(self, server: Dovecot, built: Built, seed: int, directory: Path) -> None:
        self._server = server
        self._built = built
        self._seed = seed
        self._directory = directory
        self._rng = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []
        self._usual = 0.5

    def round(self, number: int) -> None:
        storage: Storage = "mdbox" if number % 4 == 3 else "maildir"
        directory = self._directory / f"round{number}"
        world = World(self._server, self._server.account(storage), directory, self._built, folders=FOLDERS)
        self._fill(world)
        doomed = [number for number in range(MAILS + 2 * KILLS) if self._rng.random() < 0.15]
        busy = Busy(world, FOLDERS, doomed, self._rng.randrange(2**32))
        busy.start()
        try:
            for _ in range(KILLS):
                self._kill(world)
        except TimeoutError:
            self._report([f"round {number} ({storage}): the worker hangs"], directory)
            return
        finally:
            done = busy.stop()
        self._server.hang_up()
        self.counts["actions"] += done.actions.total()
        for _ in range(4):  # what the other client did last may need another look
            status = world.run()
        broken = [f"round {number} ({storage}): {each}" for each in (*self._held_against(world, done),)]
        if status != 0:
            broken.append(f"round {number}: the undisturbed worker ends with {status}")
        self._server.hang_up()
        self._report(broken, directory)

    def _report(self, broken: list[str], directory: Path) -> None:
        if broken:
            self.broken += broken
            print("\n".join(broken), f"see {directory}", sep="\n", flush=True)
        else:
            shutil.rmtree(directory)

    def _fill(self, world: World) -> None:
        client = self._server.connect(world.account)
        client.create_folder("Archief")
        for _ in range(MAILS):
            self._arrives(world, client)

    def _arrives(self, world: World, client: IMAPClient) -> None:
        which = self._rng.randrange(len(VALUES))
        flags = [flag for flag in (b"\\Seen", b"\\Flagged", b"$Eigen") if self._rng.random() < 0.5]
        folder = FOLDERS[self._rng.random() < 0.3]
        if self._rng.random() < 0.8:
            body, values = f"Goedemiddag,\n\n{SENTENCES[which]}\n".format(VALUES[which]), [VALUES[which]]
        else:
            body, values = "Dank, het werkt weer.\n", []
        body += "Een regel die er niet toe doet.\n" * self._rng.randrange(200)
        world.put(body, values=values, flags=flags, folder=folder, client=client)
        self.counts["mails"] += 1

    def _kill(self, world: World) -> None:
        client = self._server.connect(world.account)
        for _ in range(self._rng.choice((1, 1, 2))):
            self._arrives(world, client)
        self._server.hang_up()
        kind = self._rng.choices(("clock", "point", "server"), (45, 47, 8))[0]
        began = time.monotonic()
        if kind == "clock":
            status = world.run(after=self._rng.random() * self._usual)
        elif kind == "point":
            status = world.run(partial(arm, self._rng.choice(EVERY), skip=self._rng.choice((0, 0, 0, 1))))
        else:
            act = partial(os.killpg, self._server.group, signal.SIGKILL)
            world.run(partial(arm, self._rng.choice(EVERY), act))
            self._server.kill()
            self._server.restart()
            status = -signal.SIGKILL
        if status == -signal.SIGKILL:
            self.counts["kills"] += 1
            self.counts[f"by {kind}"] += 1
        else:  # how long a run takes here, so that the clock strikes anywhere in it
            self._usual = 0.8 * self._usual + 0.2 * (time.monotonic() - began)

    def _held_against(self, world: World, done: Done) -> list[str]:
        broken = []
        stands = world.look()
        for mail in world.mails:
            copies = [each for each in stands if mail.message_id in each.payload]
            name = f"mail {mail.number}"
            if not copies and mail.number not in done.deleted:
                self.counts["lost"] += 1
                broken.append(f"{name}: lost")
            if len(copies) > 1 + done.copies[mail.number]:
                self.counts["doubled"] += 1
                where = [(each.folder, each.uid) for each in copies]
                broken.append(f"{name}: doubled: {len(copies)}, copied {done.copies[mail.number]} times, in {where}")
            for copy in copies:
                if any(value in copy.payload for value in mail.values):
                    self.counts["left"] += 1
                    broken.append(f"{name}: left in {copy.folder}, uid {copy.uid}, {sorted(copy.flags)}")
                else:  # flags are the other client's
                    differ = list(differences(name, replace(mail, flags=tuple(copy.flags)), copy, moved=True))
                    self.counts["changed"] += bool(differ)
                    broken += differ

        def entries(mail: Mail) -> tuple[int, int]:
            return (0 if mail.number in done.deleted else 1), 1 + done.copies[mail.number]

        return broken + list(world.record_violations(entries))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=3_600, help="stop after so long, whatever was reached")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    asked = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="scrubber-soak-"))
    began = time.monotonic()
    built = build()
    with Dovecot() as server:
        soak = Soak(server, built, asked.seed, directory)
        number = 0
        while soak.counts["kills"] < asked.kills and time.monotonic() - began < asked.seconds:
            soak.round(number)
            number += 1
    seconds = round(time.monotonic() - began)
    counts = soak.counts
    print(
        f"kills {counts['kills']} (by the clock {counts['by clock']}, at a point {counts['by point']}, "
        f"the server {counts['by server']}), mailboxes {number}, mails {counts['mails']}, "
        f"other client's actions {counts['actions']}, "
        f"lost {counts['lost']}, doubled {counts['doubled']}, left {counts['left']}, changed {counts['changed']}, "
        f"other violations {len(soak.broken) - sum(counts[w] for w in ('lost', 'doubled', 'left', 'changed'))}, "
        f"seconds {seconds}, seed {asked.seed}"
    )
    return 1 if soak.broken else 0


if __name__ == "__main__":
    sys.exit(main())
