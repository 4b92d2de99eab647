"""Processes are killed while they write: `python3 benches/kill/main.py [--sqlite 300] [--postgres 100] [--seed N]`.

SIGKILL at any moment under writes, signatures, papers and mails; between kills the disk fills up (SQLite), the database
crashes and comes back (PostgreSQL, two servers and two workers on one database). Each time the service is back, what was
acknowledged is looked for, whoever was cut off asks again, and `verify` reads everything. At last a mail and a signature are
doubled on purpose: a count that does not see them is blind. One table at the end; exit code 1 when anything was lost,
doubled, torn or not verified. Needs root (a small disk is mounted). The program is
`target/debug/clairiere` unless CLAIRIERE_BINARY names another.
"""

import argparse
import datetime
import os
import pathlib
import random
import re
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "tests" / "faults"), str(HERE)]

import census  # noqa: E402
import rig  # noqa: E402
from cooperative import Cooperative  # noqa: E402
from load import Load  # noqa: E402
from mailbox import Mailbox  # noqa: E402
from postgres import Cluster, programs  # noqa: E402

COLUMNS = (
    "kills", "full", "crashes", "writes", "signatures", "papers", "mails", "asked again", "asked anew",
    "already there", "503", "same mail again", "lost", "doubled", "torn", "unverified", "stuck", "blind", "surprises", "seconds",
)  # fmt: skip
# How long mails may take after the last kill: a job that a killed worker held must be taken up by another.
DRAIN = 400 if rig.LONG else 45


