"""What is counted of each acknowledged fact: the mails that came, and the signatures that are kept.

A mail is told by what it says to whom, not by its Message-ID; a signature by its half-day and person, as the tables hold them.
Each count answers what is wrong: pairs of a column of the bench and a sentence.
"""

import contextlib
import csv
import sqlite3
import subprocess
import uuid

from mailbox import plain

SIGNED = """
select 'evidence', slot_id, enrolment_id, id from mark_evidence where enrolment_id is not null
union all select 'mark', slot_id, enrolment_id, evidence_id from mark
union all select 'late', slot_id, enrolment_id, evidence_id from late_mark
"""
# The first evidence once more, as another device would bring it: its two names change places.
TWIN = (
    "create temporary table twin as select * from mark_evidence where enrolment_id is not null order by id limit 1",
    "update twin set id = client_uuid, client_uuid = id",
    "insert into mark_evidence select * from twin",
)


class Records:
    """The tables, read past the program. Nothing is ever written: what is tried first is rolled back."""

    def __init__(self, place, programs):
        self.place, self.url, self.programs = place, place.settings["DATABASE_URL"], programs

    def rows(self, query, first=()):
        return self.of_postgres(query, first) if self.url.startswith("postgres") else self.of_sqlite(query, first)

    def of_sqlite(self, query, first):
        path = f"file:{self.place.database}?mode={'rw' if first else 'ro'}"
        with contextlib.closing(sqlite3.connect(path, uri=True, timeout=20, isolation_level=None)) as database:
            database.execute("begin immediate" if first else "begin")
            try:
                for words in first:
                    database.execute(words)
                return database.execute(query).fetchall()
            finally:
                database.execute("rollback")

    def of_postgres(self, query, first):
        words = ";\n".join(["begin" if first else "begin read only", *first, query, "rollback"]) + ";"
        asked = [self.programs / "psql", "--no-psqlrc", "--quiet", "--csv", "--tuples-only", "--set=ON_ERROR_STOP=1", self.url]
        done = subprocess.run(asked, input=words, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return list(csv.reader(done.stdout.splitlines()))

    def signed(self, first=()):
        """Each evidence, mark and late mark: its kind, its seat, its evidence."""
        rows = self.rows(SIGNED, first)
        return [(kind, (known(slot), known(enrolment)), known(evidence)) for kind, slot, enrolment, evidence in rows]


def known(value):
    """An identifier as the API writes it: SQLite keeps its bytes."""
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else value or None


def signatures(rows, acknowledged):
    """Each half-day and person has one evidence, one mark that names it, and nothing that waits. `acknowledged`: seat →
    evidence, None when it was only said that there is one."""
    found, seats = [], {}
    for kind, seat, evidence in rows:
        seats.setdefault(seat, {"evidence": [], "mark": [], "late": []})[kind].append(evidence)
    for seat, kept in seats.items():
        if max(len(kept["evidence"]), len(kept["mark"])) > 1 or kept["late"]:
            counts = ", ".join(f"{kind} {len(kept[kind])}" for kind in kept)
            found.append(("doubled", f"the signature {seat}: {counts}: {kept}"))
        elif kept["evidence"] != kept["mark"]:
            found.append(("torn", f"the signature {seat}: {kept}"))
    for seat, evidence in acknowledged.items():
        kept = seats.get(seat, {"evidence": []})["evidence"]
        if not kept or evidence and evidence not in kept:
            found.append(("lost", f"the signature {seat}: {kept} for {evidence}"))
    return found


def mails(heard, messages, papers):
    """Each thing was said once to each addressee: one Message-ID a thing, a paper, a cause; and each is a message of ours.

    `heard`: Message-ID → what came; `messages`: as the API lists them; `papers`: acknowledged quote → reference.
    """
    found, twice = [], {}
    came = {id_of(name): what for name, what in heard.items()}
    rows = {row["id"]: row for row in messages}
    things, carried, causes = {}, {}, {}
    for one, what in came.items():
        things.setdefault(what.thing, set()).add(one)
        for file in what.attached:
            # « Devis DEV-2026-0001.pdf »
            carried.setdefault(file.removesuffix(".pdf").rsplit(" ", 1)[-1], set()).add(one)
    for row in messages:
        causes.setdefault((row["cause"], row["to_address"], row["enrolment_id"]), set()).add(row["id"])
    counted = [
        *((f"the mail {thing}", those) for thing, those in things.items()),
        *((f"the mail of quote {quote} ({paper})", carried.get(paper, ())) for quote, paper in papers.items()),
        *((f"the messages of {cause}", those) for cause, those in causes.items()),
    ]
    # What left twice may show in several of these ways: it is told once.
    for sentence, those in counted:
        if len(those) > 1:
            twice.setdefault(frozenset(those), f"{sentence}: {sorted(those)}")
    found += [("doubled", sentence) for sentence in twice.values()]
    for one, what in came.items():
        row = rows.get(one)
        if row is None:
            found.append(("doubled", f"the mail {what.thing}: {one} is no message of ours"))
        elif (row["to_address"], plain(row["subject"])) != (what.to, what.subject):
            found.append(("torn", f"the mail {one}: {what.thing} for {row['to_address']}, {row['subject']}"))
    found += [
        ("lost", f"the message {row['id']} is said to have left, and never came")
        for row in messages
        if row["state"] == "sent" and row["id"] not in came
    ]
    return found


def id_of(name):
    """The message whose Message-ID it is."""
    return name.strip("<>").split("@")[0]
