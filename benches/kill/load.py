"""What is asked while processes are killed, and what was acknowledged: writes, signatures, papers (each brings a mail).

Whoever was cut off asks again, with the same Idempotency-Key or the same act, until there is an answer: as a phone does.
Some lose the answer and what they began, as a page that is loaded again does: they sign or send anew.
"""

import random
import threading
import time
import uuid

CONSENT = "Je certifie avoir suivi cette demi-journée de formation."
HANDS = 4
# How many of those who sign or send lose the answer.
FORGETFUL = 0.3


class Load:
    """Hands that work against the servers that run; what they were promised is kept here."""

    def __init__(self, cooperative, servers):
        self.cooperative, self.servers = cooperative, servers
        self.lock, self.go, self.end = threading.Lock(), threading.Event(), threading.Event()
        self.seats, self.begun = [], []
        # Acknowledged: name → id of a person, seat → evidence (None: one there is), quote → True once its paper was promised.
        self.people, self.signed, self.papers = {}, {}, {}
        self.repeated, self.renewed, self.already, self.unable, self.surprises = 0, 0, 0, 0, []
        self.busy = 0

    def start(self):
        for number in range(HANDS):
            threading.Thread(target=self.work, args=(random.Random(number),), daemon=True).start()

    def work(self, chance):
        while not self.end.is_set():
            if not self.go.wait(0.2):
                continue
            with self.lock:
                self.busy += 1
            try:
                self.act(chance)
            finally:
                with self.lock:
                    self.busy -= 1

    def act(self, chance):
        draw = chance.random()
        if draw < 0.45:
            self.until_answered(self.person, f"{uuid.uuid4().hex}")
        elif draw < 0.88:
            with self.lock:
                seat = self.seats.pop() if self.seats else None
            if seat:
                self.until_answered(self.sign, seat, chance.random() < FORGETFUL)
        else:
            self.until_answered(self.paper, uuid.uuid4().hex)

    def until_answered(self, ask, what, forgetful=False):
        """Ask, and ask again whatever was cut off; the forgetful ask anew, even after an answer."""
        key, anew = uuid.uuid4().hex, False
        while not self.end.is_set():
            server = random.choice(self.servers)
            if ask(server, what, key, anew) and (anew or not forgetful):
                return
            if forgetful:
                key, anew = uuid.uuid4().hex, True
            with self.lock:
                self.repeated += 1
                self.renewed += anew
            time.sleep(0.05)

    def answered(self, answer, *good):
        """Whether it was: cut, unavailable and unknown are not; any but the good ones (statuses, codes) is a surprise."""
        if answer.status in (0, 503):
            with self.lock:
                self.unable += answer.status == 503
            return False
        if answer.status in good or answer.code in ("idempotency.already_done", *good):
            with self.lock:
                self.already += answer.code in good
            return True
        with self.lock:
            self.surprises.append(str(answer))
        # A fault of ours may pass: it is asked again, and told.
        if answer.status >= 500:
            time.sleep(0.2)
            return False
        return True

    def post(self, server, path, body, key):
        headers = {"Idempotency-Key": key} if key else {}
        return server.post(path, body, key=self.cooperative.marie, headers=headers, timeout=8)

    def person(self, server, name, key, _):
        answer = self.post(server, "/v1/people", {"first_name": "Zoé", "birth_name": f"Lefèvre {name}"}, key)
        if not self.answered(answer, 201):
            return False
        place = answer.headers.get("Location", "").rsplit("/", 1)[-1]
        with self.lock:
            self.people[name] = answer.json.get("id") or place
        return True

    def sign(self, server, seat, key, anew):
        slot, enrolment = seat
        body = {
            "means": "trainer_device", "consent": CONSENT, "client_uuid": str(uuid.UUID(key)), "offline": False,
            "enrolment_id": enrolment, "typed_name": "Zoé Lefèvre",
        }  # fmt: skip
        answer = self.post(server, f"/v1/slots/{slot}/signatures", body, None)
        if not self.answered(answer, 200, *(["attendance.already_signed"] if anew else [])):
            return False
        with self.lock:
            self.signed[seat] = answer.json.get("evidence_id") or self.signed.get(seat)
        return True

    def paper(self, server, name, key, _):
        """A quote is drafted, then sent: the paper of the second is promised."""
        body = self.cooperative.draft() | {"period": name}
        drafted = self.post(server, "/v1/quotes", body, key)
        if not self.answered(drafted, 201):
            return False
        place = drafted.headers.get("Location", "").rsplit("/", 1)[-1]
        quote = drafted.json.get("id") or place

        def send(server, quote, key, anew):
            answer = self.post(server, f"/v1/quotes/{quote}/send", {}, key)
            if not self.answered(answer, 200, *(["quote.state"] if anew else [])):
                return False
            with self.lock:
                self.papers[quote] = True
            return True

        self.until_answered(send, quote, random.random() < FORGETFUL)
        return True

    # --- the bench's side ---

    def run(self, seconds):
        self.go.set()
        time.sleep(seconds)

    def rest(self, seconds=40):
        """Let every hand finish what it began; whether they did."""
        self.go.clear()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.lock:
                if self.busy == 0:
                    return True
            time.sleep(0.02)
        return False
