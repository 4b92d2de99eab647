//! Letters about what is sold: offers, agreements, approvals, certificates, funders' pieces.

use std::collections::HashSet;

use entity::{
    activity, agreement, approval, booking, client, document, enrolment, funder, funding_file, funding_piece, message,
    quote,
};
use sea_orm::ColumnTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        Text,
        concerned::{Meeting, Role, contact},
        letter::{Attached, Letter, Recipient},
        received::corrects,
    },
    HOUSE_RULES, TERMS_OF_SALE, about, letter, programme, texts, told, with,
};
use crate::{
    agreement::{Terms, who_follows},
    document::Kind,
    organisation,
    platform::{codes::stored, error::Result, scope::Scope},
};

pub(super) async fn proposal(scope: &Scope<'_>, id: Uuid, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let Some(quote) = scope.maybe::<quote::Entity>(paper.quote_id).await? else { return Ok(vec![]) };
    let client = scope.get::<client::Entity>(quote.client_id).await?;
    let programme = programme(scope, quote.programme_version_id).await?;
    let facts = json!({
        "title": paper.title, "reference": paper.reference, "programme": programme.is_some(),
        "valid_until": quote.valid_until,
    });
    let mut letter = letter(Text::Proposal, contact(scope, &client, None, Role::Signatory).await?, facts);
    letter.client = Some(client.id);
    letter.attached = vec![Attached::Document { id: paper.id }];
    letter.attached.extend(programme);
    letter.attached.extend(texts(scope, &[TERMS_OF_SALE, HOUSE_RULES], today).await?);
    Ok(vec![letter])
}

pub(super) async fn agreement_to_sign(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let agreement = scope.get::<agreement::Entity>(id).await?;
    let Some(paper) = scope.maybe::<document::Entity>(agreement.document_id).await? else { return Ok(vec![]) };
    let booking = scope.get::<booking::Entity>(agreement.booking_id).await?;
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let individual = client.kind == "individual";
    let (name, the) = if individual {
        ("Contrat", format!("le contrat de formation {}", paper.reference))
    } else {
        ("Convention", format!("la convention de formation {}", paper.reference))
    };
    let facts = with(
        told(&meeting)?,
        json!({ "paper": name, "the_paper": the, "reference": paper.reference, "individual": individual }),
    );
    let to = contact(scope, &client, Some(&booking), Role::Signatory).await?;
    let mut letter = about(letter(Text::AgreementToSign, to, facts), &meeting, Some(&booking));
    letter.attached = vec![Attached::Document { id: paper.id }];
    Ok(vec![letter])
}

