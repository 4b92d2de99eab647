"""What the clients' stories start from: an activity and a trainer's key, made through the public API by an administrator.

Environment: CLAIRIERE_URL, CLAIRIERE_ADMIN_KEY. Prints the trainer's key.
"""

import json
import os
import urllib.error
import urllib.request


def call(method, path, body):
    request = urllib.request.Request(
        os.environ["CLAIRIERE_URL"] + path,
        data=json.dumps(body).encode(),
        method=method,
        headers={
            "Authorization": f"Bearer {os.environ['CLAIRIERE_ADMIN_KEY']}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused


def main():
    activity = call("POST", "/v1/activities", {"name": "Clairière", "opened_on": "2024-01-01"})
    user = call(
        "POST",
        "/v1/users",
        {"first_name": "Marie", "last_name": "Martin", "email": "marie@example.org", "role": "trainer"},
    )
    call("POST", f"/v1/activities/{activity['id']}/members", {"user_id": user["id"], "valid_from": "2024-01-01"})
    key = call("POST", f"/v1/users/{user['id']}/keys", {"label": "clients"})
    print(key["secret"])


if __name__ == "__main__":
    main()
