//! A trainee's own page, by personal link: the half-day that is open, what was signed, what comes next.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use entity::{
    attendance_sheet, enrolment, enrolment_slot, late_mark, mark, mark_evidence, person, session, session_slot,
};
use poem::{
    IntoResponse, Response, handler,
    web::{Form, Json, Query},
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    half::{Half, brand, clock},
    pages::{SIGN, see},
    room,
    rules::{Known, Standing, standing},
    submission::{self, CONSENT, STATEMENT, Submission},
};
use crate::{
    attendance::{self, LateState, Means, NewNameCorrection, Presence, Proof, SheetState, Signed, Signing, Who},
    link::{Link, SignSession},
    organisation::settings,
    pages::{PAD, Page, Reply, render},
    people::name_of,
    platform::{
        access::Ctx,
        calendar,
        error::{Error, Result},
        lines,
    },
    session::slots_of_session,
};

/// One of the trainee's half-days.
#[derive(Debug, Clone)]
struct Seat {
    slot: session_slot::Model,
    known: Known,
    standing: Standing,
    /// The evidence that counts, or waits.
    evidence: Option<mark_evidence::Model>,
}

/// A trainee and their half-days.
struct Desk {
    session: session::Model,
    enrolment: enrolment::Model,
    name: String,
    seats: Vec<Seat>,
}

async fn desk(ctx: &Ctx, enrolment: Uuid) -> Result<Desk> {
    let scope = ctx.scope();
    let enrolment = scope.get::<enrolment::Entity>(enrolment).await?;
    let session = scope.get::<session::Entity>(enrolment.session_id).await?;
    let name = name_of(&scope.get::<person::Entity>(enrolment.person_id).await?);
    let mut slots = slots_of_session(&scope, session.id).await?;
    if !enrolment.all_slots {
        let chosen: Vec<Uuid> = scope
            .find::<enrolment_slot::Entity>()
            .filter(enrolment_slot::Column::EnrolmentId.eq(enrolment.id))
            .all()
            .await?
            .into_iter()
            .map(|row| row.slot_id)
            .collect();
        slots.retain(|slot| chosen.contains(&slot.id));
    }
    if !matches!(enrolment.state.as_str(), "enrolled" | "started" | "completed") || session.state == "cancelled" {
        slots.clear();
    }
    let ids = || slots.iter().map(|slot| slot.id);
    let sheets: HashMap<Uuid, String> = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(ids()))
        .all()
        .await?
        .into_iter()
        .map(|sheet| (sheet.slot_id, sheet.state))
        .collect();
    let of = enrolment.id;
    let marks = scope.find::<mark::Entity>().filter(mark::Column::EnrolmentId.eq(of)).all().await?;
    let late = scope
        .find::<late_mark::Entity>()
        .filter(late_mark::Column::EnrolmentId.eq(of))
        .ascending(late_mark::Column::Id)
        .all()
        .await?;
    let kept = scope.find::<mark_evidence::Entity>().filter(mark_evidence::Column::EnrolmentId.eq(of)).all().await?;
    let rules = settings(&scope).await?;
    let mut seats = vec![];
    for slot in slots {
        let mark = marks.iter().find(|mark| mark.slot_id == slot.id);
        let late = late.iter().rfind(|late| late.slot_id == slot.id);
        let known = Known {
            cancelled: false,
            opens_at: slot.starts_at - TimeDelta::minutes(i64::from(rules.signing_opens_minutes)),
            late_until: slot.ends_at + TimeDelta::hours(i64::from(rules.late_mark_hours)),
            state: match sheets.get(&slot.id).map(String::as_str) {
                None => SheetState::Waiting,
                Some("closed") => SheetState::Closed,
                Some(_) => SheetState::Open,
            },
            mark: match mark {
                Some(mark) => Some((Presence::of(&mark.presence)?, Proof::of(&mark.proof)?, mark.minutes)),
                None => None,
            },
            late: late.map(|late| LateState::of(&late.state)).transpose()?,
        };
        let proof = mark.and_then(|mark| mark.evidence_id).or(late.map(|late| late.evidence_id));
        seats.push(Seat {
            standing: standing(&known, ctx.now()),
            evidence: kept.iter().find(|row| Some(row.id) == proof).cloned(),
            known,
            slot,
        });
    }
    Ok(Desk { session, enrolment, name, seats })
}

