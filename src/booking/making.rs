//! Draft a booking, change it, forget it; who buys, what is sold.

use entity::{booking, client, client_contact, funding_file, programme_version, quote, session};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    booking::{NewBooking, fill, searched, written},
    events::Event,
    rules::{Approval, State},
    terms::{read, terms_changed},
};
use crate::{
    catalogue,
    platform::{
        access::Ctx,
        codes::store,
        contract::{Patch, parse},
        error::{Error, Result},
        money::Cents,
        scope::Scope,
        tx::Tx,
    },
    quote::training_total,
    session::SessionKind,
};

/// Where a booking is.
pub(super) fn place(id: Uuid) -> String {
    format!("/v1/bookings/{id}")
}

/// Bookings of a session, oldest first, whatever their state.
pub async fn of_session(scope: &Scope<'_>, session: Uuid) -> Result<Vec<booking::Model>> {
    use booking::Column as B;
    scope.find::<booking::Entity>().filter(B::SessionId.eq(session)).ascending(B::Id).all().await
}

/// Who buys.
pub async fn buyer(scope: &Scope<'_>, booking: &booking::Model) -> Result<client::Model> {
    scope.get::<client::Entity>(booking.client_id).await
}

fn fixed(pointer: &str) -> Error {
    Error::invalid(
        pointer,
        "fixed",
        "Une réservation ne change ni de session ni de client : annulez-la et faites-en une autre.",
        "A booking keeps its session and its client: cancel it and make another one.",
    )
}

/// Draft a booking.
pub(super) async fn create(ctx: &mut Ctx, input: NewBooking) -> Result<booking::Model> {
    if let Some(activity) = input.activity_id {
        ctx.activity(Some(activity))?;
    }
    let mut tx = ctx.begin().await?;
    let row = insert(&mut tx, input).await?;
    tx.answers_at(place(row.id), 201);
    tx.commit().await?;
    Ok(row)
}

/// Draft a booking as part of a larger act.
pub async fn insert(tx: &mut Tx<'_>, input: NewBooking) -> Result<booking::Model> {
    // The session is locked: two bookings of an intra session wait for each other.
    let session = tx.lock::<session::Entity>(input.session_id).await?;
    let activity = session.activity_id;
    if input.activity_id.is_some_and(|named| named != activity) {
        return Err(Error::Missing("session"));
    }
    sellable(&session)?;
    let client = checked(&tx.scope(), activity, &input).await?;
    alone(&tx.scope(), &session).await?;
    let price = match input.price_cents {
        Some(price) => price,
        None => default_price(&tx.scope(), &session, &input).await?,
    };
    let year = chrono::Datelike::year(&tx.today());
    let number = tx.next_number(&format!("booking:{activity}:{year}")).await?;
    let reference = format!("BKG-{year}-{number:04}");
    let id = tx.new_id();
    // The terms are read as they stand, so that the next change is told from this day's.
    let terms = read(&tx.scope(), session.id, session.programme_version_id, price).await?;
    let mut row = booking::ActiveModel {
        id: Set(id),
        programme_version_id: Set(session.programme_version_id),
        search: Set(searched(&reference, &client.name, &session.title, input.order_reference.as_deref())),
        reference: Set(reference),
        state: Set(State::Draft.into()),
        approval: Set(Approval::None.into()),
        terms: Set(store(&terms)?),
        ..Default::default()
    };
    fill(input, price, &mut row);
    tx.act(activity, Event::Drafted { booking: id }.into()).insert(row).await
}

fn sellable(session: &session::Model) -> Result<()> {
    if session.kind == SessionKind::Received.name() {
        return Err(Error::refused(
            "booking.session_received",
            format!(
                "La session {} est confiée par un autre organisme, qui la vend : seules ses heures nous reviennent (cadre G du BPF).",
                session.reference
            ),
            format!("Session {} is entrusted by another training body, which sells it.", session.reference),
        ));
    }
    if matches!(session.state.as_str(), "planned" | "open" | "running") {
        return Ok(());
    }
    Err(Error::refused(
        "booking.session_over",
        format!("La session {} est à l’état « {} » : elle ne se vend plus.", session.reference, session.state),
        format!("Session {} is “{}”: it is no longer sold.", session.reference, session.state),
    ))
}

/// An intra session has one live booking; the caller holds the session's lock.
async fn alone(scope: &Scope<'_>, session: &session::Model) -> Result<()> {
    if session.format != "intra" {
        return Ok(());
    }
    for other in of_session(scope, session.id).await? {
        if State::of(&other.state)?.is_live() {
            return Err(Error::refused(
                "booking.session_taken",
                format!("Cette session intra est déjà vendue par la réservation {}.", other.reference),
                format!("This intra session is already sold by booking {}.", other.reference),
            ));
        }
    }
    Ok(())
}

/// References of a booking are rows of its activity, contacts those of its client; answers the client.
async fn checked(scope: &Scope<'_>, activity: Uuid, input: &NewBooking) -> Result<client::Model> {
    let client = scope.get::<client::Entity>(input.client_id).await?;
    if client.activity_id != activity {
        return Err(Error::Missing("client"));
    }
    let contacts = [
        ("/signatory_contact_id", input.signatory_contact_id),
        ("/training_contact_id", input.training_contact_id),
        ("/accounting_contact_id", input.accounting_contact_id),
    ];
    for (pointer, id) in contacts {
        let Some(contact) = scope.maybe::<client_contact::Entity>(id).await? else { continue };
        if contact.activity_id != activity {
            return Err(Error::Missing("client_contact"));
        }
        if contact.client_id != client.id {
            return Err(Error::invalid(
                pointer,
                "contact.other_client",
                format!("Ce contact n’est pas un contact de « {} ».", client.name),
                format!("This contact is not one of “{}”.", client.name),
            ));
        }
    }
    if let Some(quote) = scope.maybe::<quote::Entity>(input.quote_id).await? {
        if quote.activity_id != activity {
            return Err(Error::Missing("quote"));
        }
        if quote.client_id != client.id {
            return Err(Error::invalid(
                "/quote_id",
                "quote.other_client",
                format!("Ce devis n’est pas adressé à « {} ».", client.name),
                format!("This quote is not addressed to “{}”.", client.name),
            ));
        }
    }
    Ok(client)
}

