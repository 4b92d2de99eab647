//! The trainer's device: the day's half-days, who signed, passing the device round, the code on the screen.

use entity::{link, session_slot, slot_trainer, trainer};
use poem::{
    IntoResponse, Response, handler,
    web::{Form, Json, Path},
};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    code,
    dispute::disputes,
    half::{Half, brand, clock},
    pages::{CODE, SIGN, see},
    room,
    submission::{self, CONSENT, Submission, TRAINER_CONSENT},
    trainee::Wanted,
};
use crate::{
    attendance::{self, Live, LiveTrainee, Means, Presence, Proof, SheetState, Signed, WalkInState, live},
    link::{Link, RunDay},
    pages::{PAD, Page, Reply, render},
    people::trainer_name,
    platform::{
        calendar,
        error::{Error, Result},
        scope::Scope,
    },
};

/// The half-days that a link opens: those of its session and day that its trainer teaches. Whoever was replaced has none any
/// more, and not those of who replaces them, be they of the same name. Another session of that day has a link of its own:
/// one that is taken back leaves no other that opens the same.
pub async fn covered(scope: &Scope<'_>, link: &link::Model) -> Result<Vec<session_slot::Model>> {
    use session_slot::Column as S;
    use slot_trainer::Column as T;
    let trainer = link.trainer_id.ok_or(Error::Missing("link"))?;
    let session = link.session_id.ok_or(Error::Missing("link"))?;
    let slot = scope.get::<session_slot::Entity>(link.object_id).await?;
    let theirs = scope.find::<slot_trainer::Entity>().filter(T::TrainerId.eq(trainer)).column(T::SlotId);
    let mut day = scope
        .find::<session_slot::Entity>()
        .filter(S::SessionId.eq(session))
        .filter(S::Day.eq(slot.day))
        .filter(S::Id.in_subquery(theirs))
        .ascending(S::StartsAt)
        .all()
        .await?;
    if day.is_empty() {
        return Err(Error::Missing("link"));
    }
    day.retain(|slot| slot.state != "cancelled");
    Ok(day)
}

/// A half-day of the day, or nothing that this link opens.
pub async fn within(link: &Link<RunDay>, slot: Uuid) -> Result<session_slot::Model> {
    let day = covered(&link.ctx.scope(), &link.row).await?;
    day.into_iter().find(|one| one.id == slot).ok_or(Error::Missing("session_slot"))
}

fn state(state: SheetState) -> &'static str {
    match state {
        SheetState::Waiting => "pas encore ouverte",
        SheetState::Open => "ouverte",
        SheetState::Closed => "close",
    }
}

/// The day.
#[handler]
pub async fn day_page(link: Link<RunDay>) -> Result<Reply> {
    let scope = link.ctx.scope();
    let day = covered(&scope, &link.row).await?;
    let mut halves = vec![];
    for slot in &day {
        let live = live(&scope, slot.id).await?;
        halves.push(json!({
            "half": Half::of(slot), "title": live.title, "state": state(live.state), "signed": live.signed,
            "expected": live.expected,
        }));
    }
    let title = day.first().map_or_else(|| "Journée".to_owned(), |slot| calendar::long_date(slot.day));
    let data = json!({
        "title": title, "holder": link.row.holder, "token": link.token, "halves": halves,
        "slots": day.iter().map(|slot| slot.id).collect::<Vec<_>>(), "pad": PAD.address(),
    });
    let page = Page::new(title, brand(&scope, link.row.activity_id).await?).script(SIGN);
    render(&page, include_str!("pages/day.html"), data)
}

/// What is known of a trainee, in a few words.
fn said(one: &LiveTrainee) -> String {
    let mut words = match (one.presence, one.proof) {
        _ if one.waiting => "signature reçue, à décider".to_owned(),
        (None, _) => "n’a pas signé".to_owned(),
        (Some(Presence::Absent), _) => "absence notée".to_owned(),
        (Some(Presence::Excused), _) => "absence excusée".to_owned(),
        (Some(_), Some(Proof::Signed)) => match one.signed_at {
            Some(at) => format!("a signé à {}", clock(at)),
            None => "a signé".to_owned(),
        },
        (Some(_), Some(Proof::Paper)) => "a signé sur papier".to_owned(),
        (Some(_), Some(Proof::Connection)) => "présence prouvée par sa connexion".to_owned(),
        (Some(_), Some(Proof::TrainerStatement) | None) => match one.statement {
            Some(statement) => format!("{} : votre constat", statement.printed()),
            None => "présence constatée".to_owned(),
        },
    };
    if let Some(at) = one.arrived_at {
        words.push_str(&format!(", arrivée à {}", clock(at)));
    }
    if let Some(at) = one.left_at {
        words.push_str(&format!(", départ à {}", clock(at)));
    }
    words
}

