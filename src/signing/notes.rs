//! What a trainer notes on their device: opening, arrivals and departures, statements, guests, late signatures, closing.

use chrono::{DateTime, NaiveTime, Utc};
use entity::{late_mark, session_slot};
use poem::{
    Response, handler,
    web::{Form, Path},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    day::within,
    half::{Half, brand, clock},
    pages::{SIGN, see},
    room,
};
use crate::{
    attendance::{
        self, CloseSlot, Decision, Departure, NewException, NewTimes, NewWalkIn, Presence, Proof, SheetState,
        Statement, live,
    },
    link::{Link, RunDay},
    pages::{Page, Reply, render},
    platform::{
        calendar,
        contract::printable,
        error::{Error, Result},
        lines,
    },
};

fn back(link: &Link<RunDay>, slot: Uuid) -> Response {
    see(format!("/journee/{}/{slot}", link.token))
}

/// Open a half-day, and show its code.
#[handler]
pub async fn open(mut link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>) -> Result<Response> {
    let slot = within(&link, slot).await?.id;
    let mut tx = link.ctx.begin().await?;
    room::show(&mut tx, slot).await?;
    tx.commit().await?;
    Ok(see(format!("/journee/{}/{slot}/code", link.token)))
}

/// One trainee: arrival, departure, statement.
#[handler]
pub async fn person(link: Link<RunDay>, Path((_, slot, who)): Path<(String, Uuid, Uuid)>) -> Result<Reply> {
    let slot = within(&link, slot).await?;
    let live = live(&link.ctx.scope(), slot.id).await?;
    let one = live.trainees.iter().find(|one| one.enrolment_id == who).ok_or(Error::Missing("enrolment"))?;
    let field = |at: Option<DateTime<Utc>>| at.map(|at| calendar::local(at).format("%H:%M").to_string());
    let data = json!({
        "name": one.name, "half": Half::of(&slot), "token": link.token, "who": who,
        "arrived": field(one.arrived_at), "left": field(one.left_at), "stated": one.presence.is_some(),
        "proved": one.proved, "open": live.state != SheetState::Closed,
    });
    let page = Page::new(one.name.clone(), brand(&link.ctx.scope(), slot.activity_id).await?);
    render(&page, include_str!("pages/person.html"), data)
}

/// When somebody arrived or left.
#[derive(Deserialize)]
pub struct Times {
    who: Uuid,
    /// `arrive` or `leave`: now, in one tap.
    #[serde(default)]
    tap: String,
    #[serde(default)]
    arrived: String,
    #[serde(default)]
    left: String,
}

/// A time of the half-day's day, as a form sends it; nothing for an empty field.
fn time_of(slot: &session_slot::Model, field: &str, text: &str) -> Result<Option<DateTime<Utc>>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
    let time = read.map_err(|_| {
        Error::invalid(
            format!("/{field}"),
            "signing.time",
            format!("« {text} » n’est pas une heure : écrivez par exemple 09:42."),
            format!("“{text}” is no time: write for example 09:42."),
        )
    })?;
    Ok(Some(calendar::at(slot.day, time)))
}

/// Note an arrival or a departure: now in one tap, or at a time.
#[handler]
pub async fn times(
    mut link: Link<RunDay>,
    Path((_, slot)): Path<(String, Uuid)>,
    body: Form<Times>,
) -> Result<Response> {
    let slot = within(&link, slot).await?;
    let Times { who, tap, arrived, left } = body.0;
    let live = live(&link.ctx.scope(), slot.id).await?;
    let before = live.trainees.iter().find(|one| one.enrolment_id == who).ok_or(Error::Missing("enrolment"))?;
    let now = link.ctx.now();
    let (arrived_at, left_at) = match tap.as_str() {
        "arrive" => (Some(now), before.left_at),
        "leave" => (before.arrived_at, Some(now)),
        _ => (time_of(&slot, "arrived", &arrived)?, time_of(&slot, "left", &left)?),
    };
    let mut tx = link.ctx.begin().await?;
    attendance::note_times(&mut tx, slot.id, NewTimes { enrolment_id: who, arrived_at, left_at }).await?;
    tx.commit().await?;
    Ok(back(&link, slot.id))
}

/// What the trainer states of somebody who did not sign.
#[derive(Deserialize)]
pub struct Stated {
    who: Uuid,
    /// `refused`, `unable`, `forgot`, or `absent`.
    what: String,
    #[serde(default)]
    reason: String,
}

/// State that somebody was there without signing, or was not there.
#[handler]
pub async fn state(
    mut link: Link<RunDay>,
    Path((_, slot)): Path<(String, Uuid)>,
    body: Form<Stated>,
) -> Result<Response> {
    let slot = within(&link, slot).await?.id;
    let Stated { who, what, reason } = body.0;
    let reason = lines::typed(&reason, 500);
    let (presence, statement) = match what.as_str() {
        "absent" => (Presence::Absent, None),
        other => (Presence::Present, Some(Statement::of(other).map_err(|_| Error::Missing("statement"))?)),
    };
    if statement.is_some() && reason.chars().count() < 3 {
        return Err(Error::invalid(
            "/reason",
            "required",
            "Dites en quelques mots ce que vous avez constaté.",
            "Say in a few words what you saw.",
        ));
    }
    let line = NewException {
        enrolment_id: who,
        presence,
        minutes: None,
        reason: Some(reason.clone()).filter(|reason| !reason.is_empty()),
        proof: Some(Proof::TrainerStatement),
        statement,
    };
    let mut tx = link.ctx.begin().await?;
    let why = if presence == Presence::Absent || reason.is_empty() {
        "absence notée par la formatrice ou le formateur".to_owned()
    } else {
        reason
    };
    attendance::amend_slot(&mut tx, slot, vec![line], why, false).await?;
    tx.commit().await?;
    Ok(back(&link, slot))
}

