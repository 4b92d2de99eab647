//! Operations on trainers.

use entity::trainer::Entity;
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{Accreditation, NewTrainer, Trainer, TrainerOut, accredit, create, named};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{TrainersAccredit, TrainersManage, TrainersRead},
        resource::{self, place},
    },
};

/// Trainers.
pub struct TrainersApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::People")]
impl TrainersApi {
    /// List trainers, newest first; `q` searches names and skills.
    #[oai(path = "/trainers", method = "get", operation_id = "list_trainers")]
    async fn list_trainers(&self, auth: Allow<TrainersRead>, page: PageQuery) -> Result<View<Page<TrainerOut>>> {
        Ok(View(super::list(&auth.ctx.scope(), &page).await?))
    }

    /// Add a trainer: somebody who is known, or a new person in the same call.
    #[oai(path = "/trainers", method = "post", operation_id = "create_trainer")]
    async fn create_trainer(
        &self,
        mut auth: Allow<TrainersManage>,
        body: Valid<NewTrainer>,
    ) -> Result<Made<TrainerOut>> {
        let row = create(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<Trainer>(row.id), named(&auth.ctx.scope(), row).await?))
    }

    /// Read a trainer.
    #[oai(path = "/trainers/:id", method = "get", operation_id = "get_trainer")]
    async fn get_trainer(&self, auth: Allow<TrainersRead>, id: Path<Uuid>) -> Result<Found<TrainerOut>> {
        let scope = auth.ctx.scope();
        Ok(Found(named(&scope, scope.get::<Entity>(id.0).await?).await?))
    }

    /// Change a trainer: what is absent stays, what is null goes.
    #[oai(path = "/trainers/:id", method = "patch", operation_id = "change_trainer")]
    async fn change_trainer(
        &self,
        mut auth: Allow<TrainersManage>,
        id: Path<Uuid>,
        body: Patch<NewTrainer>,
    ) -> Result<Found<TrainerOut>> {
        let row = resource::change::<Trainer>(&mut auth.ctx, id.0, &body).await?;
        Ok(Found(named(&auth.ctx.scope(), row).await?))
    }

    /// Delete a trainer whom no session names.
    #[oai(path = "/trainers/:id", method = "delete", operation_id = "delete_trainer")]
    async fn delete_trainer(&self, mut auth: Allow<TrainersManage>, id: Path<Uuid>) -> Result<Gone> {
        resource::delete::<Trainer>(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Accredit a trainer on behalf of the cooperative, required before a booking is agreed (art. L6352-1).
    #[oai(path = "/trainers/:id/accredit", method = "post", operation_id = "accredit_trainer")]
    async fn accredit_trainer(
        &self,
        mut auth: Allow<TrainersAccredit>,
        id: Path<Uuid>,
        body: Valid<Accreditation>,
    ) -> Result<Found<TrainerOut>> {
        let row = accredit(&mut auth.ctx, id.0, body.0).await?;
        Ok(Found(named(&auth.ctx.scope(), row).await?))
    }
}
