//! Mark issued papers as outdated: they keep their bytes, and cannot be used until they are replaced.

use entity::document;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{Kind, State, events::Event};
use crate::platform::{error::Result, scope::Scope, tx::Tx};

/// Mark the current papers of these kinds of a session as outdated: all of them, or those about these enrolments.
pub async fn outdate(
    tx: &mut Tx<'_>,
    session: Uuid,
    kinds: &[Kind],
    enrolments: Option<&[Uuid]>,
    reason: &str,
) -> Result<Vec<document::Model>> {
    let about = enrolments.map(|ids| document::Column::EnrolmentId.is_in(ids.iter().copied()));
    let papers = tx
        .scope()
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(session))
        .filter(document::Column::Kind.is_in(kinds.iter().map(|kind| kind.name())))
        .filter(document::Column::State.eq("current"))
        .filter_some(about)
        .ascending(document::Column::Id)
        .all()
        .await?;
    let mut outdated = vec![];
    for paper in papers {
        let row = tx
            .act(paper.activity_id, Event::Outdated { document: paper.id }.into())
            .update(paper, |edit: &mut document::ActiveModel| {
                edit.state = Set("outdated".into());
                edit.state_reason = Set(Some(reason.to_owned()));
            })
            .await?;
        outdated.push(row);
    }
    Ok(outdated)
}

/// The papers of a kind about a trainee that stand, or are outdated and not yet replaced.
pub async fn current_of(scope: &Scope<'_>, enrolment: Uuid, kind: Kind) -> Result<Vec<Uuid>> {
    let papers = scope
        .find::<document::Entity>()
        .filter(document::Column::EnrolmentId.eq(enrolment))
        .filter(document::Column::Kind.eq(kind.name()))
        .filter(document::Column::State.is_in([State::Current.name(), State::Outdated.name()]))
        .ascending(document::Column::Id)
        .all()
        .await?;
    Ok(papers.into_iter().map(|paper| paper.id).collect())
}

/// Mark one paper as outdated, if it is current.
pub async fn outdate_paper(tx: &mut Tx<'_>, id: Uuid, reason: &str) -> Result<()> {
    stop(tx, id, State::Outdated, reason).await
}

/// Take one paper back, if it stands.
pub async fn revoke_paper(tx: &mut Tx<'_>, id: Uuid, reason: &str) -> Result<()> {
    stop(tx, id, State::Revoked, reason).await
}

async fn stop(tx: &mut Tx<'_>, id: Uuid, state: State, reason: &str) -> Result<()> {
    let paper = tx.scope().get::<document::Entity>(id).await?;
    let event = match (State::of(&paper.state)?, state) {
        (State::Current, State::Outdated) => Event::Outdated { document: id },
        (State::Current | State::Outdated, State::Revoked) => Event::Revoked { document: id },
        (_, _) => return Ok(()),
    };
    tx.act(paper.activity_id, event.into())
        .update(paper, |edit: &mut document::ActiveModel| {
            edit.state = Set(state.into());
            edit.state_reason = Set(Some(reason.to_owned()));
        })
        .await?;
    Ok(())
}