class Trial:
    """One database, its processes, the hands that work, and what was found."""

    def __init__(self, world, name, chance):
        self.world, self.name, self.chance = world, name, chance
        self.mailbox = Mailbox()
        world.ends.callback(self.mailbox.close)
        self.found = dict.fromkeys(COLUMNS, 0)
        self.seen, self.told = {"people": 0, "signed": 0, "papers": 0}, []
        self.noted, self.shown = set(), 0

    def settings(self, **more):
        return {"MAIL_URL": self.mailbox.url, "LOG": "error", **more}

    def begin(self, place, servers):
        self.place, self.servers = place, servers
        keys = [place.key(role) for role in ("coop_admin", "coop_training")]
        self.key = keys[0]
        for server in servers:
            server.key = keys[0]
            server.start()
        self.records = census.Records(place, programs())
        self.cooperative = Cooperative(servers[0], *keys)
        self.load = Load(self.cooperative, servers)
        self.load.start()

    def note(self, what, sentence):
        if (what, sentence) in self.noted:
            return
        self.noted.add((what, sentence))
        self.found[what] += 1
        self.told.append(f"{self.name}, kill {self.found['kills']}, {what}: {sentence}")

    def alive(self):
        return next(server for server in self.servers if server.alive)

    def get(self, path):
        for _ in range(40):
            answer = self.alive().get(path, key=self.key)
            if answer.status not in (0, 503):
                return answer
            time.sleep(0.25)
        return answer

    def pages(self, path):
        after = ""
        while True:
            answer = self.get(f"{path}{'&' if '?' in path else '?'}limit=200{after}")
            if answer.status != 200:
                raise SystemExit(f"GET {path}: {answer}")
            yield from answer.json["items"]
            if not answer.json.get("next"):
                return
            after = f"&after={answer.json['next']}"

    # --- rounds ---

    def more_seats(self):
        if len(self.load.seats) < 40:
            fresh = self.cooperative.seats()
            with self.load.lock:
                self.load.seats[:0] = fresh

    def progress(self):
        if self.found["kills"] // 20 != self.shown:
            self.shown = self.found["kills"] // 20
            print(f"{self.name}: {self.found['kills']} kills, {len(self.told)} things to tell", file=sys.stderr, flush=True)

    def check_latest(self):
        """What was acknowledged since the last look is there."""
        load = self.load
        with load.lock:
            people = list(load.people.items())[self.seen["people"] :]
            signed = list(load.signed.items())[self.seen["signed"] :]
            papers = list(load.papers)[self.seen["papers"] :]
        self.seen = {"people": self.seen["people"] + len(people), "signed": self.seen["signed"] + len(signed),
                     "papers": self.seen["papers"] + len(papers)}  # fmt: skip
        for name, made in people:
            if self.get(f"/v1/people/{made}").status != 200:
                self.note("lost", f"a person ({name})")
        by_slot = {}
        for (slot, enrolment), evidence in signed:
            by_slot.setdefault(slot, []).append((enrolment, evidence))
        for slot, enrolments in by_slot.items():
            there = self.signatures_of(slot)
            for enrolment, evidence in enrolments:
                if there.get(enrolment) is None or evidence and there[enrolment] != evidence:
                    self.note("lost", f"a signature ({slot}, {enrolment}): {there.get(enrolment)} for {evidence}")
        for quote in papers:
            documents = self.get(f"/v1/documents?quote_id={quote}").json.get("items", [])
            if len(documents) != 1:
                self.note("doubled" if documents else "lost", f"the paper of quote {quote}")
            for document in documents:
                file = self.get(f"/v1/documents/{document['id']}/file")
                if file.status != 200 or file.body[:5] != b"%PDF-" or b"%%EOF" not in file.body[-32:]:
                    self.note("torn", f"{document['reference']}: {file.status} {file.body[:200]!r}")

    def signatures_of(self, slot):
        marks = self.get(f"/v1/slots/{slot}/attendance").json.get("marks", [])
        return {mark["enrolment_id"]: mark.get("evidence_id") for mark in marks}

    def verify(self):
        verified = self.place.run("verify", timeout=600)
        if verified.code != 0:
            self.note("unverified", f"verify: {verified}"[:3000])

    # --- the end ---

    def check_all(self):
        """Everything, once more: nothing twice, every mail gone."""
        load = self.load
        names = {}
        for person in self.pages("/v1/people"):
            names[person["birth_name"]] = names.get(person["birth_name"], 0) + 1
        for name in load.people:
            count = names.get(f"Lefèvre {name}", 0)
            if count != 1:
                self.note("doubled" if count else "lost", f"a person ({name})")
        self.seen = dict.fromkeys(self.seen, 0)
        self.check_latest()
        rig.until(lambda: not self.unsent(), DRAIN, 1.0)
        unsent = self.unsent()
        waiting = sum(1 for state in ("ready", "running") for _ in self.pages(f"/v1/jobs?state={state}"))
        if unsent and not waiting:
            self.note("lost", f"{len(unsent)} mails never went, and no job waits: {sorted(unsent)[:5]}")
        elif unsent:
            self.told.append(f"{self.name}: {len(unsent)} mails still wait in {waiting} jobs")
            # Some wait for another try; what is due is taken within half a minute, whoever was killed.
            for late in self.stuck():
                self.note("stuck", late)
        for finding in self.signatures() + self.mails():
            self.note(*finding)
        for name, faults in self.mailbox.torn:
            self.note("torn", f"mail {name}: {faults}")
        self.found["mails"] = len(self.mailbox.counts)
        self.found["same mail again"] = sum(count - 1 for count in self.mailbox.counts.values())

    def signatures(self, first=()):
        return census.signatures(self.records.signed(first), self.load.signed)

    def mails(self, *more):
        """What is wrong with the mails; `more` are messages that the API would list, too."""
        papers = {document["quote_id"]: document["reference"] for document in self.pages("/v1/documents?kind=quote")}
        papers = {quote: papers.get(quote) for quote in self.load.papers}
        rows = {row["id"]: row for row in self.pages("/v1/messages")}
        with self.mailbox.lock:
            heard = dict(self.mailbox.heard)
        # Those that were written and left meanwhile are messages, too.
        rows = {row["id"]: row for row in [*self.pages("/v1/messages"), *more]} | rows
        return census.mails(heard, rows.values(), papers)

    def prove(self):
        """Double a signature, then a mail, and undo it: each must be counted once."""
        before = self.signatures()
        self.must_see("signature", set(self.signatures(census.TWIN)) - set(before))
        self.must_see("signature left", set(self.signatures()) - set(before), 0)
        if not self.mailbox.last:
            return self.note("blind", "no mail came")
        before = self.mails()
        first, other = self.mailbox.double()
        # As if the program had written it, about something else.
        what = self.mailbox.heard[first]
        twin = {"id": census.id_of(other), "cause": "twin", "to_address": what.to, "subject": what.subject,
                "enrolment_id": None, "state": "sent"}  # fmt: skip
        self.must_see("mail", set(self.mails(twin)) - set(before))
        self.mailbox.forget(other)

    def must_see(self, what, found, times=1):
        if [column for column, _ in found] != ["doubled"] * times:
            self.note("blind", f"a doubled {what}: {sorted(found)}")
        elif times:
            self.told.append(f"{self.name}: a {what} doubled on purpose is seen: {found.pop()[1][:200]}")

    def stuck(self):
        """Mail jobs that are due for a minute and that nobody finishes."""
        before = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)).isoformat()
        for state in ("ready", "running"):
            for job in self.pages(f"/v1/jobs?state={state}"):
                if job["kind"] in ("mail", "send") and job["due_at"] < before:
                    yield f"job {job['id']} ({job['kind']}, {state}) is due since {job['due_at']}: {job['last_error']}"

    def unsent(self):
        """Quotes whose mail was not received by the mailbox."""
        gone = set()
        for message in self.pages("/v1/messages"):
            name = re.match(r"<[^>]+>", message.get("receipt") or "")
            if message["state"] == "sent" and name and self.mailbox.counts[name[0]]:
                gone.update(message["document_ids"])
        by_quote = {document["quote_id"]: document["id"] for document in self.pages("/v1/documents?kind=quote")}
        return {quote for quote in self.load.papers if by_quote.get(quote) not in gone}

    def end(self, begun):
        if not self.load.rest(60):
            self.note("surprises", "a hand never got an answer")
        self.check_all()
        self.prove()
        self.load.end.set()
        for server in self.servers:
            server.stop()
        self.verify()
        load = self.load
        self.found.update({"writes": len(load.people), "signatures": len(load.signed), "papers": len(load.papers),
                           "asked again": load.repeated, "asked anew": load.renewed, "already there": load.already, "503": load.unable,
                           "seconds": round(time.monotonic() - begun)})  # fmt: skip
        for surprise in load.surprises:
            self.note("surprises", surprise)


