//! Somebody who pays for themselves, at a distance: contrat, avenant, connection record, attestation d'assiduité.

use serde_json::{Value, json};

use super::{
    player::id,
    story::Story,
    training::{Outcome, publish},
};
use crate::platform::error::Result;

/// Its name, as progress lines say it.
pub const NAME: &str = "Visio, particulier";
/// The two mornings.
const DAYS: [&str; 2] = ["2026-10-27", "2026-10-29"];

/// Play it, from the first call to the proofs.
pub async fn play(story: &Story, trainer_id: &str) -> Result<Outcome> {
    let Story { trainer, cooperative, .. } = story;
    trainer.take_calls();
    cooperative.take_calls();
    story.at("2026-09-28T10:00").await?;
    let client = trainer.post("/v1/clients", client()).await?;
    let programme = publish(trainer, &programme()).await?;
    let (session, booking, enrolment) = sell(story, &client, &programme, trainer_id).await?;
    let agreement = sign(story, &booking).await?;
    amend(story, &agreement).await?;
    teach(story, &session, &enrolment, trainer_id).await?;
    story.at("2026-10-30T10:00").await?;
    let objectives = json!([{ "objective": 1, "before": "in_progress", "after": "acquired" },
                            { "objective": 2, "before": "not_acquired", "after": "acquired" }]);
    let results = json!({ "results": [{ "enrolment_id": enrolment, "objectives": objectives }] });
    let path = format!("/v1/sessions/{}", id(&session));
    trainer.put(&format!("{path}/evaluations"), results).await?;
    cooperative.post(&format!("{path}/certificates"), json!({ "signatory_id": story.delegate })).await?;
    trainer.post(&format!("{path}/papers"), json!({})).await?;
    trainer.post(&format!("/v1/enrolments/{enrolment}/assiduity"), json!({})).await?;
    story.tell(NAME, "certificat, attestations, relevé de connexion établis");
    let (trainer_calls, cooperative_calls) = (trainer.take_calls(), cooperative.take_calls());
    story.work().await?;
    let todo = trainer.get(&format!("{path}/todo")).await?;
    Ok(Outcome {
        trainer_calls,
        cooperative_calls,
        session: id(&session).to_owned(),
        todo: todo["items"].as_array().map_or(0, Vec::len),
    })
}

/// Plan, book and enrol; the cooperative approves.
async fn sell(story: &Story, client: &Value, programme: &Value, trainer_id: &str) -> Result<(Value, Value, String)> {
    let Story { trainer, cooperative, .. } = story;
    let slots: Vec<Value> = DAYS
        .iter()
        .map(|day| json!({ "day": day, "starts": "09:00", "ends": "12:00", "modality": "distance", "trainers": [trainer_id] }))
        .collect();
    let session = trainer
        .post(
            "/v1/sessions",
            json!({ "programme_version_id": programme["current_version_id"], "format": "inter",
                    "link": "https://visio.example.org/clairiere", "slots": slots }),
        )
        .await?;
    let booking = trainer
        .post("/v1/bookings", json!({ "session_id": session["id"], "client_id": client["id"], "price_cents": 36_000 }))
        .await?;
    let enrolment = trainer
        .post(
            "/v1/enrolments",
            json!({ "booking_id": booking["id"], "person_id": client["person_id"], "status": "individual" }),
        )
        .await?;
    trainer.post(&format!("/v1/bookings/{}/request-approval", id(&booking)), json!({})).await?;
    cooperative.post(&format!("/v1/bookings/{}/accept-approval", id(&booking)), json!({})).await?;
    story.tell(NAME, "deux matinées à distance, validées par la coopérative");
    let enrolment = id(&enrolment).to_owned();
    Ok((session, booking, enrolment))
}

/// The contrat, concluded at a distance, signed a fortnight before anything is due.
async fn sign(story: &Story, booking: &Value) -> Result<Value> {
    let Story { trainer, .. } = story;
    let path = format!("/v1/bookings/{}", id(booking));
    let contract = json!({ "concluded_at_distance": true, "send": true });
    let agreement = trainer.post(&format!("{path}/agreement"), contract).await?;
    story.at("2026-10-01T09:00").await?;
    let scan = scanned(story, "Contrat signé", "contrat-signe.pdf").await?;
    let signed = json!({
        "scan_file_id": scan, "client_signed_on": "2026-10-01", "client_signatory": "Mme Zélie Aubin",
        "provider_signed_on": "2026-10-01", "signatory_id": story.delegate,
    });
    trainer.post(&format!("/v1/agreements/{}/sign-on-paper", id(&agreement)), signed).await?;
    trainer.post(&format!("{path}/agree"), json!({})).await?;
    trainer.post(&format!("{path}/enrol"), json!({ "information_pack": { "channel": "email" } })).await?;
    story.tell(NAME, "contrat de formation signé ; quatorze jours pour se rétracter");
    Ok(agreement)
}