/// Which half-day a visitor looks at.
#[derive(Deserialize)]
pub struct Asked {
    /// The half-day; the one that is open when absent.
    slot: Option<Uuid>,
    /// Whether something was just sent.
    #[serde(default)]
    done: bool,
}

impl Desk {
    /// Half-days of a day that open later, in order: a page that is kept without network offers them in their time.
    fn ahead(&self, today: NaiveDate) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(move |seat| seat.standing == Standing::Ahead && seat.slot.day == today)
    }

    /// The half-day of the form: the one asked for, else the last that is open, else today's next one (its form is hidden
    /// until then), else the last that may be signed late. What is late hides nothing of today: the list leads to it.
    fn of_form(&self, asked: Option<Uuid>, today: NaiveDate) -> Option<&Seat> {
        let may = |seat: &&Seat| matches!(seat.standing, Standing::Open | Standing::Late | Standing::Statement);
        if let Some(seat) = self.seats.iter().filter(may).find(|seat| Some(seat.slot.id) == asked) {
            return Some(seat);
        }
        let last = |wanted| self.seats.iter().rfind(|seat| seat.standing == wanted);
        last(Standing::Open).or_else(|| self.ahead(today).next()).or_else(|| last(Standing::Late))
    }
}

/// A half-day in the list of the page.
#[derive(Serialize)]
struct Line {
    half: Half,
    said: String,
    digest: Option<String>,
    /// Whether another form is reached from here.
    may: Option<&'static str>,
}

fn line(seat: &Seat) -> Line {
    let signed = seat.evidence.as_ref();
    let at = signed.map(|row| calendar::moment(row.signed_at)).unwrap_or_default();
    let (said, may) = match seat.standing {
        Standing::Cancelled => ("Annulée.".into(), None),
        Standing::Ahead => (format!("La signature ouvre à {}.", clock(seat.known.opens_at)), None),
        Standing::Signed if at.is_empty() => ("Signée.".into(), None),
        Standing::Signed => (format!("Signée le {at}."), None),
        Standing::Proved => ("Présence déjà prouvée autrement : rien à signer.".into(), None),
        Standing::Open => ("À signer.".into(), Some("Signer")),
        Standing::Late => ("Close sans votre signature.".into(), Some("Signer en retard")),
        Standing::Statement => ("Close sans votre signature.".into(), Some("Déclarer ma présence")),
        Standing::Waiting => (format!("Reçue le {at} ; une décision est attendue."), None),
        Standing::Refused => ("Votre signature tardive n’a pas été retenue.".into(), None),
    };
    Line { half: Half::of(&seat.slot), said, digest: signed.map(|row| row.digest[..16].to_owned()), may }
}

/// The page.
#[handler]
pub async fn own_page(link: Link<SignSession>, asked: Query<Asked>) -> Result<Reply> {
    let desk = desk(&link.ctx, link.row.object_id).await?;
    let scope = link.ctx.scope();
    let today = link.ctx.today();
    let chosen = desk.of_form(asked.slot, today);
    let stating = chosen.is_some_and(|seat| seat.standing == Standing::Statement);
    let form = chosen.map(|seat| {
        let (kind, consent) = match seat.standing {
            Standing::Ahead => ("ahead", CONSENT),
            Standing::Late => ("late", CONSENT),
            Standing::Statement => ("statement", STATEMENT),
            _ => ("open", CONSENT),
        };
        json!({ "half": Half::of(&seat.slot), "kind": kind, "consent": consent })
    });
    let next = desk
        .seats
        .iter()
        .find(|seat| seat.standing == Standing::Ahead)
        .map(|seat| json!({ "half": Half::of(&seat.slot), "opens": calendar::moment(seat.known.opens_at) }));
    // What may be signed today may be signed without network once this page was opened; the words of a statement are others.
    let ahead: Vec<_> = desk
        .ahead(today)
        .filter(|_| !stating)
        .map(|seat| json!({ "half": Half::of(&seat.slot), "opens": seat.known.opens_at.timestamp_millis() }))
        .collect();
    let today: Vec<Uuid> = desk
        .seats
        .iter()
        .filter(|seat| seat.slot.day == today && seat.standing != Standing::Signed)
        .map(|seat| seat.slot.id)
        .collect();
    let newest = |seat: &&Seat| seat.evidence.as_ref().map(|row| row.signed_at);
    let told = desk.seats.iter().filter(|_| asked.done).max_by_key(newest).filter(|seat| seat.evidence.is_some());
    let data = json!({
        "title": desk.session.title, "name": desk.name, "token": link.token, "form": form, "next": next,
        "lines": desk.seats.iter().map(line).collect::<Vec<_>>(), "told": told.map(line), "today": today, "ahead": json!(ahead).to_string(),
        "client_uuid": link.ctx.app().ids.new_id(link.ctx.now()),
    });
    let page = Page::new("Signer ma présence", brand(&scope, link.row.activity_id).await?).script(PAD).script(SIGN);
    render(&page, include_str!("pages/trainee.html"), data)
}

