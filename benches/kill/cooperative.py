"""What is there before the kills: a cooperative, a trainer, a client, a programme, half-days that are past and their trainees."""

import datetime
import uuid
import zoneinfo

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
HEADS = 12
HALVES = 24


def today():
    return datetime.datetime.now(PARIS).date()


def made(answer, what):
    if answer.status not in (200, 201):
        raise SystemExit(f"{what}: {answer}")
    return answer.json


class Cooperative:
    """Made through the public API by an administrator and the cooperative, then worked in by the trainer's key."""

    def __init__(self, server, admin, training):
        self.server, self.admin, self.training, self.sold = server, admin, training, 0
        self.facts()
        activity = self.post("/v1/activities", {"name": "Clairière", "opened_on": "2024-01-01"})
        marie = {"first_name": "Marie", "last_name": "Martin", "email": "marie@example.org", "role": "trainer"}
        user = self.post("/v1/users", marie)
        member = {"user_id": user["id"], "valid_from": "2024-01-01"}
        self.post(f"/v1/activities/{activity['id']}/members", member)
        self.marie = self.post(f"/v1/users/{user['id']}/keys", {"label": "essais"})["secret"]
        self.teach()
        self.sell()

    def post(self, path, body=None, key=None):
        return made(self.server.post(path, body, key=key or self.admin), f"POST {path}")

    def facts(self):
        since = {"valid_from": "2024-01-01"}
        identity = {
            "name": "Les Communs", "legal_form": "SCOP SARL à capital variable", "siren": "732829320",
            "siret": "73282932000074", "rcs_city": "Paris", "naf": "85.59A", "address": "3 rue de la Clairière",
            "postcode": "75020", "city": "Paris", "email": "contact@example.org",
        }  # fmt: skip
        facts = "/v1/organisation"
        self.post(f"{facts}/legal-identities", since | identity)
        self.post(f"{facts}/declarations", since | {"number": "11751234575", "prefect_region": "Île-de-France"})
        self.post(f"{facts}/vat-attestations", since | {"exempt": True, "reference": "3511-2024-01"})
        for role in ("disability", "pedagogy", "data_protection", "administration"):
            person = {"first_name": "Hélène", "last_name": "Fontaine", "email": f"{role}@example.org", "phone": "0123456789"}
            self.post(f"{facts}/referents", since | {"role": role} | person)
        for kind, title in (("internal_rules", "Règlement intérieur"), ("terms", "Conditions générales de vente")):
            text = {"kind": kind, "title": title, "body": "Article 1. Chacun respecte les lieux."}
            self.post(f"{facts}/texts", since | text)
        signatory = {
            "first_name": "Claude", "last_name": "Bernard", "quality": "gérante", "email": "claude@example.org",
            "legal_representative": True, "paper_kinds": [],
        }  # fmt: skip
        self.signatory = self.post(f"{facts}/signatories", since | signatory)["id"]

    def teach(self):
        person = {"first_name": "Marie", "birth_name": "Martin", "email": "marie@example.org"}
        trainer = {
            "person": person, "status": "entrepreneur_salarie", "skills": ["Logiciels libres"],
            "diplomas": ["Master informatique"],
        }  # fmt: skip
        self.trainer = self.post("/v1/trainers", trainer, self.marie)["id"]
        self.post(f"/v1/trainers/{self.trainer}/accredit", {"from": "2024-01-01"}, self.training)

    def sell(self):
        agnes = {"civility": "mme", "first_name": "Agnès", "birth_name": "Petit", "email": "agnes@example.org"}
        client = {
            "kind": "association", "name": "Les Lilas", "legal_form": "association loi 1901", "siret": "73282932000074",
            "address": "12 rue des Lilas", "postcode": "75020", "city": "Paris",
            "contacts": [{"person": agnes, "roles": ["signatory", "training_lead"], "quality": "présidente"}],
        }  # fmt: skip
        self.client = self.post("/v1/clients", client, self.marie)["id"]
        programme = {
            "title": "Administrer Zourit",
            "objectives": [{"text": "Administrer les comptes", "assessment": "mise en situation"}],
            "audience": "Salarié·es et bénévoles d’associations", "prerequisites": "aucun",
            "modules": [{"title": "Administration", "minutes": 420, "points": ["comptes", "groupes"]}],
            "duration_minutes": 420, "methods": "Alternance de grand groupe et de travail individuel",
            "means": {"teaching": "Supports remis", "technical": "Un ordinateur", "staffing": "Une formatrice"},
            "modality": "face_to_face", "evaluation": "Positionnement, exercices, bilan",
            "follow_up": "Feuille d’émargement par demi-journée", "outcome": "Attestation de fin de formation",
            "access": "Sur demande", "access_delay": "Quatre semaines", "accessibility": "Référent handicap joignable",
            "contacts": "bonjour@example.org", "price_per_group_cents": 120_000, "min_heads": 1, "max_heads": HEADS,
        }  # fmt: skip
        self.programme = self.post("/v1/programmes", programme, self.marie)["id"]
        self.post(f"/v1/programmes/{self.programme}/publish", key=self.marie)
        read = made(self.server.get(f"/v1/programmes/{self.programme}", key=self.marie), "the programme")
        self.version = read["current_version_id"]
        needs = {
            "client_id": self.client, "subject": "Migrer vers Zourit", "held_on": str(today()),
            "appointments": [{"on": str(today()), "minutes": 90, "kind": "video_call"}],
            "participants": [{"name": "Agnès Petit", "role": "présidente"}],
        }  # fmt: skip
        self.needs = self.post("/v1/needs-analyses", needs, self.marie)["id"]
        self.post(f"/v1/needs-analyses/{self.needs}/conclude", {"conclusion": "go_ahead"}, self.marie)

    def seats(self):
        """A sold session of many short half-days of a day and its trainees: (half-day, enrolment) of each signature to come."""
        self.sold += 1
        day = today() - datetime.timedelta(days=self.sold)
        place = {"name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas", "postcode": "75020", "city": "Paris"}
        halves = []
        for number in range(HALVES):
            begins = number * 50 + 60
            starts, ends = (f"{at // 60:02}:{at % 60:02}" for at in (begins, begins + 45))
            halves.append({"day": str(day), "starts": starts, "ends": ends, "trainers": [self.trainer]})
        session = {"programme_version_id": self.version, "format": "intra", "slots": halves, "place": place}
        people = [
            {"status": "employee", "person": {"first_name": "Zoé", "birth_name": f"Lefèvre {uuid.uuid4().hex[:6]}"}}
            for _ in range(HEADS)
        ]
        quote = self.post("/v1/quotes", self.draft(), self.marie)["id"]
        self.post(f"/v1/quotes/{quote}/send", key=self.marie)
        agreed = {"by": "Agnès Petit", "quality": "présidente", "on": str(today())}
        self.post(f"/v1/quotes/{quote}/accept", agreed, self.marie)
        booking = {"client_id": self.client, "quote_id": quote}
        training = self.post("/v1/trainings", {"session": session, "booking": booking, "enrolments": people}, self.marie)
        self.agree(training["booking_id"])
        slots = [slot["id"] for slot in training["session"]["slots"]]
        for slot in slots:
            self.post(f"/v1/slots/{slot}/open", key=self.marie)
        return [(slot, enrolment) for slot in slots for enrolment in training["enrolment_ids"]]

    def agree(self, booking):
        """The convention was signed on paper, long ago: whoever is enrolled may follow, and sign."""
        self.post(f"/v1/bookings/{booking}/request-approval", key=self.marie)
        self.post(f"/v1/bookings/{booking}/accept-approval", key=self.training)
        agreement = self.post(f"/v1/bookings/{booking}/agreement", {"send": True}, self.marie)["id"]
        part = "--part\r\nContent-Disposition: form-data; name="
        form = f'{part}"purpose"\r\n\r\nscan\r\n{part}"file"; filename="convention.pdf"\r\n'
        form += "Content-Type: application/pdf\r\n\r\n%PDF-1.7\nscan\r\n--part--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=part"}
        scan = made(self.server.post("/v1/files", form.encode(), key=self.marie, headers=headers), "the scan")["id"]
        signed = str(today() - datetime.timedelta(days=90))
        paper = {
            "scan_file_id": scan, "client_signed_on": signed, "client_signatory": "Mme Agnès Petit",
            "client_quality": "présidente", "provider_signed_on": signed, "signatory_id": self.signatory,
        }  # fmt: skip
        self.post(f"/v1/agreements/{agreement}/sign-on-paper", paper, self.marie)
        self.post(f"/v1/bookings/{booking}/agree", key=self.marie)
        self.post(f"/v1/bookings/{booking}/enrol", {"information_pack": {"channel": "email"}}, self.marie)

    def draft(self):
        """What a quote says before it is sent."""
        line = {"nature": "training", "label": "Formation", "quantity_hundredths": 100, "unit": "jour", "unit_price_cents": 120_000}
        return {
            "client_id": self.client, "programme_version_id": self.version, "needs_analysis_id": self.needs, "heads": HEADS,
            "period": "cette semaine", "place": "dans vos locaux", "lines": [line],
        }  # fmt: skip
