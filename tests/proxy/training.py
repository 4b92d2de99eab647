"""A training whose half-day of today has just ended and is not signed yet, made through the API by three people."""

import datetime
import time
import zoneinfo

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
SINCE = {"valid_from": "2024-01-01"}


def now():
    return datetime.datetime.now(PARIS)


def day_is_long_enough():
    """Half-days do not cross midnight: who begins too near to it waits."""
    while now().hour * 60 + now().minute < 10:
        time.sleep(10)


def organisation(admin):
    """The cooperative's legal facts; answers its signatory."""
    admin("POST", "/v1/organisation/legal-identities", {
        **SINCE, "name": "Les Communs", "legal_form": "SCOP SARL à capital variable", "siren": "732829320",
        "siret": "73282932000074", "rcs_city": "Paris", "naf": "85.59A", "address": "3 rue de la Clairière",
        "postcode": "75020", "city": "Paris", "email": "contact@example.org",
    })
    admin("POST", "/v1/organisation/declarations", {**SINCE, "number": "11751234575", "prefect_region": "Île-de-France"})
    admin("POST", "/v1/organisation/vat-attestations", {**SINCE, "exempt": True, "reference": "3511-2024-01"})
    for role in ("disability", "pedagogy", "data_protection", "administration"):
        admin("POST", "/v1/organisation/referents", {
            **SINCE, "role": role, "first_name": "Hélène", "last_name": "Fontaine", "email": f"{role}@example.org",
            "phone": "0123456789",
        })
    for kind, title in (("internal_rules", "Règlement intérieur"), ("terms", "Conditions générales de vente")):
        body = {**SINCE, "kind": kind, "title": title, "body": "Article 1. Chacun respecte les lieux."}
        admin("POST", "/v1/organisation/texts", body)
    return admin("POST", "/v1/organisation/signatories", {
        **SINCE, "first_name": "Claude", "last_name": "Bernard", "quality": "gérante", "email": "claude@example.org",
        "legal_representative": True, "paper_kinds": [],
    })["id"]


def training(admin, cooperative, trainer, upload):
    """Sold, agreed, one trainee; answers session, half-day and enrolment. Each person is `call(method, path, body)`."""
    day_is_long_enough()
    signatory = organisation(admin)
    today = now().date().isoformat()
    teacher = trainer("POST", "/v1/trainers", {
        "person": {"first_name": "Marie", "birth_name": "Martin", "email": "marie@example.org"},
        "status": "entrepreneur_salarie", "skills": ["Logiciels libres"], "diplomas": ["Master informatique"],
    })
    cooperative("POST", f"/v1/trainers/{teacher['id']}/accredit", {"from": "2024-01-01"})
    client = trainer("POST", "/v1/clients", {
        "kind": "association", "name": "Les Lilas", "legal_form": "association loi 1901", "siret": "73282932000074",
        "address": "12 rue des Lilas", "postcode": "75020", "city": "Paris",
        "contacts": [{
            "person": {"civility": "mme", "first_name": "Agnès", "birth_name": "Petit", "email": "agnes@example.org"},
            "roles": ["signatory", "training_lead"], "quality": "présidente",
        }],
    })
    needs = trainer("POST", "/v1/needs-analyses", {
        "client_id": client["id"], "subject": "Migrer vers Zourit", "held_on": today,
        "appointments": [{"on": today, "minutes": 90, "kind": "video_call"}],
        "participants": [{"name": "Agnès Petit", "role": "présidente"}],
    })
    trainer("POST", f"/v1/needs-analyses/{needs['id']}/conclude", {"conclusion": "go_ahead"})
    programme = trainer("POST", "/v1/programmes", {
        "title": "Administrer Zourit",
        "objectives": [{"text": "Administrer les comptes et les quotas", "assessment": "mise en situation"}],
        "audience": "Salarié·es et bénévoles d’associations", "prerequisites": "aucun",
        "modules": [{"title": "Administration", "minutes": 420, "points": ["comptes", "groupes"]}],
        "duration_minutes": 420, "methods": "Alternance de grand groupe et de travail individuel",
        "means": {"teaching": "Supports remis", "technical": "Un ordinateur par personne", "staffing": "Une formatrice"},
        "modality": "face_to_face", "evaluation": "Positionnement, exercices, bilan",
        "follow_up": "Feuille d’émargement par demi-journée", "outcome": "Attestation de fin de formation",
        "access": "Sur demande", "access_delay": "Quatre semaines", "accessibility": "Référent handicap joignable",
        "contacts": "bonjour@example.org", "price_per_group_cents": 120_000, "min_heads": 1, "max_heads": 12,
    })
    trainer("POST", f"/v1/programmes/{programme['id']}/publish")
    version = trainer("GET", f"/v1/programmes/{programme['id']}")["current_version_id"]
    quote = trainer("POST", "/v1/quotes", {
        "client_id": client["id"], "needs_analysis_id": needs["id"], "programme_version_id": version, "heads": 1,
        "period": "cette semaine", "place": "dans vos locaux",
        "lines": [{"nature": "training", "label": "Formation", "quantity_hundredths": 100, "unit": "jour",
                   "unit_price_cents": 120_000}],
    })
    trainer("POST", f"/v1/quotes/{quote['id']}/send")
    trainer("POST", f"/v1/quotes/{quote['id']}/accept", {"on": today, "by": "Agnès Petit", "quality": "présidente"})
    ended = now() - datetime.timedelta(minutes=1)
    midnight = ended.replace(hour=0, minute=0, second=0, microsecond=0)
    begun = max(ended - datetime.timedelta(minutes=50), midnight)
    made = trainer("POST", "/v1/trainings", {
        "session": {
            "programme_version_id": version, "format": "intra",
            "slots": [{"day": today, "starts": f"{begun:%H:%M}", "ends": f"{ended:%H:%M}", "trainers": [teacher["id"]]}],
            "place": {"name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas",
                      "postcode": "75020", "city": "Paris"},
        },
        "booking": {"client_id": client["id"], "quote_id": quote["id"]},
        "enrolments": [{
            "status": "employee",
            "person": {"first_name": "Zoé", "birth_name": "Lefèvre", "email": "zoe@example.org"},
        }],
    })
    booking = made["booking_id"]
    trainer("POST", f"/v1/bookings/{booking}/request-approval")
    cooperative("POST", f"/v1/bookings/{booking}/accept-approval")
    agreement = trainer("POST", f"/v1/bookings/{booking}/agreement", {"send": True})
    scan = upload("convention-signee.txt", "Convention signée\n".encode())
    signed = (now() - datetime.timedelta(days=10)).date().isoformat()
    trainer("POST", f"/v1/agreements/{agreement['id']}/sign-on-paper", {
        "scan_file_id": scan["id"], "client_signed_on": signed, "client_signatory": "Mme Agnès Petit",
        "client_quality": "présidente", "provider_signed_on": signed, "signatory_id": signatory,
    })
    trainer("POST", f"/v1/bookings/{booking}/agree")
    trainer("POST", f"/v1/bookings/{booking}/enrol", {"information_pack": {"channel": "email"}})
    return made["session"]["id"], made["session"]["slots"][0]["id"], made["enrolment_ids"][0]
