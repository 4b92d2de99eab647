"""Mail servers that are slow, silent or cut: nothing is lost, what leaves twice is the same mail, and nobody waits for them."""

import datetime
import email
import email.policy
import re
import socketserver
import threading
import time

from rig import Place, story, told, until


class Post(socketserver.ThreadingTCPServer):
    """A mail server that takes its time: `pause` says how many seconds at `MAIL`, `RCPT`, `end`…; `lose` how many mails it
    takes and answers nothing about."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.pause, self.lose, self.received, self.under_way = {}, 0, [], 0
        self.lock, self.woken = threading.Lock(), threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def wait(self, step):
        """The pause of a step, unless `hurry` ends all of them."""
        end = time.monotonic() + self.pause.get(step, 0)
        while (left := end - time.monotonic()) > 0 and not self.woken.wait(min(left, 0.1)):
            pass

    def hurry(self):
        self.pause = {}
        self.woken.set()

    def end(self):
        self.woken.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Whoever hangs up in the middle is what these stories are about."""

    def mails(self):
        with self.lock:
            return [email.message_from_bytes(one, policy=email.policy.default) for one in self.received]


class Conversation(socketserver.StreamRequestHandler):
    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")

    def handle(self):
        post = self.server
        post.wait("greeting")
        self.say("220 post.example.org")
        while line := self.rfile.readline():
            verb = line[:4].strip().upper().decode(errors="replace")
            post.wait(verb)
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb != "DATA":
                self.say("250 ok")
                continue
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if not line:
                return
            with post.lock:
                post.under_way += 1
            try:
                post.wait("end")
                with post.lock:
                    post.received.append(b"".join(lines))
                    lost = post.lose > 0
                    post.lose -= lost
                if lost:
                    return
                self.say("250 kept")
            finally:
                with post.lock:
                    post.under_way -= 1


def letter(mail):
    return mail.get_body(("plain",)).get_content()


def link(mail):
    found = re.search(r"/journee/([\w.-]+)", letter(mail))
    told(found, "the mail carries a link", letter(mail))
    return f"/journee/{found.group(1).rstrip('.')}"


def post_of(world, pause=None, lose=0):
    post = Post()
    post.pause, post.lose = dict(pause or {}), lose
    world.ends.callback(post.end)
    return post


class House:
    """A trainer with ten days to come, whose pages can be sent by mail."""

    def __init__(self, world, post, worker):
        place = Place(world.name("place"), {"MAIL_URL": post.url})
        words = ("serve",) if worker else ("serve", "--no-worker")
        self.world, self.place = world, place
        self.server = world.server(place, words=words)
        self.training = place.key("coop_training")
        since = {"valid_from": "2024-01-01"}
        self.made("/v1/organisation/legal-identities", {
            **since, "name": "Les Communs", "legal_form": "SCOP SARL", "siren": "732829320", "siret": "73282932000074",
            "rcs_city": "Paris", "naf": "85.59A", "address": "3 rue de la Clairière", "postcode": "75020", "city": "Paris",
        })
        self.made("/v1/organisation/declarations", {
            **since, "number": "11751234575", "prefect_region": "Île-de-France",
        })
        self.activity = self.made("/v1/activities", {"name": "Clairière", "opened_on": "2024-01-01"})["id"]
        inside = {"activity_id": self.activity}
        trainer = self.made("/v1/trainers", {
            **inside, "status": "entrepreneur_salarie", "skills": ["Zourit"], "diplomas": ["Master"],
            "person": {"first_name": "Marie", "birth_name": "Martin", "email": "marie@example.org"},
        })
        programme = self.made("/v1/programmes", {
            **inside, "title": "Administrer Zourit", "duration_minutes": 420, "audience": "Salarié·es", "prerequisites": "aucun",
            "objectives": [{"text": "Administrer les comptes", "assessment": "mise en situation"}],
            "modules": [{"title": "Administration", "minutes": 420, "points": ["comptes"]}],
            "methods": "Travail individuel", "modality": "face_to_face", "evaluation": "Exercices", "follow_up": "Émargement",
            "means": {"teaching": "Supports", "technical": "Un poste par personne", "staffing": "Une formatrice"},
            "outcome": "Attestation", "access": "Sur demande", "access_delay": "Quatre semaines",
            "accessibility": "Référent joignable", "contacts": "bonjour@example.org", "price_per_group_cents": 120_000,
            "min_heads": 1, "max_heads": 12,
        })
        self.made(f"/v1/programmes/{programme['id']}/publish")
        version = self.server.get(f"/v1/programmes/{programme['id']}", key=self.training).json["current_version_id"]
        first = datetime.date.today() + datetime.timedelta(days=40)
        days = [(first + datetime.timedelta(days=after)).isoformat() for after in range(10)]
        session = self.made("/v1/sessions", {
            **inside, "programme_version_id": version, "format": "intra",
            "place": {
                "name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas", "postcode": "75020",
                "city": "Paris", "access": "métro", "disabled_access": "plain-pied", "equipment": "vidéoprojecteur",
                "host_rules": True,
            }, "slots": [{"day": day, "starts": "09:00", "ends": "12:30", "trainers": [trainer["id"]]} for day in days],
        })
        self.session, self.slots = session["id"], [slot["id"] for slot in session["slots"]]

    def made(self, path, body=None):
        # Administration opens the activity and looks after jobs; the rest is training's.
        own = path.startswith(("/v1/organisation", "/v1/activities", "/v1/jobs"))
        answer = self.server.post(path, body, key=self.server.key if own else self.training)
        told(answer.status in (200, 201), f"POST {path}", answer)
        return answer.json

    def asks(self, days=1):
        """The pages of so many days are sent: a mail for each, since two that ask for one page make one mail."""
        for slot in self.slots[:days]:
            self.made(f"/v1/sessions/{self.session}/signing-links", {"slots": [slot], "delivery": "mail"})

    def jobs(self, state, kind="send"):
        items = self.server.get(f"/v1/jobs?state={state}&limit=200").json["items"]
        return [job for job in items if job["kind"] == kind]

    def worker(self):
        return self.world.server(self.place, words=("work",), role=None)