/// The quote's training lines, else the programme's price: for the group, or for each head of an inter session.
async fn default_price(scope: &Scope<'_>, session: &session::Model, input: &NewBooking) -> Result<i64> {
    if let Some(quote) = input.quote_id {
        return Ok(training_total(scope, quote).await?.0);
    }
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    let programme = catalogue::content(&version)?;
    let heads = input.heads.map(i64::from);
    let group = programme.price_per_group_cents;
    let heads = programme.price_per_head_cents.zip(heads).and_then(|(price, heads)| price.checked_mul(heads));
    let price = if session.format == "intra" { group.or(heads) } else { heads.or(group) };
    price.ok_or_else(|| {
        Error::invalid(
            "/price_cents",
            "required",
            "Ni devis, ni prix au programme : précisez le prix de la formation.",
            "Neither a quote nor a price in the programme: say the price of the training.",
        )
    })
}

/// Change a booking; its session and its client stay.
pub(super) async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewBooking>) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    let before = tx.edit::<booking::Entity>(id).await?;
    let input = patch.apply(&written(&before))?;
    let row = rewrite(&mut tx, before, input).await?;
    tx.commit().await?;
    Ok(row)
}

async fn rewrite(tx: &mut Tx<'_>, before: booking::Model, input: NewBooking) -> Result<booking::Model> {
    super::moves::require_live(&before)?;
    if input.session_id != before.session_id {
        return Err(fixed("/session_id"));
    }
    if input.client_id != before.client_id {
        return Err(fixed("/client_id"));
    }
    let client = checked(&tx.scope(), before.activity_id, &input).await?;
    let session = tx.scope().get::<session::Entity>(before.session_id).await?;
    let price = match input.price_cents {
        Some(price) => price,
        None => default_price(&tx.scope(), &session, &input).await?,
    };
    covers_funding(&tx.scope(), &before, price).await?;
    let (id, activity) = (before.id, before.activity_id);
    let search = searched(&before.reference, &client.name, &session.title, input.order_reference.as_deref());
    tx.act(activity, Event::Edited { booking: id }.into())
        .update(before, |edit: &mut booking::ActiveModel| {
            fill(input, price, edit);
            edit.search = Set(search);
        })
        .await?;
    terms_changed(tx, id).await?;
    tx.scope().get::<booking::Entity>(id).await
}

/// The funding files of a booking never hold more than its price, whichever of the two changes: the booking is locked.
async fn covers_funding(scope: &Scope<'_>, before: &booking::Model, price: i64) -> Result<()> {
    use funding_file::Column as F;
    if price >= before.price_cents {
        return Ok(());
    }
    let files = scope
        .find::<funding_file::Entity>()
        .filter(F::BookingId.eq(before.id))
        .filter(F::State.is_not_in(["refused", "withdrawn"]))
        .all()
        .await?;
    let held: i64 = files.iter().map(|file| file.granted_cents.unwrap_or(file.requested_cents)).sum();
    if held <= price {
        return Ok(());
    }
    let (price, held) = (Cents(price), Cents(held));
    Err(Error::refused(
        "booking.price_under_funding",
        format!(
            "Le nouveau prix ({price}) est inférieur à ce que portent les dossiers de financement ({held}) : diminuez ou retirez d’abord un dossier."
        ),
        format!(
            "The new price ({price}) is less than what the funding files hold ({held}): lower or withdraw one first."
        ),
    ))
}

/// Create or replace the booking that the caller calls `external_id`; answers whether it was created.
pub(super) async fn upsert(
    ctx: &mut Ctx,
    external_id: &str,
    mut input: serde_json::Value,
) -> Result<(booking::Model, bool)> {
    use booking::Column as B;
    if let Some(map) = input.as_object_mut() {
        map.insert("external_id".into(), external_id.into());
    }
    let input: NewBooking = parse(input)?;
    let mut tx = ctx.begin().await?;
    let session = tx.scope().get::<session::Entity>(input.session_id).await?;
    tx.alone(&format!("bookings:{}:{external_id}", session.activity_id)).await?;
    let found = tx
        .scope()
        .find::<booking::Entity>()
        .filter(B::ActivityId.eq(session.activity_id))
        .filter(B::ExternalId.eq(external_id))
        .one()
        .await?;
    let (row, made) = match found {
        Some(row) => {
            let before = tx.lock::<booking::Entity>(row.id).await?;
            (rewrite(&mut tx, before, input).await?, false)
        }
        None => (insert(&mut tx, input).await?, true),
    };
    tx.answers_at(place(row.id), if made { 201 } else { 200 });
    tx.commit().await?;
    Ok((row, made))
}

/// Forget a draft that nothing used: what was proposed is kept.
pub(super) async fn delete(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    if State::of(&row.state)? != State::Draft {
        return Err(Error::no_move("booking.no_move", &row.state, "delete", &["cancel"]));
    }
    tx.act(row.activity_id, Event::Deleted { booking: id }.into()).delete::<booking::Entity>(row).await?;
    tx.commit().await
}
