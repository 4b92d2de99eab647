//! Send an agreement, write down its signature on paper, void it.

use chrono::NaiveDate;
use entity::{agreement, booking, document, stored_file};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    agreement::{Kind, SignOnPaper},
    drafting::place,
    events::Event,
    paper,
    rules::{State, Step, moved, payable, signature, withdrawal_days},
    terms::Terms,
};
use crate::{
    booking as sold,
    client::Kind as Buyer,
    document::{About, Kind as Papers, issue, revoke_paper},
    organisation::signatory_for,
    platform::{
        access::Ctx,
        codes::stored,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
};

/// The kind of paper that delegations name.
pub(super) const PAPER: &str = "agreement";

/// Lock the booking, then its agreement: always in this order.
pub(super) async fn locked(tx: &Tx<'_>, id: Uuid) -> Result<(booking::Model, agreement::Model)> {
    let booking = tx.scope().get::<agreement::Entity>(id).await?.booking_id;
    Ok((tx.lock::<booking::Entity>(booking).await?, tx.lock::<agreement::Entity>(id).await?))
}

/// Send an agreement to be signed: its paper is issued, a draft booking is proposed.
pub(super) async fn send(ctx: &mut Ctx, id: Uuid) -> Result<agreement::Model> {
    let mut tx = ctx.begin().await?;
    let row = send_row(&mut tx, id).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// The same, as part of a larger act.
pub(super) async fn send_row(tx: &mut Tx<'_>, id: Uuid) -> Result<agreement::Model> {
    let (booking, row) = locked(tx, id).await?;
    let to = moved(State::of(&row.state)?, Step::Send)?;
    sold::require_live(&booking)?;
    if sold::terms_of(&tx.scope(), &booking).await?.hash()? != row.terms_hash {
        return Err(Error::refused(
            "agreement.outdated",
            "Les conditions de la réservation ont changé depuis la rédaction : annulez ce document et refaites-le.",
            "The terms of the booking changed since it was drafted: void it and draft it again.",
        ));
    }
    let document = match Kind::of(&row.kind)? {
        Kind::Convention | Kind::Contract => Some(issued(tx, &booking, &row).await?),
        Kind::Quote | Kind::Order => quote_paper(tx, &booking).await?,
    };
    if booking.state == sold::State::Draft.name() {
        sold::propose_row(tx, booking).await?;
    }
    tx.act(row.activity_id, Event::Sent { agreement: id }.into())
        .update(row, |edit: &mut agreement::ActiveModel| {
            edit.state = Set(to.into());
            edit.document_id = Set(document);
        })
        .await
}

async fn issued(tx: &mut Tx<'_>, booking: &booking::Model, row: &agreement::Model) -> Result<Uuid> {
    let today = tx.today();
    let content = paper::content(&tx.scope(), booking, row, today).await?;
    let about = About {
        client: Some(booking.client_id),
        session: Some(booking.session_id),
        booking: Some(booking.id),
        agreement: Some(row.id),
        ..About::default()
    };
    let title = content.title();
    Ok(issue(tx, row.activity_id, Papers::Agreement, &title, about, &content).await?.paper().id)
}

/// The paper of the quote that stands for the agreement.
async fn quote_paper(tx: &Tx<'_>, booking: &booking::Model) -> Result<Option<Uuid>> {
    use document::Column as D;
    let Some(quote) = booking.quote_id else { return Ok(None) };
    let row = tx
        .scope()
        .find::<document::Entity>()
        .filter(D::QuoteId.eq(quote))
        .filter(D::Kind.eq(Papers::Quote.name()))
        .filter(D::State.eq("current"))
        .one()
        .await?;
    Ok(row.map(|row| row.id))
}

/// A scan is a file of the same activity.
pub(super) async fn scan(tx: &Tx<'_>, id: Uuid, activity: Uuid) -> Result<()> {
    let file = tx.scope().get::<stored_file::Entity>(id).await?;
    if file.activity_id == Some(activity) { Ok(()) } else { Err(Error::Missing("stored_file")) }
}

/// What both sides signed, on paper or on line.
#[derive(Debug, Clone)]
pub struct SignedByBoth {
    /// The day of the client's signature.
    pub client_on: NaiveDate,
    /// Who signed for the client.
    pub client: String,
    /// In which quality.
    pub quality: Option<String>,
    /// The day of the cooperative's signature.
    pub provider_on: NaiveDate,
    /// Who signed for the cooperative.
    pub signatory: Uuid,
    /// The scan, when one side signed on paper.
    pub scan: Option<Uuid>,
    /// Who checked what was signed on paper.
    pub checked_by: Option<String>,
}

/// Write down what was signed on paper: dates as they are written, who checked them.
pub(super) async fn sign_on_paper(ctx: &mut Ctx, id: Uuid, input: SignOnPaper) -> Result<agreement::Model> {
    let SignOnPaper {
        scan_file_id,
        client_signed_on,
        client_signatory,
        client_quality,
        board_decision,
        provider_signed_on,
        signatory_id,
    } = input;
    let mut tx = ctx.begin().await?;
    let (booking, row) = locked(&tx, id).await?;
    moved(State::of(&row.state)?, Step::Sign)?;
    sold::require_live(&booking)?;
    scan(&tx, scan_file_id, row.activity_id).await?;
    let client = sold::buyer(&tx.scope(), &booking).await?;
    if board_decision.is_some() && client.kind != Buyer::Association.name() {
        return Err(Error::invalid(
            "/board_decision",
            "agreement.board",
            "Seule une association a une décision de son instance.",
            "Only an association has a decision of its board.",
        ));
    }
    let signed = SignedByBoth {
        client_on: client_signed_on,
        client: client_signatory,
        quality: client_quality,
        provider_on: provider_signed_on,
        signatory: signatory_id,
        scan: Some(scan_file_id),
        checked_by: Some(tx.actor().to_owned()),
    };
    let row = record(&mut tx, &booking, row, board_decision, signed).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// Both sides have signed, each in their way, as part of a larger act: the agreement is signed, under the same rules.
pub async fn sign_by_both(tx: &mut Tx<'_>, id: Uuid, signed: SignedByBoth) -> Result<agreement::Model> {
    let (booking, row) = locked(tx, id).await?;
    sold::require_live(&booking)?;
    record(tx, &booking, row, None, signed).await
}

/// Whether an agreement waits to be signed on line: it was sent, and a contrat says the period of what is concluded at a
/// distance.
pub async fn awaits_signature(scope: &Scope<'_>, id: Uuid) -> Result<()> {
    let row = scope.get::<agreement::Entity>(id).await?;
    moved(State::of(&row.state)?, Step::Sign)?;
    if Kind::of(&row.kind)? == Kind::Contract && !row.concluded_at_distance {
        return Err(Error::refused(
            "agreement.not_at_distance",
            "Signé en ligne, un contrat est conclu à distance : le délai de rétractation est de quatorze jours. Refaites-le avec « concluded_at_distance ».",
            "Signed on line, a contrat is concluded at a distance: the withdrawal period is fourteen days. Draft it again with “concluded_at_distance”.",
        ));
    }
    Ok(())
}

async fn record(
    tx: &mut Tx<'_>,
    booking: &booking::Model,
    row: agreement::Model,
    board_decision: Option<String>,
    signed: SignedByBoth,
) -> Result<agreement::Model> {
    let SignedByBoth { client_on, client, quality, provider_on, signatory, scan, checked_by } = signed;
    let to = moved(State::of(&row.state)?, Step::Sign)?;
    let terms: Terms = stored(&row.terms)?;
    let withdrawal = (Kind::of(&row.kind)? == Kind::Contract).then(|| withdrawal_days(row.concluded_at_distance));
    let first = terms.days.first().copied();
    let weighed = signature(client_on, provider_on, withdrawal, first, tx.today())?;
    if let Some(end) = weighed.withdrawal_ends_on {
        payable(&terms.instalments, end)?;
    }
    let price = Some(terms.price_cents);
    signatory_for(&tx.scope(), Some(signatory), PAPER, price, provider_on).await?;
    let now = tx.now();
    tx.act(booking.activity_id, Event::Signed { agreement: row.id }.into())
        .update(row, |edit: &mut agreement::ActiveModel| {
            edit.state = Set(to.into());
            edit.client_signed_on = Set(Some(client_on));
            edit.client_signatory = Set(Some(client));
            edit.client_quality = Set(quality);
            edit.board_decision = Set(board_decision);
            edit.provider_signed_on = Set(Some(provider_on));
            edit.signatory_id = Set(Some(signatory));
            edit.checked_by = Set(checked_by);
            edit.scan_file_id = Set(scan);
            edit.signed_at = Set(Some(now));
            edit.withdrawal_ends_on = Set(weighed.withdrawal_ends_on);
            edit.signed_late = Set(weighed.late);
        })
        .await
}

/// What was signed and performed is changed by an amendment, never undone.
async fn require_unperformed(scope: &Scope<'_>, booking: &booking::Model, row: &agreement::Model) -> Result<()> {
    if !sold::is_performed(scope, booking.id).await? {
        return Ok(());
    }
    Err(Error::refused(
        "agreement.performed",
        format!("{} est signée et la formation a commencé : faites un avenant.", row.reference),
        format!("{} is signed and the training has begun: draft an amendment.", row.reference),
    ))
}

/// Void an agreement: its booking needs another one, or is cancelled.
pub(super) async fn void(ctx: &mut Ctx, id: Uuid, reason: String) -> Result<agreement::Model> {
    let mut tx = ctx.begin().await?;
    let (booking, row) = locked(&tx, id).await?;
    let to = moved(State::of(&row.state)?, Step::Void)?;
    if State::of(&row.state)? == State::Signed {
        require_unperformed(&tx.scope(), &booking, &row).await?;
    }
    // The paper of an accepted quote stays the quote's.
    if let Some(paper) = row.document_id.filter(|_| matches!(row.kind.as_str(), "convention" | "contract")) {
        revoke_paper(&mut tx, paper, &format!("Annulée : {reason}")).await?;
    }
    let row = tx
        .act(row.activity_id, Event::Voided { agreement: id }.into())
        .update(row, |edit: &mut agreement::ActiveModel| {
            edit.state = Set(to.into());
            edit.void_reason = Set(Some(reason));
        })
        .await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}