@story
def a_mail_cut_after_its_end_leaves_again_with_the_same_link_and_it_opens(world):
    post = post_of(world, lose=1)
    house = House(world, post, worker=True)
    house.asks()
    told(until(lambda: len(post.mails()) == 1, 20), "the first copy arrives")
    waits = until(lambda: house.jobs("ready"), 20)
    told(waits and "peut-être parti" in waits[0]["last_error"], "it is told that it may have left", waits)
    told(house.server.get(link(post.mails()[0])).status == 200, "the link of the first copy opens")
    house.made(f"/v1/jobs/{waits[0]['id']}/hurry")
    told(until(lambda: len(post.mails()) == 2, 20), "the second copy arrives")
    one, two = post.mails()
    told(one["Message-ID"] == two["Message-ID"], "they are one mail", one["Message-ID"], two["Message-ID"])
    told(link(one) == link(two), "with one link", link(one), link(two))
    told(house.server.get(link(one)).status == 200, "which opens")
    told(until(lambda: not house.jobs("ready") and not house.jobs("running"), 10), "and it does not leave a third time")


@story
def a_mail_that_takes_longer_than_a_lease_is_sent_by_one_of_two_workers(world):
    post = post_of(world, {"MAIL": 1, "RCPT": 1, "end": 27})
    house = House(world, post, worker=True)
    house.worker()
    house.asks()
    told(until(lambda: post.mails(), 60), "it arrives")
    told(until(lambda: house.jobs("done"), 20), "and is marked as sent")
    time.sleep(3)
    told(len(post.mails()) == 1, "once", len(post.mails()))


@story
def a_worker_that_is_asked_to_stop_ends_at_once_and_leaves_its_mails_to_the_next(world):
    post = post_of(world, {"end": 120})
    house = House(world, post, worker=False)
    house.asks(10)
    worker = house.worker()
    told(until(lambda: post.under_way == 4, 30), "four mails are under way", post.under_way)
    took = worker.stop()
    told(took < 10, "it ends in under ten seconds", took)
    # With all hands held, some may not have been written yet: they wait as well.
    left = house.jobs("ready") + house.jobs("ready", "mail")
    told(len(left) == 10, "all mails wait for the next worker", left, house.jobs("running"))
    told(all(job["attempts"] == 0 for job in left), "and none counts as tried", left)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    told(all(job["due_at"] <= now for job in left), "and all are due", left)
    post.hurry()
    house.worker()
    told(until(lambda: len(house.jobs("done")) == 10, 30), "it sends them")


@story
def a_server_that_is_asked_to_stop_does_not_wait_for_its_mails(world):
    post = post_of(world, {"end": 120})
    house = House(world, post, worker=True)
    house.asks(10)
    told(until(lambda: post.under_way == 4, 30), "four mails are under way", post.under_way)
    took = house.server.stop()
    told(took < 10, "it ends in under ten seconds", took)
    post.hurry()
    house.server.start()
    told(until(lambda: len(house.jobs("done")) == 10, 30), "all leave when it starts again")


@story
def the_mails_of_a_killed_worker_are_taken_up_within_half_a_minute(world):
    post = post_of(world, {"end": 120})
    house = House(world, post, worker=False)
    house.asks(6)
    first, _ = house.worker(), house.worker()
    told(until(lambda: post.under_way == 6, 30), "six mails are under way", post.under_way)
    first.kill()
    killed = time.monotonic()
    held = len(house.jobs("running"))
    told(held == 6, "all six are held", held)
    # The second goes on with its own; those of the first are its to take when it sees that nobody holds them.
    post.hurry()
    told(until(lambda: len(house.jobs("done")) == 6, 40), "all leave", house.jobs("running"))
    took = time.monotonic() - killed
    told(took < 30, "within thirty seconds", took)
