//! Somebody signs: with a code on a page or through the API, or on paper with a scan. Once.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::NaiveDate;
use entity::{
    document, one_time_code,
    signature::{Column, Entity, Model},
    signature_request, stored_file,
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    code::{self, Bound},
    complete,
    events::Event,
    evidence::{seen, to_insert},
    name::described,
    out::SignedOnPaper,
    picture::Manner,
    request::{amount_of, invite, of_document, stands},
    rules::{Channel, Means, Party, State, Step, consent, moved, turn},
};
use crate::{
    organisation::signatory_for,
    platform::{
        access::{Client, Ctx},
        calendar,
        error::{Error, Result},
        tx::Tx,
    },
};

/// What somebody brings to sign.
pub(super) struct Given<'a> {
    /// The code that was asked for, by its row.
    pub code: Uuid,
    /// The six digits that were typed.
    pub typed: &'a str,
    /// The drawing or the name.
    pub manner: Manner,
    /// The request of the page that signs; none through the API.
    pub request: Option<Uuid>,
}

/// Sign every paper that a code was asked for: all of them, or none. The same code brought twice signs once.
pub(super) async fn sign(ctx: &mut Ctx, given: Given<'_>) -> Result<Vec<Model>> {
    let Given { code: id, typed, manner, request } = given;
    let row = ctx.scope().get::<one_time_code::Entity>(id).await?;
    if row.request_id != request || (row.activity_id.is_none() && !ctx.scope().sees_all()) {
        return Err(another());
    }
    let papers = code::bound(&row)?;
    let pictures = keep(ctx, &papers, &manner).await?;
    let client = ctx.client().clone();
    let mut tx = ctx.begin().await?;
    // Always in this order, each kind by its identifiers: two signatures never wait for each other in a ring.
    let mut documents: Vec<Uuid> = papers.iter().map(|paper| paper.document).collect();
    documents.sort();
    documents.dedup();
    let mut locked = BTreeMap::new();
    for document in documents {
        locked.insert(document, tx.lock::<document::Entity>(document).await?);
    }
    let mut requests = vec![];
    for paper in &papers {
        requests.push((paper, tx.lock::<signature_request::Entity>(paper.request).await?));
    }
    let row = tx.lock::<one_time_code::Entity>(id).await?;
    let before = tx.scope().find::<Entity>().filter(Column::CodeId.eq(id)).ascending(Column::Id).all().await?;
    if !before.is_empty() {
        // Sent twice, by a double click or a repeated request.
        return Ok(before);
    }
    for (_, request) in &requests {
        moved(State::of(&request.state)?, Step::Sign)?;
    }
    let row = match code::attempt(&mut tx, row, typed).await? {
        Ok(row) => row,
        Err(why) => {
            tx.commit().await?;
            return Err(why);
        }
    };
    let channel = if request.is_some() { Channel::Page } else { Channel::Api };
    let mut signed = vec![];
    for (bound, request) in requests {
        let paper = locked.get(&bound.document).ok_or_else(|| Error::internal("a paper that was locked is missing"))?;
        if bound.sha256 != request.presented_sha256 {
            return Err(another());
        }
        let mut draft = drafted(&tx, paper, &request)?;
        draft.channel = channel.into();
        draft.means = if manner.drawn.is_some() { Means::Drawn } else { Means::Typed }.into();
        draft.picture_sha256 = pictures.get(&bound.activity).cloned();
        draft.typed_name.clone_from(&manner.typed);
        draft.code_id = Some(row.id);
        draft.code_sent_to = Some(row.sent_to.clone());
        draft.code_sent_at = row.sent_at;
        draft.code_verified_at = row.used_at;
        signed.push(write(&mut tx, paper, request, draft, &client).await?);
    }
    for paper in locked.values() {
        complete::complete(&mut tx, paper).await?;
        invite(&mut tx, paper.id).await?;
    }
    tx.answers_at(format!("/v1/signature-batches/{id}"), 200);
    tx.commit().await?;
    Ok(signed)
}

fn another() -> Error {
    Error::refused(
        "signature.code_other",
        "Ce code a été demandé pour d’autres documents : demandez-en un ici.",
        "This code was asked for other papers: ask for one here.",
    )
}

/// The drawing, kept once an activity before anything is written about it.
async fn keep(ctx: &Ctx, papers: &[Bound], manner: &Manner) -> Result<BTreeMap<Uuid, String>> {
    let mut kept = BTreeMap::new();
    if let Some(drawn) = &manner.drawn {
        for paper in papers {
            if let Entry::Vacant(place) = kept.entry(paper.activity) {
                place.insert(ctx.app().blobs.put(Some(paper.activity), drawn.clone()).await?);
            }
        }
    }
    Ok(kept)
}

