"""The store of files goes away, is another's, is full, cannot be written: nothing acknowledged is lost, and it is told."""

import os
import signal
import sqlite3
import threading
import time

from files import kept, scan, upload, whole
from rig import command, story, told, until


def refused(answer, code):
    told(answer.status == 503 and answer.code == code, f"an upload is 503 {code}", answer)
    told("retry-after" in map(str.lower, answer.headers), "it is told when to come back", answer.headers)


def verified(place):
    done = place.run("verify")
    told(done.code == 0, "all is as it was written", done)


@story
def a_mount_that_is_lost_takes_nothing_and_comes_back(world):
    disk, place = world.disk("16M"), world.place()
    place.settings["FILES_DIR"] = str(disk.path / "files")
    server = world.server(place)
    content = scan("before")
    file = upload(server, content)
    told(file.status == 201, "a file is kept", file)
    held = world.dir()
    command("mount", "--bind", disk.path, held)
    world.ends.callback(command, "umount", "--lazy", held)
    disk.unmount()
    refused(upload(server, scan("lost")), "files.absent")
    refused(server.get(f"/v1/files/{file.json['id']}/content"), "files.absent")
    told(server.get("/readyz").status == 503, "the service says that it is not ready", server.get("/readyz"))
    told(list(disk.path.iterdir()) == [], "nothing was written under the mount", list(disk.path.iterdir()))
    # The same at start: an empty place is not claimed beside rows that name files.
    server.stop()
    for words in (("serve",), ("work",), ("verify",), ("backup", world.name("backup"))):
        done = place.run(*words, timeout=20, more={"LISTEN": "127.0.0.1:0"})
        told(done.code == 1 and "is a mount missing?" in done.err, f"{words[0]} is refused", done)
    told(place.run("key", "list").code == 0, "what needs no file goes on")
    command("mount", "--bind", held, disk.path)
    disk.mounted = True
    server.start()
    told(server.get("/readyz").status == 200, "it is ready again")
    kept(server, file.json, content)
    told(upload(server, scan("after")).status == 201, "files are kept again")
    server.stop()
    verified(place)


@story
def another_databases_folder_is_refused_even_while_it_serves(world):
    ours, theirs = world.server(), world.server()
    content = scan("ours")
    file = upload(ours, content)
    told(file.status == 201, "a file is kept", file)
    told(upload(theirs, scan("theirs")).status == 201, "and another elsewhere")
    files, away = ours.place.files, ours.place.folder / "away"
    files.rename(away)
    files.symlink_to(theirs.place.files)
    refused(upload(ours, scan("astray")), "files.elsewhere")
    told(ours.get("/readyz").status == 503, "the service says that it is not ready")
    ours.stop()
    done = ours.place.run("serve", timeout=20, more={"LISTEN": "127.0.0.1:0"})
    told(done.code == 1 and "belongs to database" in done.err, "serve is refused", done)
    files.unlink()
    away.rename(files)
    ours.start()
    kept(ours, file.json, content)


@story
def a_full_store_keeps_nothing_by_halves(world):
    disk, place = world.disk("4M"), world.place()
    place.settings["FILES_DIR"] = str(disk.path / "files")
    server = world.server(place)
    told(upload(server, scan("before")).status == 201, "a file is kept")
    disk.fill(leave=200_000)
    refused(upload(server, scan("large", 400_000)), "files.full")
    disk.fill()
    refused(upload(server, scan("small")), "files.full")
    whole(place.files)
    told(server.get("/readyz").status == 200, "what needs no room goes on")
    disk.free()
    content = scan("after", 300_000)
    file = upload(server, content)
    told(file.status == 201, "files are kept again", file)
    kept(server, file.json, content)
    server.stop()
    verified(place)


@story
def a_store_that_may_only_be_read_is_read(world):
    disk, place = world.disk("4M"), world.place()
    place.settings["FILES_DIR"] = str(disk.path / "files")
    server = world.server(place)
    content = scan("before")
    file = upload(server, content)
    disk.resize("ro")
    refused(upload(server, scan("lost")), "files.unwritable")
    kept(server, file.json, content)
    verified(place)
    disk.resize("rw")
    told(upload(server, scan("after")).status == 201, "files are kept again")


@story
def a_store_that_fails_for_a_while_loses_nothing(world):
    place = world.place()
    faults = world.faults(f"{place.folder / 'files'}*")
    server = world.server(place, more=faults.settings)
    faults.on()
    answer = upload(server, scan("lost", 50_000))
    told(answer.status == 503 and answer.code == "files.unwritable", "an upload is 503", answer)
    whole(place.files)
    faults.off()
    content = scan("kept", 50_000)
    file = upload(server, content)
    told(file.status == 201, "files are kept again", file)
    server.kill()
    server.start()
    kept(server, file.json, content)


@story
def what_killed_writers_left_is_collected_once_it_is_old(world):
    server = world.server()
    place = server.place
    acknowledged = []
    for round in range(3):
        done = threading.Event()

        def send():
            number = 0
            while not done.is_set():
                content = scan(f"{round}-{number}", 300_000)
                answer = upload(server, content)
                if answer.status == 201:
                    acknowledged.append((answer.json, content))
                number += 1

        senders = [threading.Thread(target=send) for _ in range(3)]
        for sender in senders:
            sender.start()
        time.sleep(0.7)
        server.signal(signal.SIGKILL)
        done.set()
        for sender in senders:
            sender.join()
        server.kill()
        server.start()
    for file, content in acknowledged:
        kept(server, file, content)
    server.stop()
    old, young = place.files / "common" / ".7-1.partial", place.files / "common" / ".7-2.partial"
    mail = place.mails / ".7-3.partial"
    place.mails.mkdir(exist_ok=True)
    for path in (old, young, mail):
        path.write_bytes(b"half")
    for path in (old, mail):
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    server.start()
    told(until(lambda: not old.exists() and not mail.exists()), "what is old is collected at start")
    told(young.exists(), "what somebody may be writing is left")
    os.utime(young, (time.time() - 2 * 86_400,) * 2)
    server.stop()
    done = place.run("verify", "--collect")
    told(done.code == 0 and not young.exists(), "and by verify --collect", done)
    left = [path for path in place.files.rglob(".*.partial") if time.time() - path.stat().st_mtime > 86_400]
    told(not left, "nothing old is left", left)


@story
def an_old_program_touches_no_schema_that_is_newer(world):
    server = world.server()
    place = server.place
    server.stop()
    with sqlite3.connect(place.database) as database:
        database.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_later', 0)")
    before = sorted(path.name for path in place.folder.iterdir())
    for words in (("serve",), ("work",), ("migrate",), ("verify",), ("backup", world.name("backup")), ("key", "list")):
        done = place.run(*words, timeout=20, more={"LISTEN": "127.0.0.1:0"})
        told(done.code == 1 and "newer than this program" in done.err, f"{words[0]} is refused", done)
    told(sorted(path.name for path in place.folder.iterdir()) == before, "no copy was made")
