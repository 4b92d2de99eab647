//! What must be available before somebody is enrolled for good (art. L6353-8), and the proof that it was.

use chrono::NaiveDate;
use entity::{
    booking, client, client_contact, enrolment, information_pack, organisation_text, person, programme_version, session,
};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{events::Event, expected::expected_slots, input::NewInformationPack};
use crate::{
    people::name_of,
    platform::{
        audit::sha256,
        codes::store,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
    session::{day_lines, trainers_of},
};

/// The pieces of the information, frozen.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Pieces {
    /// The programme version: objectives, content, evaluation methods.
    pub programme_version_id: Uuid,
    /// Its hash (SHA-256).
    pub programme_hash: String,
    /// Who teaches.
    pub trainers: Vec<String>,
    /// When, one line per day.
    pub timetable: Vec<String>,
    /// Who is in charge of the relations with the trainees at the buyer's.
    pub contact: String,
    /// The internal rules (règlement intérieur): which text.
    pub internal_rules_id: Uuid,
    /// Its hash (SHA-256).
    pub internal_rules_hash: String,
    /// The price in cents of euro, for somebody who pays for themselves.
    pub price_cents: Option<i64>,
}

fn incomplete(fr: &str, en: &str) -> Error {
    Error::refused(
        "enrolment.pack_incomplete",
        format!("L’information préalable (art. L6353-8) n’est pas complète : il manque {fr}."),
        format!("The information before enrolment (art. L6353-8) is not complete: it lacks {en}."),
    )
}

async fn rules_in_force(scope: &Scope<'_>, day: NaiveDate) -> Result<organisation_text::Model> {
    use organisation_text::Column as T;
    scope
        .find::<organisation_text::Entity>()
        .filter(T::Kind.eq("internal_rules"))
        .filter(T::ValidFrom.lte(day))
        .filter(T::ValidTo.is_null().or(T::ValidTo.gte(day)))
        .descending(T::ValidFrom)
        .one()
        .await?
        .ok_or_else(|| incomplete("le règlement intérieur en vigueur", "the internal rules in force"))
}

async fn contact(scope: &Scope<'_>, booking: &booking::Model, buyer: &client::Model) -> Result<String> {
    let named = booking.training_contact_id.or(booking.signatory_contact_id);
    let (name, email, phone) = match scope.maybe::<client_contact::Entity>(named).await? {
        Some(contact) => {
            let person = scope.get::<person::Entity>(contact.person_id).await?;
            (name_of(&person), person.email, person.phone)
        }
        None => (buyer.name.clone(), buyer.email.clone(), buyer.phone.clone()),
    };
    Ok([Some(name), email, phone].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Gather the pieces for an enrolment; refused when one is missing.
async fn pieces(scope: &Scope<'_>, row: &enrolment::Model, day: NaiveDate) -> Result<Pieces> {
    let booking = scope.get::<booking::Entity>(row.booking_id).await?;
    let buyer = scope.get::<client::Entity>(booking.client_id).await?;
    let version = scope.get::<programme_version::Entity>(booking.programme_version_id).await?;
    let session = scope.get::<session::Entity>(row.session_id).await?;
    let slots = expected_slots(scope, row).await?;
    if slots.is_empty() {
        return Err(incomplete("le calendrier", "the timetable"));
    }
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let trainers: Vec<String> = trainers_of(scope, &ids).await?.into_iter().map(|(_, name)| name).collect();
    if trainers.is_empty() {
        return Err(incomplete(
            &format!("la liste des formateurs de « {} »", session.title),
            &format!("the trainers of “{}”", session.title),
        ));
    }
    let rules = rules_in_force(scope, day).await?;
    Ok(Pieces {
        programme_version_id: version.id,
        programme_hash: version.content_hash,
        trainers,
        timetable: day_lines(&slots),
        contact: contact(scope, &booking, &buyer).await?,
        internal_rules_id: rules.id,
        internal_rules_hash: rules.sha256,
        price_cents: (buyer.kind == "individual").then_some(booking.price_cents),
    })
}

/// Record that the information was made available to a trainee.
pub async fn make_available(
    tx: &mut Tx<'_>,
    row: &enrolment::Model,
    input: &NewInformationPack,
) -> Result<information_pack::Model> {
    let NewInformationPack { channel, recipient } = input.clone();
    let today = tx.today();
    let recipient = match recipient {
        Some(recipient) => recipient,
        None => {
            let person = tx.scope().get::<person::Entity>(row.person_id).await?;
            person.email.clone().unwrap_or_else(|| name_of(&person))
        }
    };
    let pieces = store(&pieces(&tx.scope(), row, today).await?)?;
    let (id, now) = (tx.new_id(), tx.now());
    let mut act = tx.act(row.activity_id, Event::PackSent { enrolment: row.id, pack: id }.into());
    let pack = act
        .insert(information_pack::ActiveModel {
            id: Set(id),
            enrolment_id: Set(row.id),
            pack_hash: Set(sha256(&pieces)),
            pieces: Set(pieces),
            recipient: Set(recipient),
            channel: Set(channel.into()),
            made_available_at: Set(now),
            ..Default::default()
        })
        .await?;
    act.touch::<enrolment::ActiveModel>(row.clone()).await?;
    Ok(pack)
}
