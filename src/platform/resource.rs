//! The life that most resources share: list, get, create, change, delete, upsert by external identifier.
//!
//! A feature says what its resource is made of ([`Resource`]); the steps below lock, check, act and commit in the same
//! order for all.

use entity::{Stamped, Table};
use poem_openapi::{
    payload::{ParsePayload, Payload},
    registry::{MetaSchemaRef, Registry},
    types::{ParseFromJSON, ToJSON, Type},
};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel};
use serde::Serialize;
use uuid::Uuid;
use validator::Validate;

use super::{
    access::Ctx,
    contract::{Patch, parse},
    error::{Error, Result},
    tx::Tx,
};
use crate::events::Event;

/// What happened to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was created.
    Created,
    /// It was changed.
    Changed,
    /// It was deleted.
    Deleted,
}

/// The row type of a resource.
pub type RowOf<R> = <<R as Resource>::Table as EntityTrait>::Model;

/// A resource with a table, an input and events.
pub trait Resource: Send + Sync + 'static
where
    RowOf<Self>: IntoActiveModel<Self::Edit> + Serialize + Clone + Send + Sync,
{
    /// Its table.
    type Table: Stamped;
    /// The active model of the table.
    type Edit: ActiveModelTrait<Entity = Self::Table> + ActiveModelBehavior + Send;
    /// What a caller writes.
    type Input: ParseFromJSON + ToJSON + Validate + Send + Sync + 'static;
    /// The plural noun of its path.
    const PATH: &'static str;

    /// The activity in which the input asks to create.
    fn activity(ctx: &Ctx, input: &Self::Input) -> Result<Option<Uuid>>;
    /// The input that would make this row.
    fn input(row: &RowOf<Self>) -> Result<Self::Input>;
    /// The columns that the input sets.
    fn fill(input: Self::Input, edit: &mut Self::Edit) -> Result<()>;
    /// The event of a step.
    fn event(id: Uuid, step: Step) -> Event;
    /// The column of the caller's own name for the row.
    fn external_id() -> Option<<Self::Table as EntityTrait>::Column> {
        None
    }
    /// What must hold before the row is written: references are within reach, states allow it.
    fn check(
        _tx: &Tx<'_>,
        _input: &Self::Input,
        _before: Option<&RowOf<Self>>,
    ) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// Where a resource is.
pub fn place<R: Resource>(id: Uuid) -> String
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    format!("/v1/{}/{id}", R::PATH)
}

/// Create a row.
pub async fn create<R: Resource>(ctx: &mut Ctx, input: R::Input) -> Result<RowOf<R>>
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    let activity = R::activity(ctx, &input)?;
    let mut tx = ctx.begin().await?;
    R::check(&tx, &input, None).await?;
    let row = insert::<R>(&mut tx, activity, input).await?;
    tx.answers_at(place::<R>(R::Table::id_of(&row)), 201);
    tx.commit().await?;
    Ok(row)
}

/// Insert a row as part of a larger act.
pub async fn insert<R: Resource>(tx: &mut Tx<'_>, activity: Option<Uuid>, input: R::Input) -> Result<RowOf<R>>
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    let id = tx.new_id();
    let mut edit = <R::Edit as ActiveModelTrait>::default();
    edit.set(R::Table::id(), id.into());
    R::fill(input, &mut edit)?;
    tx.act(activity, R::event(id, Step::Created)).insert(edit).await
}

/// Change a row by a merge patch; the whole result is checked as a creation would be.
pub async fn change<R: Resource>(ctx: &mut Ctx, id: Uuid, patch: &Patch<R::Input>) -> Result<RowOf<R>>
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    // Naming another activity neither moves the row there nor tells whether it exists.
    let named = patch.activity().map(|id| ctx.activity(Some(id))).transpose()?;
    let mut tx = ctx.begin().await?;
    let before = tx.edit::<R::Table>(id).await?;
    if named.is_some() && named != R::Table::activity_of(&before) {
        return Err(Error::invalid(
            "/activity_id",
            "fixed",
            "Une ligne ne change pas d’activité.",
            "A row does not change activity.",
        ));
    }
    let input = patch.apply(&R::input(&before)?)?;
    let row = rewrite::<R>(&mut tx, before, input).await?;
    tx.commit().await?;
    Ok(row)
}

