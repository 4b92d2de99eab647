//! Operations on the identities by which users sign in.

use entity::{user_account, user_identity};
use poem_openapi::{OpenApi, param::Path};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::identity::{self, IdentityOut};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, View},
        error::Result,
        page::{Page, PageQuery},
        permission::UsersManage,
    },
};

/// Identities.
pub struct IdentitiesApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl IdentitiesApi {
    /// List the identities of the provider by which a user signs in, newest first.
    #[oai(path = "/users/:id/identities", method = "get", operation_id = "list_identities")]
    async fn list_identities(
        &self,
        auth: Allow<UsersManage>,
        id: Path<Uuid>,
        page: PageQuery,
    ) -> Result<View<Page<IdentityOut>>> {
        identity::whole(&auth.ctx)?;
        let scope = auth.ctx.scope();
        let user = scope.get::<user_account::Entity>(id.0).await?;
        let rows = scope.find::<user_identity::Entity>().filter(user_identity::Column::UserId.eq(user.id));
        Ok(View(rows.page(&page, IdentityOut::from).await?))
    }

    /// Read an identity.
    #[oai(path = "/identities/:id", method = "get", operation_id = "get_identity")]
    async fn get_identity(&self, auth: Allow<UsersManage>, id: Path<Uuid>) -> Result<Found<IdentityOut>> {
        identity::whole(&auth.ctx)?;
        Ok(Found(auth.ctx.scope().get::<user_identity::Entity>(id.0).await?.into()))
    }

    /// Unbind an identity, when the provider gave its owner another: their next sign-in binds the new one by their verified
    /// address. The keys of their sign-ins end at once.
    #[oai(path = "/identities/:id", method = "delete", operation_id = "unbind_identity")]
    async fn unbind_identity(&self, mut auth: Allow<UsersManage>, id: Path<Uuid>) -> Result<Gone> {
        identity::unbind(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }
}