/// Somebody who comes unannounced.
#[derive(Deserialize)]
pub struct Guest {
    first_name: String,
    last_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    employer: String,
}

/// Add somebody on the spot.
#[handler]
pub async fn add(mut link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>, body: Form<Guest>) -> Result<Response> {
    let slot = within(&link, slot).await?.id;
    let Guest { first_name, last_name, email, employer } = body.0;
    let maybe = |text: String, most| Some(lines::typed(&text, most)).filter(|text| !text.is_empty());
    let (first_name, last_name) = (lines::typed(&first_name, 100), lines::typed(&last_name, 100));
    if first_name.is_empty() || last_name.is_empty() {
        return Err(Error::invalid(
            "/last_name",
            "required",
            "Écrivez le prénom et le nom de la personne.",
            "Write the person’s first and last names.",
        ));
    }
    for (pointer, text) in [("/first_name", &first_name), ("/last_name", &last_name), ("/employer", &employer)] {
        printable(pointer, text)?;
    }
    let input = NewWalkIn { first_name, last_name, email: maybe(email, 254), employer: maybe(employer, 200) };
    let mut tx = link.ctx.begin().await?;
    attendance::add_walk_in(&mut tx, slot, input).await?;
    tx.commit().await?;
    Ok(back(&link, slot))
}

/// What is decided of a late signature.
#[derive(Deserialize)]
pub struct Decided {
    late_mark: Uuid,
    decision: String,
    #[serde(default)]
    reason: String,
}

/// Accept or refuse a late signature, with a reason; a late statement is for the cooperative.
#[handler]
pub async fn decide(
    mut link: Link<RunDay>,
    Path((_, slot)): Path<(String, Uuid)>,
    body: Form<Decided>,
) -> Result<Response> {
    let slot = within(&link, slot).await?.id;
    let Decided { late_mark, decision, reason } = body.0;
    let reason = lines::typed(&reason, 500);
    if reason.chars().count() < 3 {
        return Err(Error::invalid(
            "/reason",
            "required",
            "Dites pourquoi en quelques mots.",
            "Say why in a few words.",
        ));
    }
    let decision = match decision.as_str() {
        "accept" => Decision::Accept,
        "refuse" => Decision::Refuse,
        _ => return Err(Error::Missing("decision")),
    };
    let row = link.ctx.scope().get::<late_mark::Entity>(late_mark).await?;
    if row.slot_id != slot || row.kind == attendance::LateKind::Statement.name() {
        return Err(Error::Missing("late_mark"));
    }
    let mut tx = link.ctx.begin().await?;
    attendance::decide_late(&mut tx, late_mark, decision, reason, false).await?;
    tx.commit().await?;
    Ok(back(&link, slot))
}

/// The closing: who is missing, who left early.
#[handler]
pub async fn closing(link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>) -> Result<Reply> {
    let slot = within(&link, slot).await?;
    let live = live(&link.ctx.scope(), slot.id).await?;
    let there: Vec<Value> = live
        .trainees
        .iter()
        .filter(|one| one.minutes.is_some_and(|minutes| minutes > 0))
        .map(|one| {
            let left = one.left_at.map(|at| calendar::local(at).format("%H:%M").to_string());
            json!({ "id": one.enrolment_id, "name": one.name, "left": left })
        })
        .collect();
    let unsigned: Vec<&str> = live.trainers.iter().filter(|one| !one.proved).map(|one| one.name.as_str()).collect();
    let data = json!({
        "half": Half::of(&slot), "token": link.token, "there": there, "missing": live.missing, "unsigned": unsigned,
        "over": link.ctx.now() >= live.ends_at, "ends": clock(live.ends_at),
        "closed": live.state == SheetState::Closed,
    });
    let page = Page::new("Clore la demi-journée", brand(&link.ctx.scope(), slot.activity_id).await?).script(SIGN);
    render(&page, include_str!("pages/closing.html"), data)
}

/// Close a half-day: departures are confirmed, gaps are explained.
#[handler]
pub async fn close(
    mut link: Link<RunDay>,
    Path((_, slot)): Path<(String, Uuid)>,
    body: Form<Vec<(String, String)>>,
) -> Result<Response> {
    let slot = within(&link, slot).await?;
    let noted = attendance::live(&link.ctx.scope(), slot.id).await?;
    let mut gaps = None;
    let mut departures = vec![];
    for (field, value) in body.0 {
        if field == "gaps" {
            gaps = Some(lines::typed(&value, 500)).filter(|text| !text.is_empty());
        } else if let Some(enrolment_id) = field.strip_prefix("left.").and_then(|id| id.parse().ok()) {
            let before = noted.trainees.iter().find(|one| one.enrolment_id == enrolment_id);
            match time_of(&slot, &field, &value)? {
                Some(left_at) => departures.push(Departure { enrolment_id, left_at }),
                // Emptied: they stayed to the end after all.
                None if before.is_some_and(|one| one.left_at.is_some()) => {
                    departures.push(Departure { enrolment_id, left_at: slot.ends_at });
                }
                None => {}
            }
        }
    }
    let mut tx = link.ctx.begin().await?;
    attendance::close_slot(&mut tx, slot.id, CloseSlot { gaps, departures: Some(departures) }).await?;
    tx.commit().await?;
    Ok(back(&link, slot.id))
}
