//! One training of the story, from the client's first call to the funder's file.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{
    cast::{Trainee, person},
    player::{Player, id},
    story::Story,
};
use crate::platform::error::{Error, Result};

/// What a training of the story is made of.
pub struct Training {
    /// Its name, as progress lines say it.
    pub name: &'static str,
    /// The programme, as the catalogue takes it.
    pub programme: Value,
    /// The client, with contacts: signatory, training lead, accounting.
    pub client: Value,
    /// The domain of the client's addresses.
    pub domain: &'static str,
    /// The funder's code.
    pub funder: &'static str,
    /// The needs analysis, without its client and programme.
    pub needs: Value,
    /// Lines of the quote.
    pub lines: Value,
    /// Price of the training lines, in cents.
    pub price_cents: i64,
    /// Where it takes place.
    pub place: Value,
    /// Its days; each has a morning and an afternoon.
    pub days: &'static [&'static str],
    /// Who follows it.
    pub trainees: &'static [Trainee],
    /// Half-days on which somebody is not there, or not all the time: half-day, trainee, presence, minutes.
    pub exceptions: &'static [(usize, usize, &'static str, i32)],
    /// When each step happens: `2026-04-08T09:30`, in Paris.
    pub dates: Dates,
    /// What the funder grants, in cents.
    pub granted_cents: i64,
}

/// When each step happens.
pub struct Dates {
    /// The client's first call.
    pub first_call: &'static str,
    /// The video call of the needs analysis.
    pub needs: &'static str,
    /// The quote leaves.
    pub quote: &'static str,
    /// The client accepts it.
    pub accepted: &'static str,
    /// The session is planned and drafted to the cooperative.
    pub planned: &'static str,
    /// The cooperative accepts; the agreement leaves; the funding file is filed.
    pub approved: &'static str,
    /// The signed agreement comes back.
    pub signed: &'static str,
    /// The funder answers.
    pub granted: &'static str,
    /// Trainees have been convoked: the worker does it a fortnight before the first day.
    pub convoked: &'static str,
    /// Results, certificates, attestations, pieces.
    pub ended: &'static str,
}

/// What a training took.
pub struct Outcome {
    /// Calls by the trainer, from first call to funder's file.
    pub trainer_calls: usize,
    /// Calls by the cooperative.
    pub cooperative_calls: usize,
    /// The session.
    pub session: String,
    /// What remains to do, as the API says.
    pub todo: usize,
}

/// Morning and afternoon, in Paris.
const HALVES: [(&str, &str); 2] = [("09:00", "12:30"), ("13:30", "17:00")];

/// Play a training; the catalogue already holds its programme.
pub async fn play(story: &Story, training: &Training, programme: &Value, trainer_id: &str) -> Result<Outcome> {
    let Story { trainer, cooperative, .. } = story;
    trainer.take_calls();
    cooperative.take_calls();
    let sale = sell(story, training, programme).await?;
    let session = plan(story, training, programme, &sale, trainer_id).await?;
    agree(story, training, &session).await?;
    teach(story, training, &session, trainer_id).await?;
    let (trainer_calls, cooperative_calls) = finish(story, training, &session).await?;
    let todo = trainer.get(&format!("/v1/sessions/{}/todo", session.id)).await?;
    Ok(Outcome {
        trainer_calls,
        cooperative_calls,
        session: session.id,
        todo: todo["items"].as_array().map_or(0, Vec::len),
    })
}

struct Sale {
    client: String,
    quote: String,
}

async fn sell(story: &Story, training: &Training, programme: &Value) -> Result<Sale> {
    let Story { trainer, .. } = story;
    let dates = &training.dates;
    story.at(dates.first_call).await?;
    let client = trainer.post("/v1/clients", training.client.clone()).await?;
    story.tell(training.name, "le client appelle : fiche et contacts");
    story.at(dates.needs).await?;
    let mut needs = training.needs.clone();
    needs["client_id"] = client["id"].clone();
    needs["programme_id"] = programme["id"].clone();
    let needs = trainer.post("/v1/needs-analyses", needs).await?;
    trainer.post(&format!("/v1/needs-analyses/{}/conclude", id(&needs)), json!({ "conclusion": "go_ahead" })).await?;
    story.tell(training.name, "analyse du besoin : 1 h 30 de visioconférence, on y va");
    story.at(dates.quote).await?;
    let quote = json!({
        "client_id": client["id"],
        "needs_analysis_id": needs["id"],
        "programme_version_id": programme["current_version_id"],
        "heads": training.trainees.len(),
        "period": story.period(training.days),
        "place": training.place["name"],
        "lines": training.lines,
    });
    let quote = trainer.post("/v1/quotes", quote).await?;
    trainer.post(&format!("/v1/quotes/{}/send", id(&quote)), json!({})).await?;
    story.at(dates.accepted).await?;
    let signatory = story.signatory_of(training);
    trainer
        .post(
            &format!("/v1/quotes/{}/accept", id(&quote)),
            json!({ "on": &dates.accepted[..10], "by": signatory.0, "quality": signatory.1 }),
        )
        .await?;
    story.tell(training.name, "devis envoyé, accepté");
    Ok(Sale { client: id(&client).into(), quote: id(&quote).into() })
}