fn row(one: &LiveTrainee) -> Value {
    json!({
        "id": one.enrolment_id, "name": one.name, "said": said(one), "there": one.proved,
        "open": one.presence.is_none() && !one.waiting,
    })
}

/// Who may still sign on this device, trainers last.
fn to_sign(live: &Live) -> Vec<Value> {
    let trainees = live
        .trainees
        .iter()
        .filter(|one| !one.proved && !one.waiting)
        .map(|one| json!({ "who": format!("stagiaire.{}", one.enrolment_id), "name": one.name, "trainer": false }));
    let walk_ins = live
        .walk_ins
        .iter()
        .filter(|one| one.state == WalkInState::Pending && !one.signed)
        .map(|one| json!({ "who": format!("sur-place.{}", one.id), "name": one.name, "trainer": false }));
    let trainers = live
        .trainers
        .iter()
        .filter(|one| !one.proved)
        .map(|one| json!({ "who": format!("formation.{}", one.trainer_id), "name": one.name, "trainer": true }));
    trainees.chain(walk_ins).chain(trainers).collect()
}

/// One half-day.
#[handler]
pub async fn half(link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>) -> Result<Reply> {
    let slot = within(&link, slot).await?;
    let scope = link.ctx.scope();
    let live = live(&scope, slot.id).await?;
    let now = link.ctx.now();
    let late: Vec<Value> = live
        .late_marks
        .iter()
        .map(|one| {
            let device = one.device_at.filter(|_| one.offline).map(calendar::moment);
            json!({ "id": one.id, "name": one.name, "at": calendar::moment(one.received_at), "device": device,
                    "kind": one.kind.name() })
        })
        .collect();
    let disputed: Vec<String> = disputes(&scope, slot.id).await?.into_iter().map(|one| one.name).collect();
    let walk_ins: Vec<Value> = live
        .walk_ins
        .iter()
        .filter(|one| one.state != WalkInState::Dismissed)
        .map(|one| json!({ "name": one.name, "signed": one.signed, "pending": one.state == WalkInState::Pending }))
        .collect();
    let signals: Vec<Value> =
        live.signals.iter().map(|one| json!({ "detail": one.detail, "names": one.names })).collect();
    let data = json!({
        "title": live.title, "half": Half::of(&slot), "token": link.token, "state": state(live.state),
        "closed": live.state == SheetState::Closed, "opens": (now < live.opens_at).then(|| clock(live.opens_at)),
        "over": now >= live.ends_at, "ends": clock(live.ends_at), "signed": live.signed, "expected": live.expected,
        "trainees": live.trainees.iter().map(row).collect::<Vec<_>>(), "late": late, "disputed": disputed,
        "trainers": live.trainers.iter().map(|one| json!({
            "name": one.name, "said": if one.proved { "a signé" } else { "n’a pas signé" }
        })).collect::<Vec<_>>(),
        "walk_ins": walk_ins, "signals": signals, "now": now >= live.starts_at, "pad": PAD.address(),
    });
    let page = Page::new(data["half"]["label"].as_str().unwrap_or_default(), brand(&scope, slot.activity_id).await?);
    render(&page.script(SIGN), include_str!("pages/half.html"), data)
}

/// Passing the device round: pick a name, sign, next.
#[handler]
pub async fn passing(link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>) -> Result<Reply> {
    let slot = within(&link, slot).await?;
    let scope = link.ctx.scope();
    let live = live(&scope, slot.id).await?;
    // Shown before it opens: a page that was loaded in the morning serves without network; what comes too early is refused.
    let open = live.state != SheetState::Closed;
    let opens = (link.ctx.now() < live.opens_at).then(|| clock(live.opens_at));
    let data = json!({
        "half": Half::of(&slot), "token": link.token, "choices": if open { to_sign(&live) } else { vec![] },
        "open": open, "opens": opens, "consent": CONSENT, "trainer_consent": TRAINER_CONSENT,
        "client_uuid": link.ctx.app().ids.new_id(link.ctx.now()),
    });
    let page = Page::new("Signer sur cet appareil", brand(&scope, slot.activity_id).await?).script(PAD).script(SIGN);
    render(&page, include_str!("pages/passing.html"), data)
}

