"""The restore drill: a base under load is backed up, restored elsewhere, verified and served; a byte that changed anywhere
in the backup is found, and its file is named."""

import concurrent.futures
import itertools
import json
import random
import threading

from files import kept, scan, upload
from postgres import Cluster
from rig import LONG, story, told

# Rows of the base, and files of its store.
ROWS, FILES = (20_000, 300) if LONG else (1_200, 40)
HANDS = 8


def person(number):
    return {"first_name": f"Zoé {number}", "birth_name": "Lefèvre", "external_id": f"p{number}"}


def trainer(server):
    """From now on the server is asked by a trainer; answers their activity."""
    activity = server.post("/v1/activities", {"name": "Atelier", "opened_on": "2024-01-01"}).json["id"]
    who = {"first_name": "Marie", "last_name": "Martin", "email": "marie@example.org", "role": "trainer"}
    user = server.post("/v1/users", who).json["id"]
    server.post(f"/v1/activities/{activity}/members", {"user_id": user, "valid_from": "2024-01-01"})
    server.key = server.post(f"/v1/users/{user}/keys", {"label": "drill"}).json["secret"]
    return activity


def fill(server, activity, rows, files):
    """People and files, by several hands; answers the files that were acknowledged."""

    def enter(number):
        answer = server.post("/v1/people", {**person(number), "activity_id": activity})
        told(answer.status == 201, "a person is entered", answer)

    def send(number):
        content = scan(number, 2_000)
        answer = upload(server, content)
        told(answer.status == 201, "a file is kept", answer)
        return answer.json, content

    with concurrent.futures.ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(enter, range(rows)))
        return list(hands.map(send, range(files)))


class Load:
    """People go on working until they are told to stop."""

    def __init__(self, server, activity):
        self.server, self.activity = server, activity
        self.done, self.made, self.refused = threading.Event(), 0, []
        self.hands = [threading.Thread(target=self.work, args=(hand,)) for hand in range(3)]

    def __enter__(self):
        for hand in self.hands:
            hand.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for hand in self.hands:
            hand.join()

    def work(self, hand):
        for number in itertools.count():
            if self.done.is_set():
                return
            name = f"load-{hand}-{number}"
            answers = [
                self.server.post("/v1/people", {**person(name), "activity_id": self.activity}),
                upload(self.server, scan(name, 20_000)),
            ]
            self.made += sum(answer.status == 201 for answer in answers)
            self.refused += [str(answer) for answer in answers if answer.status != 201]


def flipped(world, backup, path):
    """The same backup with one byte of one file changed; the file is put back afterwards."""
    sound = path.read_bytes()
    altered = bytearray(sound)
    altered[random.randrange(len(sound))] ^= 1 << random.randrange(8)
    path.write_bytes(altered)
    try:
        done = world.place().run("verify", "--backup", backup)
        name = str(path.relative_to(backup))
        told(done.code == 1 and name in done.err, f"one byte of {name} is found, and the file named", done)
    finally:
        path.write_bytes(sound)


def kinds(backup):
    """One file of each kind, or all when the trial is whole."""
    files = sorted(path for path in backup.rglob("*") if path.is_file() and path.stat().st_size)
    if LONG:
        return random.sample(files, min(len(files), 120)) + [path for path in files if path.parent == backup]
    seen = {}
    for path in files:
        place = path.relative_to(backup).parts
        kind = place[0] if place[0] != "tables" else ("tables", path.name in ("person.jsonl", "audit_entry.jsonl"))
        seen.setdefault(kind, path)
    return list(seen.values())


def drill(world, place, elsewhere):
    server = world.server(place)
    activity = trainer(server)
    files = fill(server, activity, ROWS, FILES)
    backup = world.name("backup")
    with Load(server, activity) as load:
        taken = place.run("backup", backup, timeout=300)
        checked = place.run("verify", timeout=300)
    told(taken.code == 0, "a backup is made under load", taken)
    told(checked.code == 0, "what is written meanwhile is no fault", checked)
    told(load.made > 0 and not load.refused, "people went on working", load.made, load.refused[:3])
    manifest = json.loads((backup / "manifest.json").read_text())
    told(manifest["tables"]["person"] >= ROWS, "the people are in it", manifest["tables"]["person"])
    sound = place.run("verify", "--backup", backup)
    told(sound.code == 0, "the backup is sound", sound)
    for path in kinds(backup):
        flipped(world, backup, path)
    truncated = next(path for path in sorted((backup / "files").rglob("*")) if path.is_file())
    whole = truncated.read_bytes()
    truncated.write_bytes(whole[:-1])
    refused = elsewhere.run("restore", backup)
    told(refused.code == 1 and truncated.name in refused.err, "a file that was cut is named", refused)
    told(not elsewhere.files.exists(), "nothing was restored")
    truncated.write_bytes(whole)
    restored = elsewhere.run("restore", backup, timeout=600)
    told(restored.code == 0, "it is restored elsewhere", restored)
    verified = elsewhere.run("verify", timeout=300)
    told(verified.code == 0, "what was restored is verified", verified)
    second = world.server(elsewhere, role=None)
    second.key = server.key
    for file, content in files:
        kept(second, file, content)
    people = second.get(f"/v1/people?activity_id={activity}&limit=200").json["items"]
    told(len(people) == 200, "it is served", len(people))
    told(second.post("/v1/people", {**person("new"), "activity_id": activity}).status == 201, "and written to")
    # A copy never writes into the store of the first.
    second.stop()
    astray = elsewhere.run("serve", timeout=20, more={"FILES_DIR": str(place.files), "LISTEN": "127.0.0.1:0"})
    told(astray.code == 1 and "belongs to database" in astray.err, "the first store is refused to the copy", astray)


@story
def a_base_of_sqlite_is_restored_elsewhere(world):
    drill(world, world.place(), world.place())


@story
def a_base_of_postgresql_is_restored_elsewhere(world):
    with Cluster(world.dir() / "postgres") as cluster:
        places = [world.place(settings={"DATABASE_URL": cluster.database(name)}) for name in ("first", "second")]
        migrated = places[0].run("migrate")
        told(migrated.code == 0, "the schema is made", migrated)
        drill(world, *places)


@story
def a_backup_that_finds_no_room_leaves_nothing_and_is_told(world):
    server = world.server()
    for number in range(20):
        told(upload(server, scan(number, 100_000)).status == 201, "a file is kept")
    disk = world.disk("2M")
    refused = server.place.run("backup", disk.path / "one")
    told(refused.code == 1 and not (disk.path / "one").exists(), "no part of a backup is left", refused)
    disk.resize("16M")
    taken = server.place.run("backup", disk.path / "one")
    told(taken.code == 0, "with room it is made", taken)
    # A restore that finds no room leaves its place empty, and may be tried again.
    small, place = world.disk("1M"), world.place()
    place.settings["FILES_DIR"] = str(small.path / "files")
    refused = place.run("restore", disk.path / "one")
    told(refused.code == 1 and not place.database.exists(), "no database is made", refused)
    told(not [path for path in small.path.rglob("*") if path.is_file()], "no file is left", list(small.path.rglob("*")))
    small.resize("16M")
    restored = place.run("restore", disk.path / "one")
    told(restored.code == 0, "with room it is restored", restored)