struct Planned {
    id: String,
    booking: String,
    slots: Vec<String>,
    enrolments: Vec<(String, &'static str)>,
    funding: String,
}

async fn plan(story: &Story, training: &Training, programme: &Value, sale: &Sale, trainer_id: &str) -> Result<Planned> {
    let Story { trainer, .. } = story;
    story.at(training.dates.planned).await?;
    let slots: Vec<Value> = training
        .days
        .iter()
        .flat_map(|day| {
            HALVES.map(|(starts, ends)| json!({ "day": day, "starts": starts, "ends": ends, "trainers": [trainer_id] }))
        })
        .collect();
    let enrolments: Vec<Value> = training
        .trainees
        .iter()
        .map(|trainee| json!({ "status": trainee.status, "person": person(trainee, training.domain) }))
        .collect();
    let made = trainer
        .post(
            "/v1/trainings",
            json!({
                "session": {
                    "programme_version_id": programme["current_version_id"],
                    "format": "intra",
                    "place": training.place,
                    "slots": slots,
                },
                "booking": { "client_id": sale.client, "quote_id": sale.quote },
                "enrolments": enrolments,
                "propose": true,
            }),
        )
        .await?;
    let list = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|row| id(row).to_owned()).collect()
    };
    let booking = made["booking_id"].as_str().unwrap_or_default().to_owned();
    let enrolled: Vec<(String, &'static str)> = made["enrolment_ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str().map(str::to_owned))
        .zip(training.trainees.iter().map(|trainee| trainee.status))
        .collect();
    story.tell(training.name, &format!("session de {} demi-journées, {} stagiaires", slots.len(), enrolled.len()));
    let funder = story.funder(training.funder).await?;
    let eligible: Vec<&String> =
        enrolled.iter().filter(|(_, status)| *status == "employee").map(|(enrolment, _)| enrolment).collect();
    let funding = trainer
        .post(
            "/v1/funding-files",
            json!({
                "booking_id": booking,
                "funder_id": funder,
                "mode": "subrogation",
                "requested_cents": training.price_cents,
                "file_before": training.days[0],
                "enrolments": eligible,
            }),
        )
        .await?;
    trainer.post(&format!("/v1/bookings/{booking}/request-approval"), json!({})).await?;
    Ok(Planned {
        id: made["session"]["id"].as_str().unwrap_or_default().to_owned(),
        slots: list(&made["session"]["slots"]),
        enrolments: enrolled,
        funding: id(&funding).into(),
        booking,
    })
}

async fn agree(story: &Story, training: &Training, session: &Planned) -> Result<()> {
    let Story { trainer, cooperative, .. } = story;
    let (dates, booking) = (&training.dates, &session.booking);
    story.at(dates.approved).await?;
    cooperative.post(&format!("/v1/bookings/{booking}/accept-approval"), json!({})).await?;
    let agreement = trainer.post(&format!("/v1/bookings/{booking}/agreement"), json!({ "send": true })).await?;
    let filed = json!({ "on": &dates.approved[..10] });
    trainer.post(&format!("/v1/funding-files/{}/file", session.funding), filed).await?;
    story.tell(training.name, "validée par la coopérative ; convention envoyée ; dossier déposé");
    story.at(dates.signed).await?;
    let scan = story.scan("Convention signée").await?;
    let scan = trainer.upload("/v1/files", &[("purpose", "scan")], "convention-signee.pdf", &scan).await?;
    let signatory = story.signatory_of(training);
    let signed = json!({
        "scan_file_id": scan["id"],
        "client_signed_on": &dates.signed[..10],
        "client_signatory": signatory.0,
        "client_quality": signatory.1,
        "board_decision": "Décision du conseil d’administration",
        "provider_signed_on": &dates.signed[..10],
        "signatory_id": story.delegate,
    });
    trainer.post(&format!("/v1/agreements/{}/sign-on-paper", id(&agreement)), signed).await?;
    trainer.post(&format!("/v1/bookings/{booking}/agree"), json!({})).await?;
    trainer
        .post(&format!("/v1/bookings/{booking}/enrol"), json!({ "information_pack": { "channel": "email" } }))
        .await?;
    story.tell(training.name, "convention signée des deux côtés ; stagiaires informés et inscrits");
    story.at(dates.granted).await?;
    let decision = if training.granted_cents < training.price_cents { "partially_approved" } else { "approved" };
    let granted = json!({
        "decision": decision,
        "granted_cents": training.granted_cents,
        "on": &dates.granted[..10],
        "number": format!("DAF-{}", &session.funding[30..]),
        "pieces_deadline": story.months_after(training.days, 2)?,
        "reason": (decision == "partially_approved").then_some("Plafond annuel de la branche"),
    });
    trainer.post(&format!("/v1/funding-files/{}/decide", session.funding), granted).await?;
    story.tell(training.name, "prise en charge accordée");
    story.at(dates.convoked).await?;
    story.tell(training.name, "stagiaires convoqués, sans que personne y pense");
    Ok(())
}

