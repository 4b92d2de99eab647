//! Ask for signatures: who is asked, in which order; cancel, send again, refuse.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::{
    agreement, booking, client, client_contact, document, document_file, person, signatory,
    signature_request::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    events::Event,
    out::{AskSignatures, AskedSignatory},
    rules::{self, Party, State, Step, moved, parties},
};
use crate::{
    agreement as agreements,
    client::{self as clients},
    document::{self as papers, FileRole, Kind},
    link::{Purpose, revoke_all},
    organisation::signatory_for,
    people::printed_name,
    platform::{
        access::Ctx,
        audit,
        codes::stored,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
};

/// Days in which a request may be signed, unless said otherwise.
const DAYS: i64 = 30;

/// Where the requests of a paper are.
pub(super) fn place(document: Uuid) -> String {
    format!("/v1/documents/{document}/signature-requests")
}

/// Ask for the signatures of a paper: those who are named, or by default those whom its kind needs.
pub(super) async fn ask(ctx: &mut Ctx, document: Uuid, input: AskSignatures) -> Result<Vec<Model>> {
    let AskSignatures { signatories, expires_in_days } = input;
    let paper = ctx.scope().get::<document::Entity>(document).await?;
    // What is signed is this very file: it is made before anything is written. Whoever repeats a request is told where its
    // answer is, whatever became of the paper since.
    let presented = match signable(&ctx.scope(), &paper).await {
        Ok(()) => papers::presented(ctx.app(), &paper).await,
        Err(refused) => Err(refused),
    };
    let mut tx = ctx.begin().await?;
    let presented = presented?;
    let paper = tx.lock::<document::Entity>(document).await?;
    signable(&tx.scope(), &paper).await?;
    let asked = if signatories.is_empty() { by_default(Kind::of(&paper.kind)?) } else { signatories };
    let standing = of_document(&tx.scope(), document).await?;
    let (now, activity) = (tx.now(), paper.activity_id);
    let expires_at = now + TimeDelta::days(expires_in_days.map_or(DAYS, i64::from));
    let mut rows = vec![];
    for (index, one) in asked.into_iter().enumerate() {
        let party = one.party;
        let position = one.position.unwrap_or(1);
        let busy = |row: &&Model| row.party == party.name() && matches!(row.state.as_str(), "requested" | "signed");
        if standing.iter().chain(&rows).any(|row| busy(&row)) {
            return Err(Error::refused(
                "signature.already_requested",
                "Cette signature est déjà demandée ou donnée : annulez la demande en cours d’abord.",
                "This signature is asked for or given already: cancel the pending request first.",
            ));
        }
        let who = resolve(&tx, &paper, one, &format!("/signatories/{index}")).await?;
        let request = tx.new_id();
        let row = tx
            .act(activity, Event::Requested { request, document }.into())
            .insert(ActiveModel {
                id: Set(request),
                document_id: Set(document),
                party: Set(party.into()),
                position: Set(position),
                name: Set(who.name),
                quality: Set(who.quality),
                email: Set(who.email),
                signatory_id: Set(who.signatory),
                presented_sha256: Set(presented.sha256.clone()),
                state: Set(State::Requested.into()),
                invited_at: Set(None),
                opened_at: Set(None),
                reminder_at: Set(None),
                expires_at: Set(expires_at),
                closed_at: Set(None),
                reason: Set(None),
                ..Default::default()
            })
            .await?;
        rows.push(row);
    }
    invite(&mut tx, document).await?;
    let rows = of_document(&tx.scope(), document).await?;
    tx.answers_at(place(document), 200);
    tx.commit().await?;
    Ok(rows)
}

/// Whether a paper may be signed on line: it stands, its kind is signed, and it was not signed yet.
async fn signable(scope: &Scope<'_>, paper: &document::Model) -> Result<()> {
    if parties(Kind::of(&paper.kind)?).is_empty() {
        return Err(Error::refused(
            "signature.kind",
            "Ce type de document ne se signe pas en ligne.",
            "This kind of paper is not signed on line.",
        ));
    }
    stands(scope, paper).await?;
    let signed = scope
        .find::<document_file::Entity>()
        .filter(document_file::Column::DocumentId.eq(paper.id))
        .filter(document_file::Column::Role.eq(FileRole::Signed.name()))
        .count()
        .await?;
    if signed == 0 { Ok(()) } else { moved(State::Signed, Step::Sign).map(drop) }
}

/// A paper that no longer stands is not signed; nor is an agreement or a quote that waits for nothing.
pub(super) async fn stands(scope: &Scope<'_>, paper: &document::Model) -> Result<()> {
    if paper.state != papers::State::Current.name() {
        return Err(Error::refused(
            "signature.superseded",
            format!("{} n’est plus à jour ou a été remplacé : il ne se signe plus.", paper.reference),
            format!("{} is outdated, replaced or revoked: it is not signed any more.", paper.reference),
        ));
    }
    match (Kind::of(&paper.kind)?, paper.agreement_id, paper.amendment_id) {
        (Kind::Agreement, Some(id), _) => agreements::awaits_signature(scope, id).await,
        (Kind::Amendment, _, Some(id)) => agreements::amendment_awaits(scope, id, paper.id).await,
        _ => Ok(()),
    }
}

fn by_default(kind: Kind) -> Vec<AskedSignatory> {
    parties(kind).iter().map(|party| AskedSignatory::of(*party)).collect()
}

/// Somebody to ask, as far as they are known.
struct Who {
    name: String,
    quality: Option<String>,
    email: Option<String>,
    signatory: Option<Uuid>,
}

async fn resolve(tx: &Tx<'_>, paper: &document::Model, asked: AskedSignatory, pointer: &str) -> Result<Who> {
    let AskedSignatory { party, name, quality, email, signatory_id, position: _ } = asked;
    let known = match party {
        Party::Cooperative => {
            let amount = amount_of(&tx.scope(), paper).await?;
            let named = match signatory_id {
                Some(id) => Some(id),
                None => {
                    tx.scope().maybe::<agreement::Entity>(paper.agreement_id).await?.and_then(|row| row.signatory_id)
                }
            };
            let row = signatory_for(&tx.scope(), named, &paper.kind, amount, tx.today()).await?;
            return Ok(of_signatory(row));
        }
        Party::Client => client_of(&tx.scope(), paper).await?,
        Party::Trainee => None,
    };
    let known_email = known.as_ref().and_then(|who| who.email.clone());
    let known_quality = known.as_ref().and_then(|who| who.quality.clone());
    let named_otherwise = name.is_some();
    let missing = |member: &str, fr: &str, en: &str| {
        Error::invalid(format!("{pointer}/{member}"), "required", fr.to_owned(), en.to_owned())
    };
    let name = name.or(known.map(|who| who.name)).ok_or_else(|| {
        missing("name", "On ne sait pas qui signe : donnez son nom.", "It is not known who signs: say their name.")
    })?;
    let email = email.or(known_email.filter(|_| !named_otherwise)).ok_or_else(|| {
        missing(
            "email",
            "Son adresse n’est pas connue : le lien et le code y sont envoyés.",
            "Their address is not known: the link and the code are sent to it.",
        )
    })?;
    let quality = quality.or(known_quality.filter(|_| !named_otherwise));
    Ok(Who { name, quality, email: Some(email), signatory: None })
}

fn of_signatory(row: signatory::Model) -> Who {
    Who {
        name: format!("{} {}", row.first_name, row.last_name),
        quality: Some(row.quality),
        email: row.email,
        signatory: Some(row.id),
    }
}

/// Who signs for the client: the booking's contact, else the client's signatory, else the individual.
async fn client_of(scope: &Scope<'_>, paper: &document::Model) -> Result<Option<Who>> {
    let Some(buyer) = scope.maybe::<client::Entity>(paper.client_id).await? else { return Ok(None) };
    let booking = scope.maybe::<booking::Entity>(paper.booking_id).await?;
    let named = scope.maybe::<client_contact::Entity>(booking.and_then(|row| row.signatory_contact_id)).await?;
    let found = match named {
        Some(contact) => {
            let person = scope.get::<person::Entity>(contact.person_id).await?;
            Some((person, contact.quality))
        }
        None => match clients::signatory_contact(scope, buyer.id).await? {
            Some((contact, person)) => Some((person, contact.quality)),
            None => scope.maybe::<person::Entity>(buyer.person_id).await?.map(|person| (person, None)),
        },
    };
    Ok(found.map(|(person, quality)| Who {
        name: printed_name(&person),
        quality,
        email: person.email.or(buyer.email),
        signatory: None,
    }))
}

/// The amount that a paper engages, as it prints it: what a delegation is compared with. An amendment engages what the
/// booking costs.
pub(super) async fn amount_of(scope: &Scope<'_>, paper: &document::Model) -> Result<Option<i64>> {
    if Kind::of(&paper.kind)? == Kind::Amendment {
        return Ok(scope.maybe::<booking::Entity>(paper.booking_id).await?.map(|row| row.price_cents));
    }
    let content: serde_json::Value = stored(&paper.content)?;
    let amount = ["/terms/price_cents", "/totals/net_cents"].into_iter().find_map(|at| content.pointer(at)?.as_i64());
    Ok(amount)
}

/// Every request of a paper, oldest first.
pub(super) async fn of_document(scope: &Scope<'_>, document: Uuid) -> Result<Vec<Model>> {
    scope.find::<Entity>().filter(Column::DocumentId.eq(document)).ascending(Column::Id).all().await
}

/// Write to those whose turn it is and who were not written to yet.
pub(super) async fn invite(tx: &mut Tx<'_>, document: Uuid) -> Result<()> {
    let rows = of_document(&tx.scope(), document).await?;
    let order: Vec<(i32, State)> =
        rows.iter().map(|row| Ok((row.position, State::of(&row.state)?))).collect::<Result<_>>()?;
    let Some(turn) = rules::turn(&order) else { return Ok(()) };
    let now = tx.now();
    for row in rows {
        if row.state != State::Requested.name() || row.position != turn || row.invited_at.is_some() {
            continue;
        }
        let next = rules::next_reminder(now, row.expires_at, now);
        tx.act(row.activity_id, Event::Invited { request: row.id, document }.into())
            .update(row, |edit: &mut ActiveModel| {
                edit.invited_at = Set(Some(now));
                edit.reminder_at = Set(next);
            })
            .await?;
    }
    Ok(())
}

/// Close a request that still waits.
pub(super) async fn close(
    tx: &mut Tx<'_>,
    row: Model,
    to: State,
    event: Event,
    reason: Option<String>,
) -> Result<Model> {
    let now = tx.now();
    tx.act(row.activity_id, event.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.state = Set(to.into());
            edit.closed_at = Set(Some(now));
            edit.reminder_at = Set(None);
            edit.reason = Set(reason);
        })
        .await
}

