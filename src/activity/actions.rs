//! Open activities, and say who carries them.

use chrono::NaiveDate;
use entity::{activity, membership, user_account};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::{
    access,
    organisation::readable,
    platform::{
        calendar::date,
        check,
        error::{Error, Result},
        scope::Scope,
        text::slug,
        tx::Tx,
    },
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
    #[validate(custom(function = readable))]
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
    member_order("/valid_to", valid_from, valid_to)?;
    // Two at once would each find the period free.
    tx.lock::<activity::Entity>(activity).await?;
    let user = tx.scope().get::<user_account::Entity>(user_id).await?;
    access::covers_user(tx, &user)?;
    let mut others = tx
        .scope()
        .find::<membership::Entity>()
        .filter(membership::Column::ActivityId.eq(activity))
        .filter(membership::Column::UserId.eq(user_id))
        .filter(membership::Column::ValidTo.is_null().or(membership::Column::ValidTo.gte(valid_from)));
    if let Some(end) = valid_to {
        others = others.filter(membership::Column::ValidFrom.lte(end));
    }
    if let Some(other) = others.one().await? {
        return Err(Error::refused(
            "activity.member_overlap",
            format!(
                "Cette personne porte déjà l’activité depuis le {} : la nouvelle période commence le {}.",
                date(other.valid_from),
                date(valid_from)
            ),
            format!(
                "This user already carries the activity since {}: the new period begins on {valid_from}.",
                other.valid_from
            ),
        ));
    }
    tx.act(activity, Event::MemberJoined { activity, user: user_id }.into())
        .insert(membership::ActiveModel {
            user_id: Set(user_id),
            valid_from: Set(valid_from),
            valid_to: Set(valid_to),
            ..Default::default()
        })
        .await
}

/// The end is not before the beginning.
pub(super) fn member_order(pointer: &str, from: NaiveDate, to: Option<NaiveDate>) -> Result<()> {
    let Some(end) = to.filter(|end| *end < from) else { return Ok(()) };
    Err(Error::invalid(
        pointer,
        "dates.order",
        format!("La fin ({}) précède le début ({}).", date(end), date(from)),
        format!("The end ({end}) is before the beginning ({from})."),
    ))
}

/// Refuse to sell for an activity that has left by that day.
pub async fn still_sells(scope: &Scope<'_>, activity: Uuid, day: NaiveDate) -> Result<()> {
    let row = scope.get::<activity::Entity>(activity).await?;
    match row.left_on.filter(|left| *left <= day) {
        Some(left) => Err(gone(&row.name, left)),
        None => Ok(()),
    }
}

pub(super) fn gone(name: &str, left: NaiveDate) -> Error {
    Error::refused(
        "activity.left",
        format!("L’activité « {name} » quitte la coopérative le {} : rien de nouveau ne s’y vend.", date(left)),
        format!("The activity “{name}” leaves the cooperative on {left}: nothing new is sold there."),
    )
}