async fn teach(story: &Story, training: &Training, session: &Planned, trainer_id: &str) -> Result<()> {
    for (index, slot) in session.slots.iter().enumerate() {
        let (day, half) = (training.days[index / 2], index % 2);
        story.at(&format!("{day}T{}", if half == 0 { "12:35" } else { "17:05" })).await?;
        let exceptions: Vec<Value> = training
            .exceptions
            .iter()
            .filter(|(when, ..)| *when == index)
            .map(|(_, who, presence, minutes)| {
                let mut exception = json!({ "enrolment_id": session.enrolments[*who].0, "presence": presence });
                if *presence == "partial" {
                    exception["minutes"] = (*minutes).into();
                }
                exception
            })
            .collect();
        let attendance = json!({
            "proof": "paper",
            "exceptions": exceptions,
            "trainers": [{ "trainer_id": trainer_id }],
            "close": true,
        });
        story.trainer.post(&format!("/v1/slots/{slot}/attendance"), attendance).await?;
    }
    story.tell(training.name, &format!("{} demi-journées émargées et closes", session.slots.len()));
    Ok(())
}

async fn finish(story: &Story, training: &Training, session: &Planned) -> Result<(usize, usize)> {
    let Story { trainer, cooperative, .. } = story;
    story.at(training.dates.ended).await?;
    let objectives = training.programme["objectives"].as_array().map_or(0, Vec::len);
    let results: Vec<Value> = session
        .enrolments
        .iter()
        .enumerate()
        .map(|(who, (enrolment, _))| {
            let objectives: Vec<Value> = (1..=objectives)
                .map(|number| {
                    let after = if (who + number) % 7 == 0 { "in_progress" } else { "acquired" };
                    json!({ "objective": number, "before": "not_acquired", "after": after })
                })
                .collect();
            json!({ "enrolment_id": enrolment, "objectives": objectives })
        })
        .collect();
    trainer.put(&format!("/v1/sessions/{}/evaluations", session.id), json!({ "results": results })).await?;
    cooperative
        .post(&format!("/v1/sessions/{}/certificates", session.id), json!({ "signatory_id": story.delegate }))
        .await?;
    trainer.post(&format!("/v1/sessions/{}/papers", session.id), json!({})).await?;
    story.tell(training.name, "acquis évalués ; certificats, attestations et feuilles d’émargement établis");
    let sent = json!({ "stage": "payment" });
    trainer.post(&format!("/v1/funding-files/{}/send-pieces", session.funding), sent).await?;
    story.tell(training.name, "pièces envoyées au financeur");
    let calls = (trainer.take_calls(), cooperative.take_calls());
    story.work().await?;
    Ok(calls)
}

/// A day of the story.
pub fn day(text: &str) -> Result<NaiveDate> {
    text.parse().map_err(|_| Error::internal(format!("not a day: {text}")))
}

/// Publish a programme of the catalogue; answers it, with its version.
pub async fn publish(trainer: &Player, programme: &Value) -> Result<Value> {
    let draft = trainer.post("/v1/programmes", programme.clone()).await?;
    trainer.post(&format!("/v1/programmes/{}/publish", id(&draft)), json!({})).await?;
    trainer.get(&format!("/v1/programmes/{}", id(&draft))).await
}
