"""How stories send files, and what they find on a disk."""

import hashlib
import os
import uuid

from rig import told


def upload(server, content, name="scan.pdf", purpose="scan", **more):
    """`POST /v1/files` with these bytes (a PDF by its first ones)."""
    boundary = f"story-{uuid.uuid4().hex}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
        b"Content-Type: application/octet-stream\r\n\r\n",
        content,
        f"\r\n--{boundary}--\r\n".encode(),
    ]
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return server.call("POST", "/v1/files", b"".join(parts), headers=headers, **more)


def scan(number, size=0):
    """A scan like no other."""
    return b"%PDF-1.7 scan " + str(number).encode() + b"\n" + os.urandom(size)


def kept(server, file, content):
    """An acknowledged file comes back as it was sent."""
    answer = server.get(f"/v1/files/{file['id']}/content")
    told(answer.status == 200 and answer.body == content, "an acknowledged file comes back", file["file_name"], answer)


def whole(folder):
    """Every file of a store has the hash that is its name, and nothing unfinished is beside."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "INSTANCE":
            told(len(path.name) == 64, "nothing unfinished is left in the store", path)
            told(hashlib.sha256(path.read_bytes()).hexdigest() == path.name, "a file of the store is whole", path)