/// The paper of an amendment, with its title in the middle of a sentence.
pub(super) async fn amendment_to_sign(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let Some(booking) = scope.maybe::<booking::Entity>(paper.booking_id).await? else { return Ok(vec![]) };
    if paper.state != "current" {
        return Ok(vec![]);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let what = paper.title.split(" – ").next().unwrap_or(&paper.title);
    let amendment = what.strip_prefix("Avenant").map_or_else(|| what.to_owned(), |rest| format!("l’avenant{rest}"));
    let facts = with(told(&meeting)?, json!({ "reference": paper.reference, "amendment": amendment }));
    let to = contact(scope, &client, Some(&booking), Role::Signatory).await?;
    let mut letter = about(letter(Text::AmendmentToSign, to, facts), &meeting, Some(&booking));
    letter.attached = vec![Attached::Document { id }];
    Ok(vec![letter])
}

/// What changed and needs no signature: how the training is held (a booking), or who follows it (an enrolment).
pub(super) async fn agreement_notice(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let joined = scope.find::<enrolment::Entity>().filter(enrolment::Column::Id.eq(id)).one().await?;
    let booking = scope.get::<booking::Entity>(joined.as_ref().map_or(id, |row| row.booking_id)).await?;
    let signed = scope
        .find::<agreement::Entity>()
        .filter(agreement::Column::BookingId.eq(booking.id))
        .filter(agreement::Column::State.eq("signed"))
        .one()
        .await?;
    let Some(signed) = signed else { return Ok(vec![]) };
    let (mut names, mut once) = (vec![], None);
    if joined.is_some() {
        let printed = stored::<Terms>(&signed.terms)?.trainees;
        let (now, last) = who_follows(scope, booking.id).await?;
        // Where no name is printed, they are told with the convocations.
        if printed.is_empty() || printed == now {
            return Ok(vec![]);
        }
        (names, once) = (now, last);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let to = contact(scope, &client, Some(&booking), Role::Training).await?;
    let facts = with(told(&meeting)?, json!({ "names": names }));
    let mut letter = about(letter(Text::AgreementNotice, to, facts), &meeting, Some(&booking));
    letter.once = once;
    Ok(vec![letter])
}

pub(super) async fn approval_requested(scope: &Scope<'_>, id: Uuid, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let booking = scope.get::<booking::Entity>(id).await?;
    let issuer = organisation::issuer(scope, booking.activity_id, today).await?;
    let Some(address) = issuer.email else { return Ok(vec![]) };
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let facts = with(
        told(&meeting)?,
        json!({ "reference": booking.reference, "client": client.name, "price": booking.price_cents }),
    );
    let to = Recipient { id: booking.activity_id, name: String::new(), address: Some(address) };
    Ok(vec![about(letter(Text::ApprovalRequested, to, facts), &meeting, Some(&booking))])
}

pub(super) async fn approval_returned(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let booking = scope.get::<booking::Entity>(id).await?;
    let activity = scope.get::<activity::Entity>(booking.activity_id).await?;
    if activity.email.is_none() {
        return Ok(vec![]);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let last = scope
        .find::<approval::Entity>()
        .filter(approval::Column::BookingId.eq(id))
        .descending(approval::Column::Id)
        .one()
        .await?;
    let facts = with(
        told(&meeting)?,
        json!({
            "reference": booking.reference, "client": client.name, "reason": last.and_then(|row| row.reason),
        }),
    );
    let to = Recipient { id: activity.id, name: String::new(), address: activity.email };
    Ok(vec![about(letter(Text::ApprovalReturned, to, facts), &meeting, Some(&booking))])
}

/// One mail for all the certificates of a booking that were not sent yet: the first of a batch takes them all.
pub(super) async fn certificates(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let Some(booking) = scope.maybe::<booking::Entity>(paper.booking_id).await? else { return Ok(vec![]) };
    let sent: HashSet<Uuid> = scope
        .find::<message::Entity>()
        .filter(message::Column::BookingId.eq(booking.id))
        .filter(message::Column::Text.eq(Text::Certificates.name()))
        .all()
        .await?
        .iter()
        .filter_map(|row| stored::<Vec<Attached>>(&row.documents).ok())
        .flatten()
        .filter_map(|one| if let Attached::Document { id } = one { Some(id) } else { None })
        .collect();
    let papers = scope
        .find::<document::Entity>()
        .filter(document::Column::BookingId.eq(booking.id))
        .filter(document::Column::Kind.eq(Kind::Certificate.name()))
        .filter(document::Column::State.eq("current"))
        .ascending(document::Column::Reference)
        .all()
        .await?;
    let mut waiting = vec![];
    let mut first = None;
    for paper in papers {
        if !sent.contains(&paper.id) && !corrects(scope, &paper).await? {
            first = first.or(Some(paper.id));
            waiting.push(Attached::Document { id: paper.id });
        }
    }
    if waiting.is_empty() {
        return Ok(vec![]);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let facts = with(told(&meeting)?, json!({ "count": waiting.len() }));
    let to = contact(scope, &client, Some(&booking), Role::Training).await?;
    let mut letter = about(letter(Text::Certificates, to, facts), &meeting, Some(&booking));
    letter.attached = waiting;
    // Two jobs of one batch that read at the same time write the same mail, and one of them keeps it.
    letter.once = first;
    Ok(vec![letter])
}

pub(super) async fn pieces(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let file = scope.get::<funding_file::Entity>(id).await?;
    let booking = scope.get::<booking::Entity>(file.booking_id).await?;
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let funder = scope.get::<funder::Entity>(file.funder_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let pieces = scope
        .find::<funding_piece::Entity>()
        .filter(funding_piece::Column::FundingFileId.eq(id))
        .ascending(funding_piece::Column::Id)
        .all()
        .await?;
    let papers = scope.map::<document::Entity>(pieces.iter().filter_map(|piece| piece.document_id)).await?;
    let (mut names, mut attached) = (vec![], vec![]);
    for piece in pieces {
        if let Some(paper) = piece.document_id.and_then(|id| papers.get(&id)) {
            // What was sent before and is outdated since is not sent again.
            if paper.state != "current" {
                continue;
            }
            names.push(format!("{} ({})", paper.title, paper.reference));
            attached.push(Attached::Document { id: paper.id });
        } else if let Some(id) = piece.stored_file_id {
            names.push(piece.note.unwrap_or_else(|| "Pièce jointe".to_owned()));
            attached.push(Attached::File { id });
        }
    }
    if attached.is_empty() {
        return Ok(vec![]);
    }
    let facts = with(told(&meeting)?, json!({ "names": names, "number": file.number, "funder": funder.name }));
    let to = contact(scope, &client, Some(&booking), Role::Accounting).await?;
    let mut letter = about(letter(Text::Pieces, to, facts), &meeting, Some(&booking));
    letter.attached = attached;
    Ok(vec![letter])
}
