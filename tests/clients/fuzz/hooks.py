"""Each operation is called by somebody who may: the roles come from the committed table of permissions."""

import json
import os

import schemathesis

KEYS = json.loads(os.environ["CLAIRIERE_KEYS"])
ROLES = json.loads(os.environ["CLAIRIERE_ROLES"])


# Kept for no time: the next operation may need another key.
@schemathesis.auth(refresh_interval=None)
class ByRole:
    def get(self, case, ctx):
        operation = case.operation.definition.raw.get("operationId", "")
        return KEYS[ROLES.get(operation, "coop_admin")]

    def set(self, case, data, ctx):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