/// Somebody is not asked any more: their link opens nothing.
pub(super) async fn cancel(ctx: &mut Ctx, id: Uuid, reason: String) -> Result<Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    let to = moved(State::of(&row.state)?, Step::Cancel)?;
    let document = row.document_id;
    let row = close(&mut tx, row, to, Event::Cancelled { request: id }, Some(reason)).await?;
    revoke_all(&mut tx, Purpose::SignPaper, id).await?;
    invite(&mut tx, document).await?;
    tx.answers_at(format!("/v1/signature-requests/{id}"), 200);
    tx.commit().await?;
    Ok(row)
}

/// Write to somebody again, with a new link: those before open nothing.
pub(super) async fn resend(ctx: &mut Ctx, id: Uuid) -> Result<Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    moved(State::of(&row.state)?, Step::Resend)?;
    if row.email.is_none() {
        return Err(Error::refused(
            "signature.no_address",
            format!("Aucune adresse n’est connue pour {}.", row.name),
            format!("No address is known for {}.", row.name),
        ));
    }
    rules::may_invite(&audit::times(&tx.scope(), "signature.invited", id).await?, tx.now())?;
    revoke_all(&mut tx, Purpose::SignPaper, id).await?;
    let (now, document) = (tx.now(), row.document_id);
    let invited = row.invited_at.unwrap_or(now);
    let row = tx
        .act(row.activity_id, Event::Invited { request: id, document }.into())
        .update(row, |edit: &mut ActiveModel| edit.invited_at = Set(Some(invited)))
        .await?;
    tx.answers_at(format!("/v1/signature-requests/{id}"), 200);
    tx.commit().await?;
    Ok(row)
}