/// Evidence about to be written: what both ways of signing have in common.
fn drafted(tx: &Tx<'_>, paper: &document::Model, request: &signature_request::Model) -> Result<Model> {
    let now = tx.now();
    let words = consent(&described(paper)?, &request.presented_sha256, &request.name, request.quality.as_deref());
    Ok(Model {
        id: tx.new_id(),
        activity_id: paper.activity_id,
        request_id: request.id,
        document_id: paper.id,
        party: request.party.clone(),
        name: request.name.clone(),
        quality: request.quality.clone(),
        signatory_id: request.signatory_id,
        means: Means::Typed.into(),
        channel: Channel::Page.into(),
        recorded_by: tx.actor().to_owned(),
        consent: words,
        presented_sha256: request.presented_sha256.clone(),
        picture_sha256: None,
        typed_name: None,
        scan_file_id: None,
        signed_on: tx.today(),
        signed_at: now,
        local_time: calendar::local(now).format("%Y-%m-%dT%H:%M:%S").to_string(),
        code_id: None,
        code_sent_to: None,
        code_sent_at: None,
        code_verified_at: None,
        network: None,
        network_salt: None,
        network_digest: None,
        network_erased_at: None,
        level: String::new(),
        digest: String::new(),
        version: 0,
        seq: 0,
        created_at: now,
        updated_at: now,
    })
}

/// Write a signature on its locked request: the rules are asked at this very moment.
async fn write(
    tx: &mut Tx<'_>,
    paper: &document::Model,
    request: signature_request::Model,
    mut draft: Model,
    client: &Client,
) -> Result<Model> {
    let to = moved(State::of(&request.state)?, Step::Sign)?;
    if request.expires_at <= tx.now() {
        moved(State::Expired, Step::Sign)?;
    }
    stands(&tx.scope(), paper).await?;
    let order = of_document(&tx.scope(), paper.id).await?;
    let order: Vec<(i32, State)> =
        order.iter().map(|row| Ok((row.position, State::of(&row.state)?))).collect::<Result<_>>()?;
    if turn(&order).is_some_and(|turn| turn < request.position) {
        return Err(Error::refused(
            "signature.not_your_turn",
            format!("{} : quelqu’un d’autre doit signer d’abord.", paper.reference),
            format!("{}: somebody else must sign first.", paper.reference),
        ));
    }
    if Party::of(&request.party)? == Party::Cooperative {
        let amount = amount_of(&tx.scope(), paper).await?;
        signatory_for(&tx.scope(), request.signatory_id, &paper.kind, amount, draft.signed_on).await?;
    }
    seen(tx, &mut draft, client)?;
    let (signature, id) = (draft.id, request.id);
    let (edit, digest) = to_insert(draft);
    let (now, event) = (tx.now(), Event::Signed { request: id, document: paper.id, signature, digest });
    let mut act = tx.act(paper.activity_id, event.into());
    let row = act.insert(edit).await?;
    act.update(request, |edit: &mut signature_request::ActiveModel| {
        edit.state = Set(to.into());
        edit.closed_at = Set(Some(now));
        edit.reminder_at = Set(None);
    })
    .await?;
    Ok(row)
}

/// Write down that somebody signed the printed paper: the date as it is written, the scan.
pub(super) async fn sign_on_paper(ctx: &mut Ctx, id: Uuid, input: SignedOnPaper) -> Result<Model> {
    let SignedOnPaper { scan_file_id, signed_on } = input;
    let mut tx = ctx.begin().await?;
    let document = tx.scope().get::<signature_request::Entity>(id).await?.document_id;
    let paper = tx.lock::<document::Entity>(document).await?;
    let request = tx.lock::<signature_request::Entity>(id).await?;
    moved(State::of(&request.state)?, Step::Sign)?;
    dated(&paper, signed_on, tx.today())?;
    let scan = tx.scope().get::<stored_file::Entity>(scan_file_id).await?;
    if !matches!(scan.media_type.as_str(), "application/pdf" | "image/png" | "image/jpeg") {
        return Err(Error::invalid(
            "/scan_file_id",
            "document.not_a_scan",
            "Une copie numérisée est un PDF ou une image.",
            "A scan is a PDF or a picture.",
        ));
    }
    if scan.activity_id != Some(paper.activity_id) {
        return Err(Error::Missing("stored_file"));
    }
    let mut draft = drafted(&tx, &paper, &request)?;
    draft.consent = "Signé à la main sur le document imprimé, dont la numérisation est conservée.".into();
    draft.channel = Channel::Paper.into();
    draft.means = Means::Paper.into();
    draft.signed_on = signed_on;
    draft.scan_file_id = Some(scan.id);
    // Who signed was not at this keyboard: the device of whoever writes it down proves nothing.
    let row = write(&mut tx, &paper, request, draft, &Client::default()).await?;
    complete::complete(&mut tx, &paper).await?;
    invite(&mut tx, document).await?;
    tx.answers_at(format!("/v1/signature-requests/{id}"), 200);
    tx.commit().await?;
    Ok(row)
}

/// A date on a paper is neither before the paper nor after today.
fn dated(paper: &document::Model, on: NaiveDate, today: NaiveDate) -> Result<()> {
    if on >= paper.issued_on && on <= today {
        return Ok(());
    }
    Err(Error::invalid(
        "/signed_on",
        "signature.date",
        format!(
            "Le {} n’est pas entre l’émission du document, le {}, et aujourd’hui.",
            calendar::date(on),
            calendar::date(paper.issued_on)
        ),
        format!("{on} is not between the issue of the paper, {}, and today.", paper.issued_on),
    ))
}
