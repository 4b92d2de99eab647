//! Open activities, and say who carries them.

use chrono::NaiveDate;
use entity::{activity, membership, user_account};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::platform::{
    check,
    error::{Error, Result},
    text::slug,
    tx::Tx,
};

/// A brand, as the cooperative's administration writes it.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewActivity {
    /// Your own name for this row.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The brand (nom commercial), printed beside the cooperative's name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub name: String,
    /// What the activity does, in a sentence.
    #[oai(validator(max_length = 500))]
    pub description: Option<String>,
    /// Email address printed on papers.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// Phone number printed on papers.
    #[oai(validator(max_length = 30))]
    #[validate(custom(function = check::valid_phone))]
    pub phone: Option<String>,
    /// Web site printed on papers.
    #[oai(validator(max_length = 200))]
    pub website: Option<String>,
    /// Accent colour of papers, `#rrggbb`.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    pub accent: Option<String>,
    /// The day since which the cooperative carries it.
    pub opened_on: NaiveDate,
}

/// Somebody who carries an activity.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewMember {
    /// The user.
    pub user_id: Uuid,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, if it is known.
    pub valid_to: Option<NaiveDate>,
}

/// Open an activity.
pub async fn open(tx: &mut Tx<'_>, input: NewActivity) -> Result<activity::Model> {
    let id = tx.new_id();
    let mut row = activity::ActiveModel { id: Set(id), left_on: Set(None), ..Default::default() };
    fill(input, &mut row);
    tx.act(None, Event::Opened { activity: id }.into()).insert(row).await
}

/// The columns that the input sets.
pub(super) fn fill(input: NewActivity, edit: &mut activity::ActiveModel) {
    let NewActivity { external_id, name, description, email, phone, website, accent, opened_on } = input;
    edit.slug = Set(slug(&name));
    edit.external_id = Set(external_id);
    edit.name = Set(name);
    edit.description = Set(description);
    edit.email = Set(email);
    edit.phone = Set(phone);
    edit.website = Set(website);
    edit.accent = Set(accent);
    edit.opened_on = Set(opened_on);
}

/// Add somebody who carries the activity.
pub async fn join(tx: &mut Tx<'_>, activity: Uuid, input: NewMember) -> Result<membership::Model> {
    let NewMember { user_id, valid_from, valid_to } = input;
    if let Some(end) = valid_to.filter(|end| *end < valid_from) {
        return Err(Error::invalid(
            "/valid_to",
            "dates.order",
            format!("La fin ({end}) précède le début ({valid_from})."),
            format!("The end ({end}) is before the beginning ({valid_from})."),
        ));
    }
    tx.scope().get::<activity::Entity>(activity).await?;
    tx.scope().get::<user_account::Entity>(user_id).await?;
    tx.act(activity, Event::MemberJoined { activity, user: user_id }.into())
        .insert(membership::ActiveModel {
            user_id: Set(user_id),
            valid_from: Set(valid_from),
            valid_to: Set(valid_to),
            ..Default::default()
        })
        .await
}