/// Somebody refuses to sign: those who were still asked are not any more.
pub(super) async fn refuse(ctx: &mut Ctx, id: Uuid, reason: String) -> Result<Model> {
    let mut tx = ctx.begin().await?;
    let document = tx.scope().get::<Entity>(id).await?.document_id;
    tx.lock::<document::Entity>(document).await?;
    let row = tx.lock::<Entity>(id).await?;
    let to = moved(State::of(&row.state)?, Step::Refuse)?;
    let why = format!("{} a refusé de signer.", row.name);
    let row = close(&mut tx, row, to, Event::Refused { request: id, document }, Some(reason)).await?;
    for other in of_document(&tx.scope(), document).await? {
        if other.state == State::Requested.name() {
            let other_id = other.id;
            let event = Event::Cancelled { request: other_id };
            close(&mut tx, other, State::Cancelled, event, Some(why.clone())).await?;
            revoke_all(&mut tx, Purpose::SignPaper, other_id).await?;
        }
    }
    tx.commit().await?;
    Ok(row)
}

/// What a paper was asked for is void: it was replaced, taken back, or signed on paper. `kind` names the identifier.
pub async fn cancel_for(ctx: &mut Ctx, kind: &str, id: Uuid) -> Result<()> {
    use document::Column as D;
    let mut tx = ctx.begin().await?;
    let about = match kind {
        "agreement" => D::AgreementId.eq(id),
        "amendment" => D::AmendmentId.eq(id),
        "quote" => D::QuoteId.eq(id),
        _ => D::Id.eq(id),
    };
    let papers = tx.scope().find::<document::Entity>().filter(about).ascending(D::Id).all().await?;
    let mut cancelled = 0;
    for paper in papers {
        for row in of_document(&tx.scope(), paper.id).await? {
            if row.state != State::Requested.name() {
                continue;
            }
            let row = tx.lock::<Entity>(row.id).await?;
            let Ok(to) = moved(State::of(&row.state)?, Step::Cancel) else { continue };
            let request = row.id;
            let reason = "Le document a été signé autrement, remplacé ou retiré.".to_owned();
            close(&mut tx, row, to, Event::Cancelled { request }, Some(reason)).await?;
            revoke_all(&mut tx, Purpose::SignPaper, request).await?;
            cancelled += 1;
        }
    }
    if cancelled > 0 { tx.commit().await } else { Ok(()) }
}

/// The requests of some agreements' papers that wait, for lists of what is missing: identifier and name, by paper.
pub async fn pending(scope: &Scope<'_>, documents: &[Uuid]) -> Result<HashMap<Uuid, Vec<(Uuid, String)>>> {
    let rows = scope
        .find::<Entity>()
        .filter(Column::DocumentId.is_in(documents.iter().copied()))
        .filter(Column::State.eq(State::Requested.name()))
        .ascending(Column::Id)
        .all()
        .await?;
    let mut found: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
    for row in rows {
        found.entry(row.document_id).or_default().push((row.id, row.name));
    }
    Ok(found)
}
