//! Operations on how people sign: personal links, the code of a half-day, disputed signatures.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    asked::{self, NewSigningLinks, SigningLinks},
    dispute::{self, Disputes},
    room::{self, CodeOut},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::View,
        contract::Valid,
        error::Result,
        permission::{AttendanceRead, AttendanceRecord, LinksManage},
    },
};

/// Signing.
pub struct SigningApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl SigningApi {
    /// Make the personal links of a session's trainees or of a trainer's day, or send them again.
    ///
    /// A trainee whose address is shared with another, or is the client's, gets none and signs on the trainer's device.
    /// Trainees' links are answered to the cooperative alone (`links.answer`): a trainer who had them could sign in their
    /// place. In the answer, each link gets another token and the one answered before opens nothing. Links are revoked at
    /// `POST /v1/links/{id}/revoke`.
    #[oai(path = "/sessions/:id/signing-links", method = "post", operation_id = "create_signing_links")]
    async fn create_signing_links(
        &self,
        mut auth: Allow<LinksManage>,
        id: Path<Uuid>,
        body: Valid<NewSigningLinks>,
    ) -> Result<View<SigningLinks>> {
        Ok(View(asked::ask(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Read the code that a half-day shows at this moment, for a wall screen; ask again when its seconds are over.
    #[oai(path = "/slots/:id/code", method = "get", operation_id = "get_slot_code")]
    async fn get_slot_code(&self, auth: Allow<AttendanceRecord>, id: Path<Uuid>) -> Result<View<CodeOut>> {
        Ok(View(room::current(&auth.ctx, id.0).await?))
    }

    /// Open a half-day to be signed by those who are there: from now on it shows a code.
    #[oai(path = "/slots/:id/code", method = "post", operation_id = "show_slot_code")]
    async fn show_slot_code(&self, mut auth: Allow<AttendanceRecord>, id: Path<Uuid>) -> Result<View<CodeOut>> {
        Ok(View(room::open(&mut auth.ctx, id.0).await?))
    }

    /// List the signatures of a half-day that somebody says are not theirs (« ce n’est pas vous ? »).
    #[oai(path = "/slots/:id/disputes", method = "get", operation_id = "list_slot_disputes")]
    async fn list_slot_disputes(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<Disputes>> {
        Ok(View(Disputes { items: dispute::disputes(&auth.ctx.scope(), id.0).await? }))
    }
}
