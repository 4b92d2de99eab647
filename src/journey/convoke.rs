//! Convoke everybody who is enrolled: one paper a trainee, issued again only when it says something else.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{document, enrolment, person, session};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    document::{About, Issued, Kind, issue, says},
    enrolment::expected_slots,
    organisation::{TextKind, text_in_force},
    people::name_of,
    platform::{
        access::Ctx,
        audit::moment,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
    session::{
        convocation::{self, Content},
        issue_handouts, mark_convoked,
    },
};

/// What convoking a session made.
pub struct Convoked {
    /// The convocations that were issued now.
    pub issued: Vec<document::Model>,
    /// How many trainees had one that still says the same.
    pub unchanged: u32,
    /// What is handed over with them, as far as it was issued now: booklet, règlement intérieur.
    pub handouts: Vec<document::Model>,
}

/// A trainee who is called, and what they are about to be told.
struct Called {
    enrolment: enrolment::Model,
    name: String,
    content: Content,
    /// Whether the convocation that stands says exactly this.
    told: bool,
}

/// Everybody who is enrolled in a session, with what they are to be told.
async fn called(scope: &Scope<'_>, session: &session::Model, today: NaiveDate) -> Result<Vec<Called>> {
    let enrolments = scope
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::SessionId.eq(session.id))
        .filter(enrolment::Column::State.is_in(["enrolled", "started"]))
        .ascending(enrolment::Column::Id)
        .all()
        .await?;
    let attachments = attachments(scope, session, today).await?;
    let people = scope.map::<person::Entity>(enrolments.iter().map(|row| row.person_id)).await?;
    let standing: HashMap<Uuid, document::Model> = scope
        .find::<document::Entity>()
        .filter(document::Column::Kind.eq(Kind::Convocation.name()))
        .filter(document::Column::SessionId.eq(session.id))
        .filter(document::Column::State.eq("current"))
        .all()
        .await?
        .into_iter()
        .filter_map(|row| Some((row.enrolment_id?, row)))
        .collect();
    let mut all = vec![];
    for enrolment in enrolments {
        let slots = expected_slots(scope, &enrolment).await?;
        let content = convocation::content(scope, &enrolment, &slots, attachments.clone(), today).await?;
        all.push(Called {
            name: people.get(&enrolment.person_id).map(name_of).unwrap_or_default(),
            told: standing.get(&enrolment.id).map_or(Ok(false), |paper| says(paper, &content))?,
            enrolment,
            content,
        });
    }
    Ok(all)
}

/// Issue the convocations that are missing or no longer say what is planned, and what is handed over with them.
pub async fn convoke(ctx: &mut Ctx, id: Uuid) -> Result<Convoked> {
    // What each is told is gathered while others write.
    let (scope, day) = (ctx.scope(), ctx.today());
    let activity = scope.get::<session::Entity>(id).await?.activity_id;
    let seen = moment(&scope, activity).await?;
    let row = scope.get::<session::Entity>(id).await?;
    // Whoever repeats a request is told where its answer is, whatever became of the facts since.
    let ahead = called(&scope, &row, day).await;
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(id).await?;
    if !matches!(session.state.as_str(), "planned" | "open" | "running") {
        return Err(Error::no_move("session.state", &session.state, "convoke", &[]));
    }
    let today = tx.today();
    let all = if today == day && moment(&tx.scope(), session.activity_id).await? == seen {
        ahead?
    } else {
        called(&tx.scope(), &session, today).await?
    };
    if all.is_empty() {
        return Err(Error::refused(
            "session.nobody_enrolled",
            "Personne n’est inscrit à cette session : inscrivez d’abord les stagiaires, puis convoquez-les.",
            "Nobody is enrolled in this session: enrol the trainees first, then convoke them.",
        ));
    }
    let handouts = issue_handouts(&mut tx, &session).await?;
    let (mut issued, mut unchanged) = (vec![], 0);
    for Called { enrolment, name, content, told } in &all {
        if *told {
            unchanged += 1;
            continue;
        }
        match print(&mut tx, &session, enrolment, name, content).await? {
            Issued::New(row) => issued.push(row),
            Issued::Standing(_) => unchanged += 1,
        }
    }
    tx.answers_at(format!("/v1/documents?session_id={id}&kind=convocation"), 200);
    if issued.is_empty() && handouts.is_empty() {
        return Ok(Convoked { issued, unchanged, handouts });
    }
    if !issued.is_empty() {
        mark_convoked(&mut tx, session).await?;
    }
    tx.commit().await?;
    Ok(Convoked { issued, unchanged, handouts })
}

/// Convoke a trainee again with today's facts, as part of a larger act.
pub(super) async fn reconvoke(tx: &mut Tx<'_>, enrolment: Uuid) -> Result<Issued> {
    let enrolment = tx.lock::<enrolment::Entity>(enrolment).await?;
    let session = tx.scope().get::<session::Entity>(enrolment.session_id).await?;
    if !matches!(session.state.as_str(), "planned" | "open" | "running") {
        return Err(Error::no_move("session.state", &session.state, "convoke", &[]));
    }
    let today = tx.today();
    let attachments = attachments(&tx.scope(), &session, today).await?;
    let slots = expected_slots(&tx.scope(), &enrolment).await?;
    let content = convocation::content(&tx.scope(), &enrolment, &slots, attachments, today).await?;
    let person = tx.scope().get::<person::Entity>(enrolment.person_id).await?;
    print(tx, &session, &enrolment, &name_of(&person), &content).await
}

async fn print(
    tx: &mut Tx<'_>,
    session: &session::Model,
    enrolment: &enrolment::Model,
    name: &str,
    content: &Content,
) -> Result<Issued> {
    let about = About {
        session: Some(session.id),
        booking: Some(enrolment.booking_id),
        enrolment: Some(enrolment.id),
        ..About::default()
    };
    let title = format!("Convocation de {name} à « {} »", session.title);
    issue(tx, session.activity_id, Kind::Convocation, &title, about, content).await
}

/// What comes with the convocation, by name.
async fn attachments(scope: &Scope<'_>, session: &session::Model, day: chrono::NaiveDate) -> Result<Vec<String>> {
    let mut names = vec![];
    let programme = scope
        .find::<document::Entity>()
        .filter(document::Column::Kind.eq(Kind::Programme.name()))
        .filter(document::Column::ProgrammeVersionId.eq(session.programme_version_id))
        .filter(document::Column::State.eq("current"))
        .count()
        .await?;
    if programme > 0 {
        names.push("Programme de la formation".to_owned());
    }
    for (text, name) in
        [(TextKind::WelcomeBooklet, "Livret d’accueil"), (TextKind::InternalRules, "Règlement intérieur")]
    {
        if text_in_force(scope, text, day).await?.is_some() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
