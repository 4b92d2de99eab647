"""A mail server that takes everything and counts it: which Message-ID came how often, what it said, and what was torn."""

import email
import email.policy
import email.utils
import hashlib
import re
import smtplib
import socketserver
import threading
import uuid
from collections import Counter
from typing import NamedTuple


class Heard(NamedTuple):
    """What one mail said; `words` is a digest of its text and of what it carries."""

    to: str
    subject: str
    attached: tuple
    words: str

    @property
    def thing(self):
        """What is said to whom: the papers it carries have names of their own."""
        return self.to, self.subject, self.attached or self.words


def plain(text):
    """Spaces of any kind are one."""
    return " ".join(str(text or "").split())


class Mailbox:
    """Listens on the loopback from the moment it is made; `url` is for MAIL_URL."""

    def __init__(self):
        self.counts, self.torn, self.lock = Counter(), [], threading.Lock()
        # Message-ID → what it said, and the bytes of the last.
        self.heard, self.last = {}, None
        mailbox = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                mailbox.talk(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self.server = Server(("127.0.0.1", 0), Session)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def talk(self, lines, out):
        def say(text):
            out.write(text.encode() + b"\r\n")
            out.flush()

        try:
            say("220 mailbox")
            for line in lines:
                word = line.strip().upper()
                if word == b"DATA":
                    say("354 go on")
                    content = self.content(lines)
                    if content is None:
                        return
                    self.keep(content)
                    say("250 kept")
                elif word == b"QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")
        except OSError:
            pass

    @staticmethod
    def content(lines):
        """The lines up to a lone dot; None when the sender died before it."""
        kept = []
        for line in lines:
            if line == b".\r\n":
                return b"".join(kept)
            kept.append(line[1:] if line.startswith(b"..") else line)
        return None

    def keep(self, content):
        mail = email.message_from_bytes(content, policy=email.policy.default)
        faults = [str(fault) for part in mail.walk() for fault in part.defects]
        words, attached = hashlib.sha256(), []
        body = mail.get_body(("plain",))
        words.update(body.get_content().encode() if body else b"")
        for part in mail.iter_attachments():
            payload = part.get_payload(decode=True) or b""
            words.update(payload)
            attached.append(part.get_filename())
            if part.get_content_type() == "application/pdf" and not (payload[:5] == b"%PDF-" and b"%%EOF" in payload[-32:]):
                faults.append(f"{part.get_filename()} is torn")
        to = ", ".join(sorted(address for _, address in email.utils.getaddresses(mail.get_all("To", []))))
        heard = Heard(to, plain(mail["Subject"]), tuple(attached), words.hexdigest())
        name = mail["Message-ID"]
        with self.lock:
            self.counts[name] += 1
            if self.heard.setdefault(name, heard) != heard:
                faults.append(f"came again as {heard} after {self.heard[name]}")
            if faults or not name:
                self.torn.append((name, faults))
            self.last = content

    def double(self):
        """Take the last mail once more under another Message-ID, as the program would send it: the one and the other."""
        content = self.last
        first = re.search(rb"(?im)^Message-ID: *(<[^>]+>)", content)[1]
        other = f"<{uuid.uuid4()}@example.org>"
        with smtplib.SMTP(*self.server.server_address[:2], timeout=10) as sender:
            sender.sendmail("bench@example.org", ["bench@example.org"], content.replace(first, other.encode(), 1))
        return first.decode(), other

    def forget(self, name):
        with self.lock:
            del self.heard[name], self.counts[name]