async fn sign(link: &mut Link<RunDay>, slot: Uuid, body: Submission) -> Result<Signed> {
    let slot = within(link, slot).await?;
    let who = body.who()?;
    if body.offline {
        room::require_ticket(&link.ctx.scope(), slot.id, link.row.id, &body.ticket).await?;
    }
    let body = Submission { statement: false, ..body };
    let signing = body.signing(&link.ctx, slot.activity_id, slot.id, who, Means::TrainerDevice).await?;
    let mut tx = link.ctx.begin().await?;
    let signed = attendance::sign(&mut tx, signing).await?;
    tx.commit().await?;
    Ok(signed)
}

/// Sign, by a plain form.
#[handler]
pub async fn post(
    mut link: Link<RunDay>,
    Path((_, slot)): Path<(String, Uuid)>,
    body: Form<Submission>,
) -> Result<Response> {
    sign(&mut link, slot, body.0).await?;
    Ok(see(format!("/journee/{}/{slot}/signer", link.token)))
}

/// Sign, by the script.
#[handler]
pub async fn send(
    mut link: Link<RunDay>,
    Path((_, slot)): Path<(String, Uuid)>,
    body: Json<Submission>,
) -> Result<Response> {
    submission::answer(sign(&mut link, slot, body.0).await)
}

/// A ticket to sign without network later today.
#[handler]
pub async fn lend(mut link: Link<RunDay>, body: Json<Wanted>) -> Result<Response> {
    let slot = match within(&link, body.slot).await {
        Ok(slot) => slot.id,
        Err(error) => return submission::refusal(error),
    };
    let mut tx = link.ctx.begin().await?;
    let ticket = room::lend(&mut tx, slot, link.row.id).await?;
    tx.commit().await?;
    Ok(Json(json!({ "ticket": ticket })).into_response())
}

/// The code of this moment and how many signed.
async fn moment(link: &Link<RunDay>, slot: Uuid) -> Result<Value> {
    let scope = link.ctx.scope();
    let live = live(&scope, slot).await?;
    let code = match room::code_of(&scope, slot).await? {
        Some(row) if live.state == SheetState::Open => {
            Some(room::shown(&row, &link.ctx.app().settings.base_url(), link.ctx.now())?)
        }
        Some(_) | None => None,
    };
    Ok(json!({
        "svg": code.as_ref().map(|code| &code.svg), "typed": code.as_ref().map(|code| &code.typed),
        "typed_at": code.as_ref().map(|code| code.typed_at.trim_start_matches("https://").trim_start_matches("http://")),
        "seconds": code::seconds_left(link.ctx.now(), code::SCANNED), "signed": live.signed, "expected": live.expected,
    }))
}

/// The code on the screen; it changes by script, or when the page comes again.
#[handler]
pub async fn screen(link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>) -> Result<Reply> {
    let slot = within(&link, slot).await?;
    let mut data = moment(&link, slot.id).await?;
    data["half"] = json!(Half::of(&slot));
    data["token"] = json!(link.token);
    let page = Page::new("Code à scanner", brand(&link.ctx.scope(), slot.activity_id).await?).script(CODE);
    render(&page.refresh(15), include_str!("pages/screen.html"), data)
}

/// The same, for the script.
#[handler]
pub async fn screen_now(link: Link<RunDay>, Path((_, slot)): Path<(String, Uuid)>) -> Result<Response> {
    let slot = within(&link, slot).await?;
    Ok(Json(moment(&link, slot.id).await?).with_header("Cache-Control", "no-store").into_response())
}

/// The trainers of a half-day, by name: whoever gets its link is one of them.
pub async fn trainers(scope: &Scope<'_>, slot: Uuid) -> Result<Vec<(trainer::Model, String)>> {
    let rows = scope.find::<slot_trainer::Entity>().filter(slot_trainer::Column::SlotId.eq(slot)).all().await?;
    let mut found = vec![];
    for row in scope.map::<trainer::Entity>(rows.iter().map(|row| row.trainer_id)).await?.into_values() {
        let name = trainer_name(scope, row.id).await?;
        found.push((row, name));
    }
    found.sort_by(|left, right| left.1.cmp(&right.1));
    Ok(found)
}
