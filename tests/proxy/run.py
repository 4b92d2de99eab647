"""The configurations of docs/proxy, run before the real program: `python3 tests/proxy/run.py`.

Of each file only names, ports and the places of certificates and logs are replaced. Everything is on loopback; a client
comes from an address of its own (127.0.0.7), so that who it is can be told from the proxy.
"""

import contextlib
import http.client
import json
import pathlib
import re
import select
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "faults"))

import rig  # noqa: E402
from rig import told, until  # noqa: E402
from training import training  # noqa: E402

SHIPPED = rig.ROOT / "docs" / "proxy"
VISITOR = "127.0.0.7"
FORGED = "203.0.113.9"
MIB = 1024 * 1024
PIECE = 256 * 1024
# What a browser is told; a proxy neither takes away nor adds.
PROTECTION = (
    "content-security-policy", "referrer-policy", "x-content-type-options", "permissions-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "strict-transport-security", "cache-control",
)


class Replaced:
    """A shipped file with its names replaced; each replacement must find what it replaces."""

    def __init__(self, name):
        self.name, self.text = name, (SHIPPED / name).read_text()

    def change(self, old, new):
        told(old in self.text, f"{self.name} holds {old!r}")
        self.text = self.text.replace(old, new)


class Proxy:
    """A proxy that runs a shipped configuration before a service."""

    def __init__(self, world, behind):
        self.folder, self.behind = world.dir(), behind
        self.port, self.plain = rig.free_port(), rig.free_port()
        self.certificate, self.key = self.folder / "cert.pem", self.folder / "key.pem"
        rig.command(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.key, "-out",
            self.certificate,
        )
        self.trust = ssl.create_default_context(cafile=self.certificate)
        # In TLS 1.3 tickets come when they like: whether an answer is there would not be seen on the socket.
        self.older = ssl.create_default_context(cafile=self.certificate)
        self.older.maximum_version = ssl.TLSVersion.TLSv1_2
        self.said = self.folder / "said.log"
        self.write()
        self.process = None
        world.ends.callback(self.stop)

    def start(self):
        with open(self.said, "ab") as said:
            self.process = subprocess.Popen(
                [str(word) for word in self.words()], stdout=said, stderr=said, cwd=self.folder, start_new_session=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)},
            )
        told(until(self.answers, 20) and self.process.poll() is None, f"{self.name} starts", self.said.read_text())

    def answers(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def logs(self):
        """Whatever it wrote, wherever."""
        return "\n".join(path.read_text(errors="replace") for path in self.folder.rglob("*.log"))

    # --- asking, as somebody outside ---

    def connect(self, timeout=60, trust=None):
        there = http.client.HTTPSConnection(
            "localhost", self.port, timeout=timeout, context=trust or self.trust, source_address=(VISITOR, 0)
        )
        # The name has other addresses than that of the proxy.
        there._create_connection = lambda address, *more: socket.create_connection(("127.0.0.1", self.port), *more)
        return there

    def call(self, method, path, body=None, headers=None):
        body = body.encode() if isinstance(body, str) else body
        large = len(body or b"") > PIECE
        there = self.connect(trust=self.older if large else None)
        try:
            there.putrequest(method, path)
            for name, value in {**(headers or {}), **({} if body is None else {"Content-Length": len(body)})}.items():
                there.putheader(name, str(value))
            there.endheaders()
            for at in range(0, len(body or b""), PIECE):
                # Like a browser: whoever has answered is not sent the rest.
                if large and select.select([there.sock], [], [], 0.5 if at == 0 else 0)[0]:
                    break
                there.send(body[at : at + PIECE])
            answer = there.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        finally:
            there.close()


class Answer(rig.Answer):
    """An answer with all its headers, twins too."""

    def all(self, name):
        return self.headers.get_all(name) or []


class Nginx(Proxy):
    name = "nginx"

    def write(self):
        shipped = Replaced("nginx.conf")
        shipped.change("listen 80;", f"listen 127.0.0.1:{self.plain};")
        shipped.change("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;")
        shipped.change("formation.example.org", "localhost")
        shipped.change("server 127.0.0.1:8080;", f"server 127.0.0.1:{self.behind};")
        shipped.change("/etc/ssl/clairiere/fullchain.pem", str(self.certificate))
        shipped.change("/etc/ssl/clairiere/privkey.pem", str(self.key))
        shipped.change("/var/log/nginx/", f"{self.folder}/")
        (self.folder / "clairiere.conf").write_text(shipped.text)
        temporary = "\n".join(
            f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "main.conf").write_text(
            f"daemon off; pid {self.folder}/pid; error_log stderr crit; worker_processes 1;\n"
            f"events {{ worker_connections 512; }}\n"
            f"http {{ {temporary}\ninclude /etc/nginx/mime.types; include {self.folder}/clairiere.conf; }}\n"
        )
        # Its workers are another account, which must reach the bodies that they keep for a moment.
        self.folder.chmod(0o755)
        self.folder.parent.chmod(0o755)
        checked = subprocess.run([*map(str, self.words()), "-t"], capture_output=True, text=True, check=False)
        told(checked.returncode == 0, "nginx reads the shipped file", checked.stderr)
        told("warn" not in checked.stderr, "nginx has nothing to say about it", checked.stderr)

    def words(self):
        return ["nginx", "-p", self.folder, "-c", self.folder / "main.conf"]


class Caddy(Proxy):
    name = "caddy"

    def write(self):
        shipped = Replaced("Caddyfile")
        shipped.change(
            "{\n\tservers {",
            f"{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttp_port {self.plain}\n\thttps_port {self.port}\n\tservers {{",
        )
        shipped.change("formation.example.org {", f"localhost:{self.port} {{")
        shipped.change("# tls /etc/ssl/clairiere/fullchain.pem /etc/ssl/clairiere/privkey.pem", f"tls {self.certificate} {self.key}")
        shipped.change("reverse_proxy 127.0.0.1:8080", f"reverse_proxy 127.0.0.1:{self.behind}")
        shipped.change("/var/log/caddy/", f"{self.folder}/")
        (self.folder / "Caddyfile").write_text(shipped.text)
        checked = subprocess.run(
            ["caddy", "validate", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile"],
            capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)},
        )
        told(checked.returncode == 0, "Caddy reads the shipped file", checked.stderr)

    def words(self):
        return ["caddy", "run", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile"]


class Person:
    """Somebody with a key, on the other side of the proxy."""

    def __init__(self, proxy, key):
        self.proxy, self.bearer = proxy, {"Authorization": f"Bearer {key}"}

    def ask(self, method, path, body=None):
        headers, sent = dict(self.bearer), None
        if body is not None:
            headers["Content-Type"], sent = "application/json", json.dumps(body).encode()
        return self.proxy.call(method, path, sent, headers)

    def __call__(self, method, path, body=None):
        answer = self.ask(method, path, body)
        told(answer.status < 300, f"{method} {path}", answer)
        return answer.json

    def send(self, name, content, purpose="scan"):
        edge = "----clairiere-proxy"
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/plain\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        headers = {**self.bearer, "Content-Type": f"multipart/form-data; boundary={edge}"}
        return self.proxy.call("POST", "/v1/files", body, headers)

    def upload(self, name, content):
        answer = self.send(name, content)
        told(answer.status == 201, f"upload of {name}", answer)
        return answer.json


class Stream:
    """The live stream of a half-day, read as it comes."""

    def __init__(self, person, slot):
        self.there = person.proxy.connect(30)
        self.there.request("GET", f"/v1/slots/{slot}/live/events", headers=person.bearer)
        self.answer = self.there.getresponse()
        told(self.answer.status == 200, "the live stream opens", self.answer.status)
        self.events = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException, AttributeError):
            for line in self.answer:
                if line.startswith(b"data:"):
                    self.events.append((time.monotonic(), line))

    def close(self):
        # The reader holds the buffer of the connection: the socket ends it.
        with contextlib.suppress(OSError):
            self.there.sock and self.there.sock.shutdown(socket.SHUT_RDWR)
        self.reader.join(5)


