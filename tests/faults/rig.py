"""What the stories of faults are told with: small disks, failing disks, the real program, and how it is asked.

A story is a function of a module `*_story.py`, named as a sentence:

    from rig import story, told

    @story
    def a_full_disk_is_told(world):
        disk = world.disk("8M")
        server = world.server(disk.path)
        disk.fill()
        told(server.post("/v1/people", {...}).status == 503, "a full disk is 503")

Whatever the world gave (disks, servers, clusters, folders) ends with the story. Nothing here knows the program but by its
command line, its settings and its API.
"""

import contextlib
import email.message
import errno
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = pathlib.Path(os.environ.get("CLAIRIERE_BINARY", TARGET / "debug" / "clairiere"))
# Whether trials run whole instead of shortened.
LONG = os.environ.get("LONG", "") not in ("", "0")

STORIES = []


class Failed(AssertionError):
    """What a story expected and did not find."""


def story(function):
    """Mark a function as a story: `run.py` tells it."""
    STORIES.append(function)
    return function


def told(holds, sentence, *seen):
    """Fail with a sentence, and what was seen instead, unless it holds."""
    if not holds:
        raise Failed(": ".join([sentence, *(str(one) for one in seen)]))


def until(condition, seconds=10.0, every=0.05):
    """Wait until a condition holds; answers its last value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() >= end:
            return value
        time.sleep(every)


def free_port():
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- asking ------------------------------------------------------------------------------------------------------------


class Answer:
    """What was answered; status 0 when nothing was (refused, cut, too late)."""

    def __init__(self, status, body=b"", headers=None, error=None):
        # Headers are found whatever their case.
        self.status, self.body, self.headers, self.error = status, body, headers or email.message.Message(), error

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def code(self):
        """The dotted code of a problem."""
        return self.json.get("code") if isinstance(self.json, dict) else None

    def __str__(self):
        return f"{self.status} {self.body[:600].decode(errors='replace')}{self.error or ''}"


def call(method, url, body=None, key=None, headers=None, timeout=10.0):
    """One request with JSON; bytes are sent as they are."""
    headers = dict(headers or {})
    if key:
        headers.setdefault("Authorization", f"Bearer {key}")
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.read(), answer.headers)
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.read(), refused.headers)
    except (OSError, ValueError, urllib.error.URLError) as cut:
        return Answer(0, error=repr(cut))
    except Exception as cut:  # http.client's own, when the other side dies in the middle of an answer
        return Answer(0, error=repr(cut))


# --- disks -------------------------------------------------------------------------------------------------------------


class Disk:
    """A small file system of its own (tmpfs)."""

    def __init__(self, path, size, inodes=None):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        options = f"size={size},mode=0755" + (f",nr_inodes={inodes}" if inodes else "")
        command("mount", "-t", "tmpfs", "-o", options, "clairiere-faults", self.path)
        self.mounted = True

    def fill(self, leave=0):
        """Take all the room, but for so many bytes."""
        with open(self.path / ".filling", "ab", buffering=0) as filling:
            block = bytes(1 << 16)
            while True:
                room = os.statvfs(self.path)
                left = room.f_bavail * room.f_frsize - leave
                if left <= 0:
                    return
                try:
                    filling.write(block[: min(left, len(block))])
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise
                    return

    def free(self):
        """Give back what `fill` took."""
        (self.path / ".filling").unlink(missing_ok=True)

    def resize(self, size):
        """Another size, or other options of mount (`ro`, `rw`), while it is in use."""
        option = size if size in ("ro", "rw") else f"size={size}"
        command("mount", "-o", f"remount,{option}", self.path)

    def unmount(self):
        """Take it away, even from who uses it."""
        if self.mounted:
            command("umount", "--lazy", self.path)
            self.mounted = False


class Faults:
    """The preloaded library: the calls on some paths fail while `on`."""

    def __init__(self, folder, paths, number=errno.EIO, calls="write,sync,truncate"):
        self.trigger = pathlib.Path(folder) / "trigger"
        self.settings = {
            "LD_PRELOAD": str(library()),
            "FAULT_TRIGGER": str(self.trigger),
            "FAULT_PATH": ":".join([paths] if isinstance(paths, str) else paths),
            "FAULT_ERRNO": str(number),
            "FAULT_CALLS": calls,
        }

    def on(self):
        self.trigger.touch()

    def off(self):
        self.trigger.unlink(missing_ok=True)


def library():
    """faults.c, compiled when it is newer than what was compiled."""
    made, source = TARGET / "ci" / "faults.so", HERE / "faults.c"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        made.parent.mkdir(parents=True, exist_ok=True)
        new = made.with_suffix(f".{os.getpid()}")
        command(os.environ.get("CC", "cc"), "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", new, source, "-ldl")
        new.rename(made)
    return made


# --- the program -------------------------------------------------------------------------------------------------------


class Run:
    """What a command did."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"


