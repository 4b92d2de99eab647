"""What the program writes is its user's alone, whatever the umask."""

import os
import shutil
import stat
import subprocess

from files import scan, upload
from rig import BINARY, Server, story, told, until


def wide(folder):
    """Everything below that others than its owner may open."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & 0o077 or mode & ~(0o700 if path.is_dir() else 0o600):
            found.append(f"{path} {mode:o}")
    return found


def with_umask(place, *words, timeout=120):
    """A command run with umask 000."""
    done = subprocess.run(
        [str(BINARY), *map(str, words)],
        capture_output=True, text=True, timeout=timeout, env=place.environment(), cwd=place.folder, umask=0,
    )
    told(done.returncode == 0, f"{words[0]} succeeds", done.stdout, done.stderr)
    return done.stdout


@story
def everything_is_its_owners_alone_though_the_umask_lets_all_in(world):
    place = world.place()
    place.folder.chmod(0o755)
    data = place.folder / "data"
    place.settings |= {
        "DATABASE_URL": f"sqlite:{data / 'clairiere.db'}",
        "FILES_DIR": str(data / "files"),
        "MAIL_DIR": str(data / "mail"),
    }
    key = with_umask(place, "key", "create", "--email", "admin@example.org", "--role", "coop_admin").strip()
    server = Server(place, world.name("log"))
    world.servers.append(server)
    world.ends.callback(server.kill)
    os.umask(0)
    try:
        server.start()
    finally:
        os.umask(0o022)
    server.key = key
    told(upload(server, scan("one")).status == 201, "a file is kept")
    for companion in ("-wal", "-shm"):
        told((data / f"clairiere.db{companion}").exists(), f"the database has its {companion}")
    told(not wide(data), "what a running service wrote is its user's alone", wide(data))
    backup = place.folder / "backups" / "one"
    with_umask(place, "backup", backup)
    told(not wide(backup.parent), "a backup is its user's alone", wide(backup.parent))
    server.stop()
    again = world.place()
    with_umask(again, "restore", backup)
    told(not [one for one in wide(again.folder) if str(again.folder) + " " not in one], "what was restored, too", wide(again.folder))
    # The copy that is made before a migration.
    with_umask(again, "demo", "--no-serve", "--folder", again.folder / "demo", timeout=300)
    told(not wide(again.folder / "demo"), "papers and mails of the demo, too", wide(again.folder / "demo")[:5])
    told(list((again.folder / "demo" / "mail").glob("*.eml")), "mails were written")


@story
def what_was_open_to_others_is_closed_and_told(world):
    server = world.server()
    place = server.place
    told(upload(server, scan("one")).status == 201, "a file is kept")
    server.stop()
    copy = place.folder / "clairiere.before-20260101000000.db"
    shutil.copy(place.database, copy)
    place.mails.mkdir(exist_ok=True)
    place.mails.chmod(0o755)
    for path in (place.database, copy):
        path.chmod(0o644)
    place.files.chmod(0o755)
    server.start()
    for path, mode in ((place.database, 0o600), (copy, 0o600), (place.files, 0o700)):
        told(stat.S_IMODE(path.stat().st_mode) == mode, "it is closed", path)
        told(until(lambda: f"{path} was open to other users" in server.log()), "and it is told", path, server.log())
    told(stat.S_IMODE(place.mails.stat().st_mode) == 0o755, "a folder that may be somebody's is left")
    told("chmod 700" in server.log(), "and it is told what to do", server.log())
