//! Whoever scanned or typed the code of the room: they say who they are among those who have not signed, and sign.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{mark_evidence, session, session_slot};
use poem::{
    Body, FromRequest, Request, RequestBody, Response, handler,
    web::{Data, Form, Json, Path},
};
use sea_orm::ColumnTrait;
use serde::Deserialize;
use serde_json::json;

use super::{
    code::Ticket,
    half::{Half, brand},
    pages::{SIGN, see},
    room, rules,
    submission::{self, CONSENT, Submission},
};
use crate::{
    attendance::{self, Means, Signed, WalkInState, Who, live},
    pages::{PAD, Page, Reply, render},
    platform::{
        access::{Ctx, RequestFacts},
        app::App,
        calendar,
        error::{Error, Result},
        text::short_name,
    },
};

fn facts(request: &Request) -> RequestFacts {
    request.data::<RequestFacts>().cloned().unwrap_or_default()
}

/// The page that a scan opens: nothing is consumed yet, readers of codes open pages too.
#[handler]
pub async fn scanned(Path(code): Path<String>) -> Result<Reply> {
    let data = json!({ "action": format!("/presence/qr/{code}") });
    render(&Page::new("Signer ma présence", ""), include_str!("pages/scanned.html"), data)
}

/// Exchange the scanned code for a ticket.
#[handler]
pub async fn scan(request: &Request, app: Data<&App>, Path(code): Path<String>) -> Result<Response> {
    let ticket = room::scan(app.0, &code, &facts(request)).await?;
    Ok(see(format!("/presence/ticket/{ticket}")))
}

/// Where a code is typed.
#[handler]
pub async fn typing() -> Result<Reply> {
    render(&Page::new("Saisir le code affiché", ""), include_str!("pages/typing.html"), json!({}))
}

/// A code that was typed.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    code: String,
}

/// Exchange the typed code for a ticket.
#[handler]
pub async fn type_in(request: &Request, app: Data<&App>, body: Form<Typed>) -> Result<Response> {
    let ticket = room::type_in(app.0, &body.code, &facts(request)).await?;
    Ok(see(format!("/presence/ticket/{ticket}")))
}

/// What was signed by a ticket.
async fn used(ctx: &Ctx, ticket: &Ticket) -> Result<Option<mark_evidence::Model>> {
    ctx.scope()
        .find::<mark_evidence::Entity>()
        .filter(mark_evidence::Column::SlotId.eq(ticket.slot))
        .filter(mark_evidence::Column::ClientUuid.eq(ticket.act))
        .one()
        .await
}

/// How wrong the clock of a device may be that signed without network.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Who has not signed, for the list: « Zoé L. ».
async fn choices(ctx: &Ctx, ticket: &Ticket) -> Result<Vec<(String, String)>> {
    let live = live(&ctx.scope(), ticket.slot).await?;
    let trainees = live
        .trainees
        .into_iter()
        .filter(|one| !one.proved && !one.waiting)
        .map(|one| (format!("stagiaire.{}", one.enrolment_id), one.short_name));
    let walk_ins = live
        .walk_ins
        .into_iter()
        .filter(|one| one.state == WalkInState::Pending && !one.signed)
        .map(|one| (format!("sur-place.{}", one.id), initial(&one.name)));
    Ok(trainees.chain(walk_ins).collect())
}

/// « Prénom N. » of a name that was written in one piece.
fn initial(name: &str) -> String {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    short_name(first, last)
}

/// The page of a ticket: who are you, sign; or the receipt.
#[handler]
pub async fn guest_page(request: &Request, app: Data<&App>, Path(text): Path<String>) -> Result<Reply> {
    let (ctx, ticket) = room::hold(app.0, &text, &facts(request)).await?;
    let scope = ctx.scope();
    let slot = scope.get::<session_slot::Entity>(ticket.slot).await?;
    let session = scope.get::<session::Entity>(slot.session_id).await?;
    let receipt = used(&ctx, &ticket)
        .await?
        .map(|row| json!({ "at": calendar::moment(row.signed_at), "digest": row.digest[..16] }));
    if receipt.is_none() && ctx.now() > ticket.ends_at() {
        return Err(rules::ticket_ended());
    }
    let choices = if receipt.is_some() { vec![] } else { choices(&ctx, &ticket).await? };
    let data = json!({
        "title": session.title, "half": Half::of(&slot), "ticket": text, "choices": choices, "receipt": receipt,
        "until": super::half::clock(ticket.ends_at()), "client_uuid": ticket.act, "consent": CONSENT,
    });
    let page = Page::new("Signer ma présence", brand(&scope, slot.activity_id).await?).script(PAD).script(SIGN);
    render(&page, include_str!("pages/guest.html"), data)
}

async fn sign(ctx: &mut Ctx, ticket: &Ticket, mut body: Submission) -> Result<Signed> {
    let who = body.who()?;
    if matches!(who, Who::Trainer(_)) {
        return Err(Error::Missing("trainer"));
    }
    // Without network, the ten minutes ran on the device, which keeps nothing that was signed after them; the evidence
    // says both instants.
    if ctx.now() > ticket.ends_at() && used(ctx, ticket).await?.is_none() {
        let within = |at: DateTime<Utc>| at >= ticket.given - SKEW && at <= ticket.ends_at() + SKEW;
        if !body.offline || !body.device_at.parse().is_ok_and(within) {
            return Err(rules::ticket_ended());
        }
    }
    // One ticket, one signature: the act is the ticket's own.
    body.client_uuid = ticket.act;
    body.statement = false;
    let slot = ctx.scope().get::<session_slot::Entity>(ticket.slot).await?;
    let signing = body.signing(ctx, slot.activity_id, slot.id, who, Means::RotatingCodeDeclared).await?;
    let mut tx = ctx.begin().await?;
    let signed = attendance::sign(&mut tx, signing).await?;
    tx.commit().await?;
    Ok(signed)
}

/// Sign, by a plain form.
#[handler]
pub async fn post(request: &Request, app: Data<&App>, Path(text): Path<String>, body: Body) -> poem::Result<Response> {
    let (mut ctx, ticket) = room::hold(app.0, &text, &facts(request)).await?;
    // Nothing is read for a ticket that opens nothing.
    let body = Form::<Submission>::from_request(request, &mut RequestBody::new(body)).await?;
    sign(&mut ctx, &ticket, body.0).await?;
    Ok(see(format!("/presence/ticket/{text}")))
}

/// Sign, by the script.
#[handler]
pub async fn send(request: &Request, app: Data<&App>, Path(text): Path<String>, body: Body) -> poem::Result<Response> {
    let signed = match room::hold(app.0, &text, &facts(request)).await {
        Ok((mut ctx, ticket)) => {
            let body = Json::<Submission>::from_request(request, &mut RequestBody::new(body)).await?;
            sign(&mut ctx, &ticket, body.0).await
        }
        Err(error) => Err(error),
    };
    Ok(submission::answer(signed)?)
}
