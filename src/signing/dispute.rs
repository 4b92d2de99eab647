//! « Ce n’est pas vous ? »: whoever is told by mail that they signed may say that it was somebody else.

use entity::{enrolment, mark_dispute, mark_evidence, person, session_slot};
use poem::{Response, handler, web::Form};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    events::Event,
    half::{Half, brand},
    pages::see,
};
use crate::{
    link::{DisputeMark, Link},
    pages::{Page, Reply, render},
    people::name_of,
    platform::{calendar, error::Result, lines, scope::Scope},
};

/// A signature that somebody says is not theirs.
#[derive(Debug, Clone, Object)]
#[oai(rename = "MarkDispute")]
pub struct DisputeOut {
    /// Identifier.
    pub id: Uuid,
    /// The half-day.
    pub slot_id: Uuid,
    /// The trainee under whose name it was signed.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// The evidence of the signature.
    pub evidence_id: Uuid,
    /// What the trainee adds.
    pub said: Option<String>,
    /// When it was told.
    pub told_at: chrono::DateTime<chrono::Utc>,
}

/// The disputed signatures of a half-day.
#[derive(Debug, Clone, Object)]
#[oai(rename = "MarkDisputes")]
pub struct Disputes {
    /// Oldest first.
    pub items: Vec<DisputeOut>,
}

/// The disputed signatures of a half-day, oldest first.
pub async fn disputes(scope: &Scope<'_>, slot: Uuid) -> Result<Vec<DisputeOut>> {
    scope.get::<session_slot::Entity>(slot).await?;
    let rows = scope
        .find::<mark_dispute::Entity>()
        .filter(mark_dispute::Column::SlotId.eq(slot))
        .ascending(mark_dispute::Column::Id)
        .all()
        .await?;
    let enrolments = scope.map::<enrolment::Entity>(rows.iter().map(|row| row.enrolment_id)).await?;
    let people = scope.map::<person::Entity>(enrolments.values().map(|row| row.person_id)).await?;
    let name = |id: Uuid| enrolments.get(&id).and_then(|row| people.get(&row.person_id)).map(name_of);
    Ok(rows
        .into_iter()
        .map(|row| DisputeOut {
            id: row.id,
            slot_id: row.slot_id,
            name: name(row.enrolment_id).unwrap_or_default(),
            enrolment_id: row.enrolment_id,
            evidence_id: row.evidence_id,
            said: row.said,
            told_at: row.told_at,
        })
        .collect())
}

async fn told(scope: &Scope<'_>, evidence: Uuid) -> Result<Option<mark_dispute::Model>> {
    scope.find::<mark_dispute::Entity>().filter(mark_dispute::Column::EvidenceId.eq(evidence)).one().await
}

/// The page: what was signed, and a button to say that it was not you.
#[handler]
pub async fn dispute_page(link: Link<DisputeMark>) -> Result<Reply> {
    let scope = link.ctx.scope();
    let evidence = scope.get::<mark_evidence::Entity>(link.row.object_id).await?;
    let slot = scope.get::<session_slot::Entity>(evidence.slot_id).await?;
    let data = json!({
        "token": link.token, "half": Half::of(&slot), "at": calendar::moment(evidence.signed_at),
        "told": told(&scope, evidence.id).await?.map(|row| calendar::moment(row.told_at)),
    });
    let page = Page::new("Ce n’est pas vous ?", brand(&scope, evidence.activity_id).await?);
    render(&page, include_str!("pages/dispute.html"), data)
}

/// What somebody adds.
#[derive(Deserialize)]
pub struct Told {
    #[serde(default)]
    said: String,
}

/// Say that it was somebody else; saying it twice changes nothing more.
#[handler]
pub async fn post(mut link: Link<DisputeMark>, body: Form<Told>) -> Result<Response> {
    let said = lines::typed(&body.said, 500);
    let mut tx = link.ctx.begin().await?;
    let evidence = tx.lock::<mark_evidence::Entity>(link.row.object_id).await?;
    if let Some(enrolment) = evidence.enrolment_id
        && told(&tx.scope(), evidence.id).await?.is_none()
    {
        let now = tx.now();
        tx.act(evidence.activity_id, Event::Disputed { slot: evidence.slot_id, evidence: evidence.id }.into())
            .insert(mark_dispute::ActiveModel {
                slot_id: Set(evidence.slot_id),
                enrolment_id: Set(enrolment),
                evidence_id: Set(evidence.id),
                said: Set((!said.is_empty()).then_some(said)),
                told_at: Set(now),
                ..Default::default()
            })
            .await?;
        tx.commit().await?;
    }
    Ok(see(format!("/contestation/{}", link.token)))
}
