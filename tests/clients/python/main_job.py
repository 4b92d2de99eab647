"""The main job, driven by the client that openapi-python-client generates from openapi/v1.json.

From the first call to the funder's file: client, needs, programme, quote, session, booking, enrolments, agreement,
attendance, certificate, funding. Bodies go through the generated models, answers come back as generated models; an answer
that the contract does not announce stops the job.

Environment: CLAIRIERE_URL, CLAIRIERE_ADMIN_KEY, CLAIRIERE_TRAINING_KEY, CLAIRIERE_TRAINER_KEY.
"""

import importlib
import importlib.util
import io
import os
import pkgutil
import typing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import clairiere_client.api
from clairiere_client import AuthenticatedClient
from clairiere_client.models.problem import Problem
from clairiere_client.types import File

URL = os.environ["CLAIRIERE_URL"]
UNIFORMATION = "uniformation"
TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()


def operation(name):
    """The generated module of an operation, whatever its tag."""
    for tag in pkgutil.iter_modules(clairiere_client.api.__path__):
        found = f"{clairiere_client.api.__name__}.{tag.name}.{name}"
        if importlib.util.find_spec(found):
            return importlib.import_module(found)
    raise SystemExit(f"the generated client has no operation {name}")


class Caller:
    """Somebody with a key."""

    def __init__(self, key):
        self.client = AuthenticatedClient(base_url=URL, token=key, raise_on_unexpected_status=True, timeout=60)
        self.calls = 0

    def __call__(self, name, /, body=None, **arguments):
        """Call an operation; what went well, as a generated model."""
        module = operation(name)
        if body is not None:
            model = typing.get_type_hints(module.sync_detailed)["body"]
            arguments["body"] = body if not isinstance(body, dict) else model.from_dict(body)
        self.calls += 1
        answer = module.sync_detailed(client=self.client, **arguments)
        if isinstance(answer.parsed, Problem):
            raise SystemExit(f"{name}: {answer.status_code} {answer.parsed.to_dict()}")
        if answer.status_code >= 300:
            raise SystemExit(f"{name}: {answer.status_code} {answer.content!r}")
        return answer.parsed

    def upload(self, name, content, purpose):
        module = operation("create_file")
        model = typing.get_type_hints(module.sync_detailed)["body"]
        kind = typing.get_type_hints(model)["purpose"]
        file = File(payload=io.BytesIO(content), file_name=name, mime_type="application/pdf")
        return self("create_file", model(purpose=kind(purpose), file=file))


def plain(model):
    return model.to_dict()


def organisation(admin):
    """The legal facts that papers print; all invented."""
    since = {"valid_from": "2024-01-01"}
    admin("create_legal_identity", since | {
        "name": "La Ruche", "legal_form": "SCOP SARL à capital variable", "siren": "732829320", "siret": "73282932000074",
        "rcs_city": "Paris", "naf": "85.59A", "address": "12 rue des Abeilles", "postcode": "75011", "city": "Paris",
        "email": "contact@example.org",
    })
    admin("create_declaration", since | {"number": "11751234575", "prefect_region": "Île-de-France"})
    admin("create_vat_attestation", since | {"exempt": True, "reference": "3511-2024-01"})
    for role in ("disability", "pedagogy", "data_protection", "administration"):
        admin("create_referent", since | {
            "role": role, "first_name": "Hélène", "last_name": "Fontaine", "email": f"{role}@example.org",
            "phone": "0123456789",
        })
    for kind, title in (("internal_rules", "Règlement intérieur"), ("terms", "Conditions générales de vente")):
        admin("create_organisation_text", since | {"kind": kind, "title": title, "body": "Article 1. À compléter."})
    return admin("create_signatory", since | {
        "first_name": "Rosa", "last_name": "Bellanger", "quality": "gérante", "email": "rosa@example.org",
        "legal_representative": True, "paper_kinds": [],
    })


