//! Operations on half-days.

use entity::session_slot::Entity;
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    change,
    input::{CancelReason, MoveSlot, NewSlot, SlotTrainers},
    out::{self, SlotOut},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::Found,
        contract::{Patch, Valid},
        error::Result,
        permission::{SessionsManage, SessionsRead},
    },
};

/// Half-days.
pub struct SlotsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SlotsApi {
    /// Read a half-day.
    #[oai(path = "/slots/:id", method = "get", operation_id = "get_slot")]
    async fn get_slot(&self, auth: Allow<SessionsRead>, id: Path<Uuid>) -> Result<Found<SlotOut>> {
        let scope = auth.ctx.scope();
        let row = scope.get::<Entity>(id.0).await?;
        Ok(Found(out::load_slot(&scope, row).await?))
    }

    /// Change a planned half-day before anything is recorded on it.
    #[oai(path = "/slots/:id", method = "patch", operation_id = "change_slot")]
    async fn change_slot(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Patch<NewSlot>,
    ) -> Result<Found<SlotOut>> {
        Ok(Found(change::change(&mut auth.ctx, id.0, &body).await?))
    }

    /// Move a half-day with a reason; one that was held or signed does not move.
    #[oai(path = "/slots/:id/move", method = "post", operation_id = "move_slot")]
    async fn move_slot(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<MoveSlot>,
    ) -> Result<Found<SlotOut>> {
        Ok(Found(change::move_slot(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Cancel a half-day with a reason; one that was held or signed stays.
    #[oai(path = "/slots/:id/cancel", method = "post", operation_id = "cancel_slot")]
    async fn cancel_slot(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<CancelReason>,
    ) -> Result<Found<SlotOut>> {
        Ok(Found(change::cancel_slot(&mut auth.ctx, id.0, body.0.reason).await?))
    }

    /// Say who teaches a half-day: the whole list.
    #[oai(path = "/slots/:id/trainers", method = "put", operation_id = "set_slot_trainers")]
    async fn set_slot_trainers(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<SlotTrainers>,
    ) -> Result<Found<SlotOut>> {
        Ok(Found(change::set_trainers(&mut auth.ctx, id.0, &body.0.trainers).await?))
    }
}
