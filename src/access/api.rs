//! Operations on users and keys.

use entity::{api_key, user_account};
use poem_openapi::{OpenApi, param::Path};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    actions::{NewKey, NewUser, revoke_key},
    key::{self, KeyOut, MadeKeyOut},
    me::{Me, me},
    user::{self, User, UserOut},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Made, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{OwnRead, OwnRotate, UsersManage},
        resource::place,
    },
};

/// Users and keys.
pub struct AccessApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Users")]
impl AccessApi {
    /// Read who one is and what one's key opens.
    #[oai(path = "/me", method = "get", operation_id = "get_me")]
    async fn get_me(&self, auth: Allow<OwnRead>) -> Result<View<Me>> {
        Ok(View(me(&auth.ctx).await?))
    }

    /// Replace one's own key by its successor: the answer holds its secret, once; the key that is replaced ends in an hour.
    ///
    /// The successor has the same bounds. It lasts as long again when the end of the key was not chosen by whoever made it,
    /// else until that end.
    #[oai(path = "/me/key/rotate", method = "post", operation_id = "rotate_my_key")]
    async fn rotate_my_key(&self, auth: Allow<OwnRotate>) -> Result<Made<MadeKeyOut>> {
        let made = key::rotate(&auth.ctx).await?;
        Ok(Made("/v1/me".to_owned(), made))
    }

    /// List users, newest first: all of them, or those who carry or teach in the activities that the key reaches.
    #[oai(path = "/users", method = "get", operation_id = "list_users")]
    async fn list_users(&self, auth: Allow<UsersManage>, page: PageQuery) -> Result<View<Page<UserOut>>> {
        let (rows, next) = auth.ctx.scope().find::<user_account::Entity>().page_rows(&page).await?;
        let items = rows.into_iter().map(UserOut::try_from).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Add a user; an auditor's access always ends.
    #[oai(path = "/users", method = "post", operation_id = "create_user")]
    async fn create_user(&self, mut auth: Allow<UsersManage>, body: Valid<NewUser>) -> Result<Made<UserOut>> {
        let row = user::add(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<User>(row.id), row.try_into()?))
    }

    /// Read a user.
    #[oai(path = "/users/:id", method = "get", operation_id = "get_user")]
    async fn get_user(&self, auth: Allow<UsersManage>, id: Path<Uuid>) -> Result<Found<UserOut>> {
        Ok(Found(auth.ctx.scope().get::<user_account::Entity>(id.0).await?.try_into()?))
    }

    /// Change a user: a new role holds for the next request of any of their keys.
    #[oai(path = "/users/:id", method = "patch", operation_id = "change_user")]
    async fn change_user(
        &self,
        mut auth: Allow<UsersManage>,
        id: Path<Uuid>,
        body: Patch<NewUser>,
    ) -> Result<Found<UserOut>> {
        Ok(Found(user::change(&mut auth.ctx, id.0, &body).await?.try_into()?))
    }

    /// Close the API to a user at once; what they did stays in the audit.
    #[oai(path = "/users/:id/disable", method = "post", operation_id = "disable_user")]
    async fn disable_user(&self, mut auth: Allow<UsersManage>, id: Path<Uuid>) -> Result<Found<UserOut>> {
        Ok(Found(user::disable(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// List the keys of a user, newest first: never their secrets.
    #[oai(path = "/users/:id/keys", method = "get", operation_id = "list_keys")]
    async fn list_keys(&self, auth: Allow<UsersManage>, id: Path<Uuid>, page: PageQuery) -> Result<View<Page<KeyOut>>> {
        let scope = auth.ctx.scope();
        let user = scope.get::<user_account::Entity>(id.0).await?;
        let keys = scope.find::<api_key::Entity>().filter(api_key::Column::UserId.eq(user.id));
        let (rows, next) = keys.page_rows(&page).await?;
        let items = rows.into_iter().map(|row| key::shown(row, auth.ctx.reach())).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Make a key for a user: the answer holds its secret, once. It is neither wider nor longer than the key that makes it.
    #[oai(path = "/users/:id/keys", method = "post", operation_id = "create_key")]
    async fn create_key(
        &self,
        mut auth: Allow<UsersManage>,
        id: Path<Uuid>,
        body: Valid<NewKey>,
    ) -> Result<Made<MadeKeyOut>> {
        let made = key::add(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(key::place(made.made.id), made))
    }

    /// Read a key, without its secret.
    #[oai(path = "/keys/:id", method = "get", operation_id = "get_key")]
    async fn get_key(&self, auth: Allow<UsersManage>, id: Path<Uuid>) -> Result<Found<KeyOut>> {
        Ok(Found(key::shown(auth.ctx.scope().get::<api_key::Entity>(id.0).await?, auth.ctx.reach())?))
    }

    /// End a key at once; ending it twice changes nothing.
    #[oai(path = "/keys/:id/revoke", method = "post", operation_id = "revoke_key")]
    async fn revoke_key(&self, mut auth: Allow<UsersManage>, id: Path<Uuid>) -> Result<Found<KeyOut>> {
        Ok(Found(revoke_key(&mut auth.ctx, id.0).await?.try_into()?))
    }
}
