"""A mail server that takes everything and counts it: which Message-ID came how often, and what was torn."""

import email
import email.policy
import socketserver
import threading
from collections import Counter


class Mailbox:
    """Listens on the loopback from the moment it is made; `url` is for MAIL_URL."""

    def __init__(self):
        self.counts, self.torn, self.lock = Counter(), [], threading.Lock()
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
        for part in mail.iter_attachments():
            payload = part.get_payload(decode=True) or b""
            if part.get_content_type() == "application/pdf" and not (payload[:5] == b"%PDF-" and b"%%EOF" in payload[-32:]):
                faults.append(f"{part.get_filename()} is torn")
        name = mail["Message-ID"]
        with self.lock:
            self.counts[name] += 1
            if faults or not name:
                self.torn.append((name, faults))