def sell(trainer):
    client = trainer("create_client", {
        "kind": "association", "name": "Les Lilas", "legal_form": "association loi 1901", "siret": "73282932000074",
        "address": "12 rue des Lilas", "postcode": "75020", "city": "Paris",
        "contacts": [{
            "person": {"civility": "mme", "first_name": "Agnès", "birth_name": "Petit", "email": "agnes@example.org"},
            "roles": ["signatory", "training_lead"], "quality": "présidente",
        }],
    })
    needs = trainer("create_needs_analysis", {
        "client_id": str(client.id), "subject": "Migrer vers Zourit", "held_on": str(TODAY),
        "appointments": [{"on": str(TODAY), "minutes": 90, "kind": "video_call"}],
        "participants": [{"name": "Agnès Petit", "role": "présidente"}],
    })
    trainer("conclude_needs_analysis", {"conclusion": "go_ahead"}, id=needs.id)
    programme = trainer("create_programme", {
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
    trainer("publish_programme", id=programme.id)
    version = plain(trainer("get_programme", id=programme.id))["current_version_id"]
    quote = trainer("create_quote", {
        "client_id": str(client.id), "needs_analysis_id": str(needs.id), "programme_version_id": version, "heads": 2,
        "period": "cette semaine", "place": "dans vos locaux",
        "lines": [
            {"nature": "training", "label": "Formation", "quantity_hundredths": 100, "unit": "jour",
             "unit_price_cents": 120_000},
            {"nature": "advice", "label": "Accompagnement", "unit": "jour", "unit_price_cents": 60_000},
        ],
    })
    trainer("send_quote", id=quote.id)
    trainer("accept_quote", {"on": str(TODAY), "by": "Agnès Petit", "quality": "présidente"}, id=quote.id)
    return client, version, quote


def main():
    admin, training, trainer = (
        Caller(os.environ[f"CLAIRIERE_{name}_KEY"]) for name in ("ADMIN", "TRAINING", "TRAINER")
    )
    signatory = organisation(admin)
    teacher = trainer("create_trainer", {
        "person": {"first_name": "Marie", "birth_name": "Martin"}, "status": "entrepreneur_salarie",
        "skills": ["Logiciels libres"], "diplomas": ["Master informatique"],
    })
    training("accredit_trainer", {"from": "2024-01-01"}, id=teacher.id)
    client, version, quote = sell(trainer)
    # The server's clock is the real one: the half-day is yesterday's, its agreement was signed before.
    day, signed = TODAY - timedelta(days=1), TODAY - timedelta(days=10)
    made = plain(trainer("create_training", {
        "session": {
            "programme_version_id": version, "format": "intra",
            "slots": [{"day": str(day), "starts": "09:00", "ends": "12:30", "trainers": [str(teacher.id)]}],
            "place": {"name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas",
                      "postcode": "75020", "city": "Paris"},
        },
        "booking": {"client_id": str(client.id), "quote_id": str(quote.id)},
        "enrolments": [
            {"status": "employee", "person": {"first_name": "Zoé", "birth_name": "Lefèvre", "email": "zoe@example.org"}},
            {"status": "volunteer", "person": {"first_name": "Ali", "birth_name": "Benali", "email": "ali@example.org"}},
        ],
    }))
    booking, (zoe, ali) = made["booking_id"], made["enrolment_ids"]
    session, slot = made["session"]["id"], made["session"]["slots"][0]["id"]
    trainer("request_booking_approval", id=booking)
    training("accept_booking_approval", id=booking)
    agreement = trainer("draft_agreement", {"send": True}, id=booking)
    scan = trainer.upload("convention-signee.pdf", b"%PDF-1.7\nscan", "scan")
    trainer("sign_agreement_on_paper", {
        "scan_file_id": str(scan.id), "client_signed_on": str(signed), "client_signatory": "Mme Agnès Petit",
        "client_quality": "présidente", "provider_signed_on": str(signed), "signatory_id": str(signatory.id),
    }, id=agreement.id)
    trainer("agree_booking", id=booking)
    trainer("enrol_trainees", {"information_pack": {"channel": "email"}}, id=booking)
    funders = plain(trainer("list_funders", limit=200))["items"]
    funder = next(funder["id"] for funder in funders if funder["code"] == UNIFORMATION)
    funding = trainer("create_funding_file", {
        "booking_id": booking, "funder_id": funder, "mode": "subrogation", "requested_cents": 120_000, "enrolments": [zoe],
    })
    trainer("file_funding_file", {"on": str(signed)}, id=funding.id)
    trainer("record_attendance", {
        "default": "present", "proof": "paper", "close": True, "trainers": [{"trainer_id": str(teacher.id)}],
        "exceptions": [{"enrolment_id": ali, "presence": "partial", "minutes": 60}],
    }, id=slot)
    trainer("record_evaluations", {"results": [
        {"enrolment_id": zoe, "objectives": [{"objective": 1, "before": "not_acquired", "after": "acquired"}]},
    ]}, id=session)
    certificates = plain(training("issue_certificates", {"signatory_id": str(signatory.id)}, id=session))
    trainer("issue_session_papers", id=session)
    papers = plain(trainer("list_documents", limit=200))["items"]
    kinds = {paper["kind"] for paper in papers}
    assert "certificate" in kinds, (kinds, certificates)
    certificate = next(paper for paper in papers if paper["kind"] == "certificate")
    pdf = operation("get_document_file").sync_detailed(client=trainer.client, id=certificate["id"])
    assert pdf.content.startswith(b"%PDF-"), pdf.status_code
    print(f"The Python client did the main job: {trainer.calls} calls by the trainer, {training.calls} by the cooperative.")


if __name__ == "__main__":
    main()
