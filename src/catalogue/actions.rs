//! Publish, retire, duplicate.

use entity::{programme, programme_version};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    content::Content,
    events::Event,
    items, paper,
    programme::{Move, Programme, ProgrammeState},
    version::ProgrammeVersionOut,
};
use crate::{
    document::{self, About, Kind},
    platform::{
        access::Ctx,
        audit::sha256,
        codes::{store, stored},
        error::{Error, Result},
        page::{Page, PageQuery},
        resource::{self, Resource, place},
        scope::Scope,
    },
};

/// Freeze the draft as a new version, put it on sale, and issue its paper.
pub(super) async fn publish(ctx: &mut Ctx, id: Uuid) -> Result<programme_version::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<programme::Entity>(id).await?;
    let activity = row.activity_id;
    let state = ProgrammeState::of(&row.state)?.after(Move::Publish)?;
    let content: Content = stored(&row.draft)?;
    items::complete(&content)?;
    let content = store(&content)?;
    let hash = sha256(&content);
    if let Some(current) = tx.scope().maybe::<programme_version::Entity>(row.current_version_id).await?
        && current.content_hash == hash
    {
        return Err(Error::refused(
            "programme.unchanged",
            format!("Rien n’a changé depuis la version {} du programme.", current.number),
            format!("Nothing changed since version {} of the programme.", current.number),
        ));
    }
    let number = row.current_version.unwrap_or_default() + 1;
    let (version, now) = (tx.new_id(), tx.now());
    let mut act = tx.act(activity, Event::Published { programme: id, version }.into());
    let made = act
        .insert(programme_version::ActiveModel {
            id: Set(version),
            programme_id: Set(id),
            number: Set(number),
            content: Set(content),
            content_hash: Set(hash),
            published_at: Set(Some(now)),
            ..Default::default()
        })
        .await?;
    act.update(row, |edit: &mut programme::ActiveModel| {
        edit.state = Set(state.into());
        edit.current_version = Set(Some(number));
        edit.current_version_id = Set(Some(version));
    })
    .await?;
    let printed = paper::content(&tx.scope(), &made, tx.today()).await?;
    let title = format!("Programme – {}", printed.programme.title);
    let about = About { programme_version: Some(version), ..About::default() };
    document::issue(&mut tx, activity, Kind::Programme, &title, about, &printed).await?;
    tx.answers_at(format!("/v1/programme-versions/{version}"), 201);
    tx.commit().await?;
    Ok(made)
}

/// Sell it no more.
pub(super) async fn retire(ctx: &mut Ctx, id: Uuid) -> Result<programme::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<programme::Entity>(id).await?;
    let state = ProgrammeState::of(&row.state)?.after(Move::Retire)?;
    let row = tx
        .act(row.activity_id, Event::Retired { programme: id }.into())
        .update(row, |edit: &mut programme::ActiveModel| edit.state = Set(state.into()))
        .await?;
    tx.answers_at(place::<Programme>(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// Make a new draft that says the same.
pub(super) async fn duplicate(ctx: &mut Ctx, id: Uuid) -> Result<programme::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.scope().get::<programme::Entity>(id).await?;
    let mut input = Programme::input(&row)?;
    input.external_id = None;
    input.content.title = input.content.title.chars().take(190).collect::<String>() + " (copie)";
    let copy = resource::insert::<Programme>(&mut tx, Some(row.activity_id), input).await?;
    tx.answers_at(place::<Programme>(copy.id), 201);
    tx.commit().await?;
    Ok(copy)
}

/// The versions of a programme, newest first.
pub(super) async fn versions(scope: &Scope<'_>, id: Uuid, page: &PageQuery) -> Result<Page<ProgrammeVersionOut>> {
    use programme_version::{Column, Entity};
    scope.get::<programme::Entity>(id).await?;
    let (rows, next) = scope.find::<Entity>().filter(Column::ProgrammeId.eq(id)).page_rows(page).await?;
    Ok(Page { items: rows.iter().map(ProgrammeVersionOut::from_row).collect::<Result<_>>()?, next })
}
