"""Fuzz every operation of the published contract against a live server, each with a key that may call it.

Environment: CLAIRIERE_URL, CLAIRIERE_ADMIN_KEY, CLAIRIERE_TRAINING_KEY, CLAIRIERE_TRAINER_KEY.
Argument: the folder for the report.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def roles():
    """Who calls which operation: a trainer where a trainer may, else the cooperative."""
    chosen = {}
    for line in (ROOT / "tests/api/snapshots/permissions.txt").read_text().splitlines()[1:]:
        words = line.split()
        operation, permission, *may = words
        if permission == "(open)":
            continue
        by_role = dict(zip(["trainer", "coop_training", "coop_accounting", "coop_quality", "coop_admin"], may))
        able = [role for role in ("trainer", "coop_training", "coop_admin") if by_role[role] == "yes"]
        chosen[operation] = able[0] if able else "coop_admin"
    return chosen


def main():
    keys = {
        "coop_admin": os.environ["CLAIRIERE_ADMIN_KEY"],
        "coop_training": os.environ["CLAIRIERE_TRAINING_KEY"],
        "trainer": os.environ["CLAIRIERE_TRAINER_KEY"],
    }
    report = Path(sys.argv[1])
    report.mkdir(parents=True, exist_ok=True)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={HERE / 'schemathesis.toml'}",
        "run",
        str(ROOT / "openapi/v1.json"),
        f"--url={os.environ['CLAIRIERE_URL']}",
        "--workers=2",
        "--checks=all",
        "--phases=examples,coverage,fuzzing",
        f"--report-junit-path={report / 'junit.xml'}",
        *sys.argv[2:],
    ]
    environment = os.environ | {
        "CLAIRIERE_KEYS": json.dumps(keys),
        "CLAIRIERE_ROLES": json.dumps(roles()),
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
    }
    return subprocess.run(command, env=environment, cwd=report, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