async fn sign(link: &mut Link<SignSession>, body: Submission) -> Result<Signed> {
    let (slot, statement, offline) = (body.slot()?, body.statement, body.offline);
    let desk = desk(&link.ctx, link.row.object_id).await?;
    if !desk.seats.iter().any(|seat| seat.slot.id == slot) {
        return Err(Error::Missing("session_slot"));
    }
    if offline {
        room::require_ticket(&link.ctx.scope(), slot, link.row.id, &body.ticket).await?;
    }
    let who = Who::Trainee(desk.enrolment.id);
    let signing: Signing = body.signing(&link.ctx, link.row.activity_id, slot, who, Means::PersonalLink).await?;
    let mut tx = link.ctx.begin().await?;
    let signed = if statement {
        attendance::state_late(&mut tx, signing).await
    } else {
        attendance::sign(&mut tx, signing).await
    }?;
    tx.commit().await?;
    Ok(signed)
}

/// Sign, by a plain form.
#[handler]
pub async fn post(mut link: Link<SignSession>, body: Form<Submission>) -> Result<Response> {
    sign(&mut link, body.0).await?;
    Ok(see(format!("/presence/{}?done=true", link.token)))
}

/// Sign, by the script.
#[handler]
pub async fn send(mut link: Link<SignSession>, body: Json<Submission>) -> Result<Response> {
    submission::answer(sign(&mut link, body.0).await)
}

/// The half-day for which a ticket is asked.
#[derive(Deserialize)]
pub struct Wanted {
    /// The half-day.
    pub slot: Uuid,
}

/// A ticket to sign without network later today.
#[handler]
pub async fn lend(mut link: Link<SignSession>, body: Json<Wanted>) -> Result<Response> {
    let desk = desk(&link.ctx, link.row.object_id).await?;
    let today = link.ctx.today();
    let Some(seat) = desk.seats.iter().find(|seat| seat.slot.id == body.slot && seat.slot.day == today) else {
        return submission::refusal(Error::Missing("session_slot"));
    };
    let mut tx = link.ctx.begin().await?;
    let ticket = room::lend(&mut tx, seat.slot.id, link.row.id).await?;
    tx.commit().await?;
    Ok(Json(json!({ "ticket": ticket })).into_response())
}

/// « Mon nom est mal écrit ».
#[derive(Deserialize)]
pub struct Misspelt {
    /// How it should be written.
    #[serde(default)]
    said: String,
}

/// Say that one's name is badly written.
#[handler]
pub async fn misspelt(mut link: Link<SignSession>, body: Form<Misspelt>) -> Result<Response> {
    let said = lines::typed(&body.said, 300);
    if said.is_empty() {
        return Err(Error::invalid(
            "/said",
            "required",
            "Écrivez votre nom comme il doit l’être.",
            "Write your name as it should be.",
        ));
    }
    let enrolment = link.row.object_id;
    let mut tx = link.ctx.begin().await?;
    attendance::ask_correction(&mut tx, enrolment, NewNameCorrection { said }).await?;
    tx.commit().await?;
    Ok(see(format!("/presence/{}/nom", link.token)))
}

/// What was said about one's name, received.
#[handler]
pub async fn misspelt_received(link: Link<SignSession>) -> Result<Reply> {
    let data = json!({ "token": link.token });
    let page = Page::new("C’est noté", brand(&link.ctx.scope(), link.row.activity_id).await?);
    render(&page, include_str!("pages/misspelt.html"), data)
}