async fn scanned(story: &Story, title: &str, name: &str) -> Result<Value> {
    let scan = story.scan(title).await?;
    let file = story.trainer.upload("/v1/files", &[("purpose", "scan")], name, &scan).await?;
    Ok(file["id"].clone())
}

/// The balance is paid in two parts instead of one.
async fn amend(story: &Story, agreement: &Value) -> Result<()> {
    let Story { trainer, .. } = story;
    story.at("2026-10-05T14:00").await?;
    let change = json!({
        "reason": "La stagiaire demande à payer le solde en deux fois.",
        "changes": [{ "item": "payment", "before": "Solde à l’issue de la formation.",
                      "after": "Solde en deux parts égales : l’une après la première matinée, l’autre à l’issue de la formation." }],
    });
    let amendment = trainer.post(&format!("/v1/agreements/{}/amendments", id(agreement)), change).await?;
    let path = format!("/v1/amendments/{}", id(&amendment));
    trainer.post(&format!("{path}/send"), json!({})).await?;
    story.at("2026-10-08T09:30").await?;
    let scan = scanned(story, "Avenant signé", "avenant-signe.pdf").await?;
    let signed = json!({ "scan_file_id": scan, "signed_on": "2026-10-08", "signatory_id": story.delegate });
    trainer.post(&format!("{path}/sign-on-paper"), signed).await?;
    story.tell(NAME, "avenant envoyé, signé");
    Ok(())
}

/// Two mornings, proved by the room's log.
async fn teach(story: &Story, session: &Value, enrolment: &str, trainer_id: &str) -> Result<()> {
    let slots = session["slots"].as_array().cloned().unwrap_or_default();
    let mut connections = vec![];
    for (slot, day) in slots.iter().zip(DAYS) {
        story.at(&format!("{day}T12:05")).await?;
        let attendance = json!({ "proof": "connection", "trainers": [{ "trainer_id": trainer_id, "proof": "connection" }], "close": true });
        story.trainer.post(&format!("/v1/slots/{}/attendance", id(slot)), attendance).await?;
        // After the last Sunday of October, Paris is one hour ahead of universal time.
        for (joined, left) in [("07:56:00", "09:31:00"), ("09:33:00", "11:01:00")] {
            connections.push(json!({
                "enrolment_id": enrolment, "slot_id": slot["id"], "source": "BigBlueButton",
                "joined_at": format!("{day}T{joined}Z"), "left_at": format!("{day}T{left}Z"),
            }));
        }
    }
    let record = json!({ "connections": connections });
    story.trainer.post(&format!("/v1/sessions/{}/distance-records", id(session)), record).await?;
    story.tell(NAME, "deux matinées suivies et closes");
    Ok(())
}

fn client() -> Value {
    json!({
        "kind": "individual", "name": "Zélie Aubin",
        "person": { "civility": "mme", "first_name": "Zélie", "birth_name": "Aubin", "email": "zelie.aubin@example.org" },
        "address": "5 impasse des Tanneurs", "postcode": "44000", "city": "Nantes", "email": "zelie.aubin@example.org",
    })
}

fn programme() -> Value {
    json!({
        "title": "Animer une visioconférence libre",
        "objectives": [
            { "text": "Préparer une salle BigBlueButton et ses documents", "assessment": "mise en situation" },
            { "text": "Animer une réunion à distance, sondages et sous-groupes compris", "assessment": "mise en situation" },
        ],
        "audience": "Toute personne qui anime des réunions", "prerequisites": "aucun",
        "modules": [
            { "title": "Préparer", "minutes": 180, "points": ["salle", "documents", "droits"] },
            { "title": "Animer", "minutes": 180, "points": ["prise de parole", "sondages", "sous-groupes"] },
        ],
        "duration_minutes": 360,
        "methods": "Démonstration, puis chacun anime à son tour",
        "means": {
            "teaching": "Fiches sous licence libre", "technical": "Une salle BigBlueButton par personne",
            "staffing": "Une formatrice spécialiste des outils libres",
        },
        "modality": "distance",
        "distance_assistance": {
            "assistance": "Maud Serin répond par mail et par téléphone sous un jour ouvré, et pendant les classes virtuelles",
            "activities": "Deux classes virtuelles ; entre elles, préparer sa propre salle", "average_minutes": 180,
            "evaluations": "Chacun anime dix minutes devant la formatrice",
        },
        "evaluation": "Mise en situation, bilan objectif par objectif",
        "follow_up": "Relevé de connexion par demi-journée",
        "outcome": "Attestation de fin de formation",
        "access": "Sur demande", "access_delay": "Environ un mois",
        "accessibility": "Sous-titres et supports adaptés à la demande",
        "contacts": "bonjour@clairiere.example.org – 01 99 00 12 34",
        "price_per_head_cents": 36_000, "min_heads": 1, "max_heads": 6,
    })
}
