//! Letters about signatures of papers: the invitation, the reminder, the code, the signed paper, a refusal.

use entity::{activity, document, one_time_code, signature, signature_request};
use sea_orm::ColumnTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        Text,
        letter::{Attached, Letter, Recipient},
    },
    letter,
};
use crate::{
    link::{self, Purpose},
    platform::{calendar, codes::stored, error::Result, scope::Scope},
    signature::{CODE_LIFE, described, title_of, wanted_code},
};

fn about(mut letter: Letter, paper: &document::Model) -> Letter {
    letter.client = paper.client_id;
    letter.session = paper.session_id;
    letter.booking = paper.booking_id;
    letter.enrolment = paper.enrolment_id;
    letter
}

/// The invitation to sign, or the reminder, as long as the signature is still waited for.
pub(super) async fn to_signatory(scope: &Scope<'_>, id: Uuid, text: Text) -> Result<Vec<Letter>> {
    let request = scope.get::<signature_request::Entity>(id).await?;
    if request.state != "requested" || request.email.is_none() {
        return Ok(vec![]);
    }
    let paper = scope.get::<document::Entity>(request.document_id).await?;
    let facts = json!({
        "paper": title_of(&paper)?, "the_paper": described(&paper)?, "title": paper.title,
        "address": link::wanted("", Purpose::SignPaper, request.id, request.expires_at),
        "expires": calendar::moment(request.expires_at),
    });
    let to = Recipient { id: request.id, name: request.name, address: request.email };
    let mut letter = about(letter(text, to, facts), &paper);
    letter.ends = Some(request.expires_at);
    Ok(vec![letter])
}

/// The code: a placeholder until the mail leaves.
pub(super) async fn code(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    #[derive(serde::Deserialize)]
    struct Bound {
        document: Uuid,
    }
    let code = scope.get::<one_time_code::Entity>(id).await?;
    if code.used_at.is_some() {
        return Ok(vec![]);
    }
    let mut papers = vec![];
    for paper in stored::<Vec<Bound>>(&code.papers)? {
        papers.push(title_of(&scope.get::<document::Entity>(paper.document).await?)?);
    }
    papers.sort();
    let facts = json!({ "code": wanted_code(code.id), "papers": papers });
    let to = Recipient { id: code.id, name: code.name, address: Some(code.sent_to) };
    let mut letter = letter(Text::SignatureCode, to, facts);
    letter.ends = Some(code.asked_at + CODE_LIFE);
    Ok(vec![letter])
}

/// The signed paper, to each who signed it and has an address.
pub(super) async fn done(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let rows = scope
        .find::<signature::Entity>()
        .filter(signature::Column::DocumentId.eq(id))
        .ascending(signature::Column::Id)
        .all()
        .await?;
    let requests = scope.map::<signature_request::Entity>(rows.iter().map(|row| row.request_id)).await?;
    let signatories: Vec<String> = rows
        .iter()
        .map(|row| match &row.quality {
            Some(quality) => format!("{}, {quality}", row.name),
            None => row.name.clone(),
        })
        .collect();
    let facts = json!({
        "paper": title_of(&paper)?, "the_paper": described(&paper)?, "title": paper.title, "signatories": signatories,
    });
    let mut letters = vec![];
    for row in rows {
        let Some(request) = requests.get(&row.request_id) else { continue };
        let to = Recipient { id: request.id, name: request.name.clone(), address: request.email.clone() };
        let mut letter = about(letter(Text::SignatureDone, to, facts.clone()), &paper);
        letter.attached = vec![Attached::Document { id }];
        letters.push(letter);
    }
    Ok(letters)
}

/// A refusal, to the activity that asked.
pub(super) async fn refused(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let request = scope.get::<signature_request::Entity>(id).await?;
    let activity = scope.get::<activity::Entity>(request.activity_id).await?;
    if activity.email.is_none() {
        return Ok(vec![]);
    }
    let paper = scope.get::<document::Entity>(request.document_id).await?;
    let facts = json!({
        "paper": title_of(&paper)?, "the_paper": described(&paper)?, "title": paper.title,
        "signatory": request.name, "reason": request.reason,
    });
    let to = Recipient { id: activity.id, name: String::new(), address: activity.email };
    Ok(vec![about(letter(Text::SignatureRefused, to, facts), &paper)])
}