async fn rewrite<R: Resource>(tx: &mut Tx<'_>, before: RowOf<R>, input: R::Input) -> Result<RowOf<R>>
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    R::check(tx, &input, Some(&before)).await?;
    let (id, activity) = (R::Table::id_of(&before), R::Table::activity_of(&before));
    let mut filled = <R::Edit as ActiveModelTrait>::default();
    R::fill(input, &mut filled)?;
    tx.act(activity, R::event(id, Step::Changed))
        .update(before, |edit: &mut R::Edit| {
            for column in <<R::Table as EntityTrait>::Column as sea_orm::Iterable>::iter() {
                if let sea_orm::ActiveValue::Set(value) = filled.get(column) {
                    edit.set(column, value);
                }
            }
        })
        .await
}

/// Delete a row that nothing uses.
pub async fn delete<R: Resource>(ctx: &mut Ctx, id: Uuid) -> Result<()>
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<R::Table>(id).await?;
    let activity = R::Table::activity_of(&row);
    tx.act(activity, R::event(id, Step::Deleted)).delete::<R::Table>(row).await?;
    tx.commit().await
}

/// Create or replace the row that the caller calls `external_id`; answers whether it was created.
pub async fn upsert<R: Resource>(ctx: &mut Ctx, external_id: &str, input: serde_json::Value) -> Result<(RowOf<R>, bool)>
where
    RowOf<R>: IntoActiveModel<R::Edit> + Serialize + Clone + Send + Sync,
{
    let column = R::external_id().ok_or_else(|| Error::internal("an upsert needs an external_id"))?;
    let mut input = input;
    if let Some(map) = input.as_object_mut() {
        map.insert("external_id".into(), external_id.into());
    }
    let input: R::Input = parse(input)?;
    let activity = R::activity(ctx, &input)?;
    let mut tx = ctx.begin().await?;
    // Two at once under one name: the second finds what the first made.
    tx.alone(&format!("{}:{}:{external_id}", R::PATH, activity.unwrap_or_default())).await?;
    let reach = <R::Table as entity::Visible>::reach();
    let mut query = tx.scope().find::<R::Table>().filter(column.eq(external_id));
    if let (Some(activity), Some(reach)) = (activity, reach) {
        query = query.filter(reach.eq(activity));
    }
    let found = query.one().await?;
    let (row, made) = match found {
        Some(row) => {
            let before = tx.lock::<R::Table>(R::Table::id_of(&row)).await?;
            (rewrite::<R>(&mut tx, before, input).await?, false)
        }
        None => {
            R::check(&tx, &input, None).await?;
            (insert::<R>(&mut tx, activity, input).await?, true)
        }
    };
    tx.answers_at(place::<R>(R::Table::id_of(&row)), if made { 201 } else { 200 });
    tx.commit().await?;
    Ok((row, made))
}

/// The whole input of an upsert, before the path's external identifier is written into it.
pub struct Whole<T>(pub serde_json::Value, std::marker::PhantomData<fn() -> T>);

impl<T: Type> Payload for Whole<T> {
    const CONTENT_TYPE: &'static str = "application/json";
    fn check_content_type(content_type: &str) -> bool {
        poem_openapi::payload::Json::<T>::check_content_type(content_type)
    }
    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ParseFromJSON + Validate + 'static> ParsePayload for Whole<T> {
    const IS_REQUIRED: bool = true;
    async fn from_request(request: &poem::Request, body: &mut poem::RequestBody) -> poem::Result<Self> {
        let value = super::contract::json_body(request, body).await?;
        Ok(Self(value, std::marker::PhantomData))
    }
}
poem_openapi::impl_apirequest_for_payload!(Whole<T>, T: ParseFromJSON + Validate + 'static);