def command(*words, timeout=120, **options):
    """A command that must succeed."""
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


class Place:
    """Where one installation lives: its database, files and mails, and its settings."""

    def __init__(self, folder, settings=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings = {
            "DATABASE_URL": f"sqlite:{self.folder / 'clairiere.db'}",
            "FILES_DIR": str(self.folder / "files"),
            "MAIL_DIR": str(self.folder / "mail"),
            "LOG": "warn,clairiere=info",
            "CALLS_PER_MINUTE": "0",
            **(settings or {}),
        }

    @property
    def database(self):
        """The file of the database (SQLite)."""
        return pathlib.Path(self.settings["DATABASE_URL"].removeprefix("sqlite:"))

    @property
    def files(self):
        return pathlib.Path(self.settings["FILES_DIR"])

    @property
    def mails(self):
        return pathlib.Path(self.settings["MAIL_DIR"])

    def environment(self, more=None):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "TZ", "LANG") if name in os.environ}
        return {**kept, **self.settings, **(more or {})}

    def run(self, *words, timeout=180, more=None):
        """One of the program's commands: `place.run("verify")`."""
        done = subprocess.run(
            [str(BINARY), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment(more),
            cwd=self.folder if self.folder.exists() else None,
        )
        return Run(done)

    def key(self, role="coop_admin", email=None, *more):
        """A key, made on the command line."""
        made = self.run("key", "create", "--email", email or f"{role}@example.org", "--role", role, *more)
        told(made.code == 0, "a key is made", made)
        return made.out.strip().splitlines()[-1].strip()


class Server:
    """`clairiere serve` (or another command that runs until it is ended)."""

    def __init__(self, place, log, words=("serve",), more=None, port=None):
        self.place, self.words, self.more, self.log_file = place, words, dict(more or {}), pathlib.Path(log)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = None
        self.process = None

    def start(self, wait=30.0):
        """Start it and wait for its port (`serve` only)."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(BINARY), *self.words],
                env=self.place.environment({"LISTEN": f"127.0.0.1:{self.port}", **self.more}),
                cwd=self.place.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self.words[0] == "serve" and wait:
            ready = until(lambda: self.answers() or self.process.poll() is not None, wait, 0.02)
            told(ready and self.alive, "the server starts", self.log()[-2000:])
        return self

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        if self.alive:
            self.process.send_signal(number)

    def kill(self):
        """SIGKILL, and see it dead."""
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait(20)

    def stop(self, seconds=30.0):
        """SIGTERM; answers how long it took. SIGKILL when that is not enough, and the story fails."""
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        if self.process:
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise Failed(f"{' '.join(self.words)} did not stop within {seconds} s") from None
        return time.monotonic() - begun

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    # Requests: with the server's `key` unless another (or none: "") is given.
    def call(self, method, path, body=None, key=None, **more):
        return call(method, self.url + path, body, self.key if key is None else key, **more)

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)


# --- the world of a story ----------------------------------------------------------------------------------------------


class World:
    """Gives a story what it needs, and takes all of it back."""

    def __init__(self):
        self.ends = contextlib.ExitStack()
        self.servers = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="clairiere-faults-"))
        self.ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.made = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            for server in self.servers:
                lines = server.log().splitlines()[-25:]
                print(f"--- {' '.join(server.words)} said", *lines, sep="\n", file=sys.stderr)
        self.ends.close()

    def name(self, kind):
        self.made += 1
        return self.folder / f"{kind}-{self.made}"

    def dir(self):
        """An empty folder."""
        made = self.name("folder")
        made.mkdir()
        return made

    def disk(self, size="8M", inodes=None):
        """A disk of its own, mounted; needs root."""
        disk = Disk(self.name("disk"), size, inodes)
        self.ends.callback(disk.unmount)
        return disk

    def faults(self, paths, number=errno.EIO, calls="write,sync,truncate"):
        """Calls that fail on some paths while `.on()`; give `.settings` to a server or a command as `more`."""
        return Faults(self.dir(), paths, number, calls)

    def place(self, folder=None, settings=None):
        """An installation that is not started."""
        return Place(folder or self.name("place"), settings)

    def server(self, place=None, words=("serve",), more=None, role="coop_admin", start=True):
        """A server that runs, with an administrator's key. `place`: a Place, or the folder of one."""
        if not isinstance(place, Place):
            place = self.place(place)
        server = Server(place, self.name("log"), words, more)
        self.servers.append(server)
        self.ends.callback(server.kill)
        if start:
            if role:
                server.key = place.key(role)
            server.start()
        return server
