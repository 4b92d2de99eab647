//! Begin by hand what attendance begins by itself: only what is signed and past its withdrawal period begins.

use entity::{booking, enrolment, session};
use poem_openapi::{OpenApi, param::Path};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    agreement,
    api::Tag,
    enrolment::{self as trainees, EnrolmentOut},
    platform::{
        access::{Allow, Ctx},
        answer::Found,
        error::Result,
        permission::{BookingsManage, SessionsManage},
    },
    session::{self as sessions, SessionOut, Step},
};

/// Sessions and trainees that begin.
pub struct StartApi;

#[OpenApi(prefix_path = "/v1")]
impl StartApi {
    /// Start an open session; the agreement of each of its bookings must be signed, its withdrawal period over, unless the
    /// cooperative lets it pass. Recorded attendance starts it by itself.
    #[oai(path = "/sessions/:id/start", method = "post", operation_id = "start_session", tag = "Tag::Sessions")]
    async fn start_session(&self, mut auth: Allow<SessionsManage>, id: Path<Uuid>) -> Result<Found<SessionOut>> {
        Ok(Found(start_session(&mut auth.ctx, id.0).await?))
    }

    /// Say that a trainee has begun, by the same rule. Recorded attendance says it by itself.
    #[oai(path = "/enrolments/:id/start", method = "post", operation_id = "start_enrolment", tag = "Tag::Enrolments")]
    async fn start_enrolment(&self, mut auth: Allow<BookingsManage>, id: Path<Uuid>) -> Result<Found<EnrolmentOut>> {
        Ok(Found(start_enrolment(&mut auth.ctx, id.0).await?))
    }
}

async fn start_session(ctx: &mut Ctx, id: Uuid) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<session::Entity>(id).await?;
    let bookings = tx
        .scope()
        .find::<booking::Entity>()
        .filter(booking::Column::SessionId.eq(id))
        .filter(booking::Column::State.is_not_in(["declined", "cancelled"]))
        .ascending(booking::Column::Id)
        .all()
        .await?;
    for booking in &bookings {
        agreement::may_start(&tx.scope(), booking, tx.today()).await?;
    }
    let (_, warnings) = sessions::advance(&mut tx, row, Step::Start, None).await?;
    tx.answers_at(format!("/v1/sessions/{id}"), 200);
    tx.commit().await?;
    sessions::read(ctx, id, warnings).await
}

async fn start_enrolment(ctx: &mut Ctx, id: Uuid) -> Result<EnrolmentOut> {
    let mut tx = ctx.begin().await?;
    let found = tx.scope().get::<enrolment::Entity>(id).await?;
    tx.lock::<session::Entity>(found.session_id).await?;
    let booking = tx.lock::<booking::Entity>(found.booking_id).await?;
    let row = tx.lock::<enrolment::Entity>(id).await?;
    agreement::may_start(&tx.scope(), &booking, tx.today()).await?;
    trainees::begin(&mut tx, row).await?;
    tx.answers_at(format!("/v1/enrolments/{id}"), 200);
    tx.commit().await?;
    trainees::read(ctx, id).await
}
