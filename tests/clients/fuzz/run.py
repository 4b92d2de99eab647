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


# They may take away the very keys that the fuzzer calls with: they come last.
LAST = "^(disable_user|change_user|revoke_key|end_member|leave_activity)$"


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
        # One worker: two of them stumble on a fault of CPython 3.11 (« AST constructor recursion depth mismatch »).
        "--workers=1",
        "--checks=all",
        "--phases=examples,coverage,fuzzing",
        *sys.argv[2:],
    ]
    environment = os.environ | {
        "CLAIRIERE_KEYS": json.dumps(keys),
        "CLAIRIERE_ROLES": json.dumps(roles()),
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
    }
    failed = 0
    for which in (f"--exclude-operation-id-regex={LAST}", f"--include-operation-id-regex={LAST}"):
        failed |= subprocess.run([*command, which], env=environment, cwd=report, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
