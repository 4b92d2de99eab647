"""A PostgreSQL cluster of a story's own: as durable as its defaults, on a free port, ended with the story."""

import os
import pathlib
import pwd
import shutil
import subprocess

import rig


def programs():
    """The newest server that is installed, or None."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    return found[-1].parent if found else None


def account():
    """Who runs it: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "clairiere-ci"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise rig.Failed("no account to run PostgreSQL as: its package makes one (postgres)")


class Cluster:
    """`with Cluster(folder) as cluster: cluster.database("kill")`."""

    def __init__(self, folder, **settings):
        self.folder, self.bin, self.user = pathlib.Path(folder), programs(), account()
        rig.told(self.bin, "PostgreSQL is installed: apt-get install postgresql")
        self.port, self.settings = rig.free_port(), settings
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            shutil.chown(self.folder, self.user)
            # Its parents are made for one account only.
            for parent in self.folder.parents:
                if parent.stat().st_mode & 0o777 == 0o700:
                    parent.chmod(0o711)
        self.data = self.folder / "data"
        self.run("initdb", f"--pgdata={self.data}", "--username=clairiere", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop("immediate")

    def run(self, program, *words):
        prefix = ["runuser", "-u", self.user, "--"] if self.user else []
        with open(self.folder.parent / "postgres-programs.log", "ab") as log:
            done = subprocess.run([*prefix, str(self.bin / program), *words], cwd="/", stdout=log, stderr=log, timeout=120)
        return done.returncode

    def start(self):
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=120"
        options += "".join(f" -c {name}={value}" for name, value in self.settings.items())
        code = self.run("pg_ctl", f"--pgdata={self.data}", f"--log={self.folder}/log", "--wait", "--silent", f"--options={options}", "start")
        rig.told(code == 0, "PostgreSQL starts", (self.folder / "log").read_text()[-2000:] if (self.folder / "log").exists() else "")

    def stop(self, mode="fast"):
        """`immediate` is a crash: the next start recovers."""
        self.run("pg_ctl", f"--pgdata={self.data}", f"--mode={mode}", "--wait", "--silent", "stop")

    def database(self, name):
        """A new database; its address."""
        code = self.run("createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=clairiere", name)
        rig.told(code == 0, "a database is made")
        return f"postgres://clairiere@127.0.0.1:{self.port}/{name}"