def sqlite(world, kills, chance):
    """One server, its worker within, on a disk that fills up now and then."""
    begun, trial = time.monotonic(), Trial(world, "SQLite", chance)
    disk = world.disk("2G")
    server = world.server(world.place(disk.path / "data", trial.settings()), start=False)
    trial.begin(server.place, [server])
    while trial.found["kills"] < kills:
        number = trial.found["kills"]
        trial.more_seats()
        trial.load.run(chance.uniform(0.1, 0.7))
        full = number % 6 == 3
        if full:
            fill(disk, chance.choice((0, 16, 64)))
            trial.found["full"] += 1
            time.sleep(chance.uniform(0.05, 0.5))
            if chance.random() < 0.5:
                # Room again, while it runs: what is acknowledged from now on counts.
                disk.resize("2G")
                time.sleep(chance.uniform(0.1, 0.6))
        server.kill()
        trial.found["kills"] += 1
        disk.resize("2G")
        if number % 2:
            trial.verify()
        server.start()
        if number % 10 == 7 and trial.found["kills"] < kills:
            # Again, while it has hardly begun.
            time.sleep(chance.uniform(0, 0.05))
            server.kill()
            trial.found["kills"] += 1
            server.start()
        if not trial.load.rest():
            trial.note("surprises", "a hand got no answer within 40 s")
        trial.check_latest()
        trial.progress()
        if number % 2 == 0:
            trial.verify()
    trial.end(begun)
    return trial


def fill(disk, kilobytes):
    """As if all but so many kilobytes were taken by others."""
    for _ in range(20):
        room = os.statvfs(disk.path)
        used = (room.f_blocks - room.f_bfree) * room.f_frsize // 1024
        try:
            disk.resize(f"{used + max(kilobytes, 4)}k")
            return
        except rig.Failed:
            kilobytes += 8


def postgres(world, kills, chance):
    """Two servers and two workers on one database, which crashes now and then."""
    begun, trial = time.monotonic(), Trial(world, "PostgreSQL", chance)
    cluster = world.ends.enter_context(Cluster(world.name("cluster") / "pg"))
    place = world.place(settings=trial.settings(DATABASE_URL=cluster.database("kill")))
    migrated = place.run("migrate")
    rig.told(migrated.code == 0, "the database is migrated", migrated)
    servers = [world.server(place, ("serve", "--no-worker"), start=False) for _ in range(2)]
    workers = [world.server(place, ("work",), start=False) for _ in range(2)]
    trial.begin(place, servers)
    for worker in workers:
        worker.start()
    number = -1
    while trial.found["kills"] < kills:
        number += 1
        trial.more_seats()
        trial.load.run(chance.uniform(0.1, 0.7))
        # A server or a worker, or one of each at the same moment.
        victims = [chance.choice(servers if number % 2 else workers)]
        if number % 7 == 4:
            victims = [chance.choice(servers), chance.choice(workers)]
        crash = number % 6 == 3
        if crash:
            cluster.stop("immediate")
            trial.found["crashes"] += 1
        for victim in victims:
            victim.kill()
        trial.found["kills"] += len(victims)
        if crash:
            cluster.start()
        for process in servers + workers:
            if not process.alive:
                process.start()
        if not trial.load.rest():
            trial.note("surprises", "a hand got no answer within 40 s")
        trial.check_latest()
        trial.progress()
        if number % 3 == 0:
            trial.verify()
    trial.end(begun)
    for worker in workers:
        worker.signal(signal.SIGKILL)
    return trial


def main():
    long = rig.LONG
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlite", type=int, default=300 if long else 12, help="kills on SQLite")
    parser.add_argument("--postgres", type=int, default=100 if long else 6, help="kills on PostgreSQL")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments of the kills")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    trials = []
    for trial, kills in ((sqlite, chosen.sqlite), (postgres, chosen.postgres)):
        if kills:
            with rig.World() as world:
                trials.append(trial(world, kills, random.Random(chosen.seed)))
    width = max(map(len, COLUMNS))
    print(f"{'':<{width}}" + "".join(f"{trial.name:>12}" for trial in trials))
    for column in COLUMNS:
        print(f"{column:<{width}}" + "".join(f"{trial.found[column]:>12}" for trial in trials))
    for trial in trials:
        print(*trial.told, sep="\n")
    bad = sum(trial.found[what] for trial in trials for what in ("lost", "doubled", "torn", "unverified", "stuck", "blind", "surprises"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