def field(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    told(found is not None, f"the page has a field {name}", page)
    return found.group(1)


def signs(proxy, path):
    """Zoé signs by the form of her own page, and says that she is elsewhere."""
    forged = {"X-Forwarded-For": FORGED, "Forwarded": f"for={FORGED}", "X-Real-IP": FORGED}
    page = proxy.call("GET", path, headers=forged)
    told(page.status == 200, "the personal link opens", page)
    html = page.body.decode()
    body = urllib.parse.urlencode({
        "slot": field(html, "slot"), "client_uuid": field(html, "client_uuid"), "typed_name": "Zoé Lefèvre",
    })
    sent = proxy.call("POST", path, body, {**forged, "Content-Type": "application/x-www-form-urlencoded"})
    told(sent.status in (200, 303), "she signs", sent)


def same_protection(proxy, server, paths):
    for path, key in paths:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        through, direct = proxy.call("GET", path, headers=headers), rig.call("GET", server.url + path, headers=headers)
        told(through.status == direct.status, f"{path} is answered alike", through, direct)
        plain = {name.lower(): value for name, value in direct.headers.items()}
        for name in PROTECTION:
            expected = [plain[name]] if name in plain else []
            told(through.all(name) == expected, f"{path}: {name} comes through once", through.all(name), expected)
        told(len(through.all("strict-transport-security")) == 1, f"{path}: HSTS once")
        told(len(through.all("x-request-id")) == 1, f"{path}: one request number")


def tell(world, make):
    place = world.place(settings={"TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": "https://localhost"})
    server = world.server(place)
    proxy = make(world, server.port)
    proxy.start()
    admin = Person(proxy, server.key)
    cooperative = Person(proxy, place.key("coop_training"))
    # Somebody signs in by their key, and nobody without.
    told(admin("GET", "/v1/me") != {}, "a key opens the API through the proxy")
    told(proxy.call("GET", "/v1/me").status == 401, "nobody gets in without a key")
    redirected = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=10)
    redirected.request("GET", "/docs", headers={"Host": "localhost"})
    answer = redirected.getresponse()
    told(answer.status in (301, 308), "plain HTTP is redirected", answer.status)
    told(answer.headers["Location"].startswith("https://localhost"), "to HTTPS", answer.headers["Location"])
    redirected.close()
    # The trainer's key, and a training to sign.
    activity = admin("POST", "/v1/activities", {"name": "Clairière", "opened_on": "2024-01-01"})
    marie = {"first_name": "Marie", "last_name": "Martin", "email": "marie@example.org", "role": "trainer"}
    user = admin("POST", "/v1/users", marie)
    admin("POST", f"/v1/activities/{activity['id']}/members", {"user_id": user["id"], "valid_from": "2024-01-01"})
    trainer = Person(proxy, admin("POST", f"/v1/users/{user['id']}/keys", {"label": "proxy"})["secret"])
    session, slot, enrolment = training(admin, cooperative, trainer, trainer.upload)
    trainer("POST", f"/v1/slots/{slot}/open")
    links = cooperative("POST", f"/v1/sessions/{session}/signing-links", {"enrolments": [enrolment], "delivery": "answer"})
    own = urllib.parse.urlsplit(links["items"][0]["address"]).path
    # The live stream comes as it happens.
    stream = Stream(trainer, slot)
    told(until(lambda: stream.events, 5), "the first event comes at once")
    signs(proxy, own)
    signed = time.monotonic()
    told(until(lambda: any(at > signed - 1 and b'"signed":1' in line for at, line in stream.events), 5),
         "the signature is seen at once by who watches", stream.events[-1:])
    told(stream.events[-1][0] - signed < 4, "well before anything else was sent")
    stream.close()
    # The evidence holds the address that the proxy saw, not the one that was claimed.
    live = trainer("GET", f"/v1/slots/{slot}/live")
    mark = live["trainees"][0]["mark_id"]
    network = trainer("GET", f"/v1/marks/{mark}/evidence")["evidence"][0]["network"]
    told(network["ip"] == VISITOR, "the evidence holds where she was", network)
    # Bodies: what the service takes passes, what it does not is told.
    line = b"a line of a log of connections\n"
    whole = (line * (20 * MIB // len(line)))[: 20 * MIB - 2048]
    told(trainer.send("vingt.txt", whole).status == 201, "20 MiB pass")
    for size in (21 * MIB, 24 * MIB):
        refused = trainer.send("trop.txt", b"a" * size)
        told(refused.status == 413, f"{size} bytes are refused", refused)
    # What a browser is told.
    unknown = "/presence/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    same_protection(proxy, server, [
        ("/v1/me", server.key), ("/v1/me", None), ("/docs", None), ("/verify", None), (own, None), (unknown, None),
        ("/assets/page.css", None), ("/openapi/v1.json", None), ("/nothing", None),
    ])
    figures = proxy.call("GET", "/metrics")
    told(figures.status == 404 and not figures.all("x-request-id"), "figures stop at the proxy", figures)
    # A service that is away, too, leaves no link in a log.
    number = proxy.call("GET", own).headers["X-Request-Id"]
    server.stop()
    told(proxy.call("GET", own).status in (502, 503), "a service that is away is told")
    told(proxy.call("GET", f"/verify/{own.rsplit('/', 1)[-1]}").status in (502, 503), "on every path")
    proxy.stop()
    logs = proxy.logs()
    told(number in logs, "the proxy's log has the number of the service's own line", number)
    for secret in (own.rsplit("/", 1)[-1], "presence", "/v1/", server.key, FORGED, "AAAAAAAA"):
        told(secret not in logs, f"no log of the proxy holds {secret}", logs[-2000:])


def main():
    for make in (Nginx, Caddy):
        begun = time.monotonic()
        try:
            with rig.World() as world:
                tell(world, make)
        except rig.Failed as failure:
            print(f"FAILED behind {make.name}: {failure}")
            raise
        print(f"{time.monotonic() - begun:6.1f} s  {make.name}: keys, addresses, bodies, stream, headers and logs are right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
