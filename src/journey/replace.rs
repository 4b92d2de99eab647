//! Replace a paper that was handed out: a new issue from today's facts, which names the old one and says why.

use chrono::NaiveDate;
use entity::{document, enrolment, message, session};
use poem_openapi::Object;
use serde_json::Value;
use uuid::Uuid;
use validator::Validate;

use super::convoke::reconvoke;
use crate::{
    attendance::{NewSheet, Sheet, issue_certificate},
    document::{DocumentOut, Issued, Kind, correct, issue_anew, require_replaceable},
    evaluation::issue_attestation,
    message::received,
    platform::{
        access::Ctx,
        audit::{Moment, moment},
        codes::stored,
        error::{Error, Result},
        permission::{CertificatesIssue, Permission},
        scope::Scope,
        tx::Tx,
    },
};

/// Why a paper is replaced.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewReplacement {
    /// What was wrong, as those who received the old paper will read it.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
    /// For a certificate: the cooperative's signatory; whoever may sign certificates when absent.
    pub signatory_id: Option<Uuid>,
}

/// Somebody who received a paper.
#[derive(Debug, Clone, Object)]
pub struct PaperRecipient {
    /// Their name; empty when nobody in particular was written to.
    pub name: String,
    /// The address that it went to.
    pub address: String,
    /// The mail that carried it.
    pub message_id: Uuid,
    /// When it left.
    pub sent_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl From<message::Model> for PaperRecipient {
    fn from(row: message::Model) -> Self {
        Self { name: row.to_name, address: row.to_address, message_id: row.id, sent_at: row.sent_at }
    }
}

/// A paper, the one that it replaces, and who had received that one.
#[derive(Debug, Clone, Object)]
pub struct Replacement {
    /// The new paper.
    pub document: DocumentOut,
    /// The old one.
    pub replaced: DocumentOut,
    /// Who received the old one: the corrected paper goes to each of them by mail.
    pub recipients: Vec<PaperRecipient>,
}

/// Replace a paper.
pub async fn replace(ctx: &mut Ctx, id: Uuid, input: NewReplacement) -> Result<Replacement> {
    let NewReplacement { reason, signatory_id } = input;
    let may_certify = ctx.may::<CertificatesIssue>();
    // A sheet may hold thousands of presences: they are read while others write.
    let ahead = sheet_ahead(&ctx.scope(), id, ctx.today()).await?;
    let mut tx = ctx.begin().await?;
    let old = tx.lock::<document::Entity>(id).await?;
    require_replaceable(&old)?;
    if Kind::of(&old.kind)? == Kind::Certificate && !may_certify {
        return Err(Error::Forbidden(CertificatesIssue::ID));
    }
    let new = match issue_again(&mut tx, &old, signatory_id, ahead).await? {
        Issued::New(row) => row,
        // What was wrong is not written on it: it is issued again all the same, the reason says why.
        Issued::Standing(row) => issue_anew(&mut tx, row).await?,
    };
    let new = correct(&mut tx, new, &old, reason).await?;
    let out = shown(&tx.scope(), new).await?;
    tx.answers_at(format!("/v1/documents/{}/replacement", out.document.id), 200);
    tx.commit().await?;
    Ok(out)
}

/// What a paper replaces.
pub async fn replacement(scope: &Scope<'_>, id: Uuid) -> Result<Replacement> {
    shown(scope, scope.get::<document::Entity>(id).await?).await
}

async fn shown(scope: &Scope<'_>, paper: document::Model) -> Result<Replacement> {
    let old = paper.replaces_id.ok_or(Error::Missing("replaced document"))?;
    let old = scope.get::<document::Entity>(old).await?;
    let recipients = received(scope, old.id).await?.into_iter().map(PaperRecipient::from).collect();
    Ok(Replacement { document: paper.try_into()?, replaced: old.try_into()?, recipients })
}

/// A sheet as it would be issued, and what it was gathered from.
struct Ahead {
    day: NaiveDate,
    seen: Moment,
    sheet: Result<Sheet>,
}

async fn sheet_ahead(scope: &Scope<'_>, id: Uuid, day: NaiveDate) -> Result<Option<Ahead>> {
    let old = scope.get::<document::Entity>(id).await?;
    let Some(session) = old.session_id.filter(|_| old.kind == Kind::AttendanceSheet.name()) else { return Ok(None) };
    let seen = moment(scope, old.activity_id).await?;
    // Whoever repeats a request is told where its answer is, whatever became of the facts since.
    Ok(Some(Ahead { day, seen, sheet: Sheet::gather(scope, session, &like(&old)?, day).await }))
}

/// What a sheet was asked to show.
fn like(sheet: &document::Model) -> Result<NewSheet> {
    let content: Value = stored(&sheet.content)?;
    Ok(NewSheet { booking_id: sheet.booking_id, blank: content["blank"].as_bool() })
}

async fn issue_again(
    tx: &mut Tx<'_>,
    old: &document::Model,
    signatory: Option<Uuid>,
    ahead: Option<Ahead>,
) -> Result<Issued> {
    if signatory.is_some() && Kind::of(&old.kind)? != Kind::Certificate {
        return Err(Error::invalid(
            "/signatory_id",
            "document.no_signatory",
            "Seul un certificat de réalisation porte une signature qui se choisit ici.",
            "Only a certificate bears a signatory that is chosen here.",
        ));
    }
    let trainee = old.enrolment_id.ok_or(Error::Missing("enrolment"));
    match Kind::of(&old.kind)? {
        Kind::Certificate => {
            let enrolment = tx.lock::<enrolment::Entity>(trainee?).await?;
            issue_certificate(tx, &enrolment, signatory).await
        }
        Kind::Attestation => {
            let enrolment = tx.lock::<enrolment::Entity>(trainee?).await?;
            issue_attestation(tx, &enrolment, None).await
        }
        Kind::AttendanceSheet => {
            let session = tx.lock::<session::Entity>(old.session_id.ok_or(Error::Missing("session"))?).await?;
            let now = moment(&tx.scope(), old.activity_id).await?;
            let sheet = match ahead {
                Some(Ahead { day, seen, sheet }) if day == tx.today() && seen == now => sheet?,
                _ => Sheet::gather(&tx.scope(), session.id, &like(old)?, tx.today()).await?,
            };
            sheet.issue(tx).await
        }
        Kind::Convocation => reconvoke(tx, trainee?).await,
        Kind::Quote => Err(elsewhere("faites une nouvelle version du devis", "make a new version of the quote")),
        Kind::Programme => {
            Err(elsewhere("publiez une nouvelle version du programme", "publish a new version of the programme"))
        }
        Kind::Amendment => {
            Err(elsewhere("retirez l’avenant et refaites-le", "withdraw the amendment and draft it again"))
        }
        Kind::WelcomeBooklet
        | Kind::InternalRules
        | Kind::DistanceRecord
        | Kind::Assiduity
        | Kind::SignatureEvidence => Err(elsewhere(
            "émettez-le à nouveau là où il a été émis, la nouvelle édition remplace celle-ci",
            "issue it again where it was issued, the new edition replaces this one",
        )),
        Kind::Agreement => Err(elsewhere(
            "avant signature, annulez la convention et refaites-la ; après, faites un avenant",
            "before it is signed, void the agreement and draft it again; afterwards, amend it",
        )),
    }
}

fn elsewhere(fr: &str, en: &str) -> Error {
    Error::refused(
        "document.replaced_elsewhere",
        format!("Ce document ne se remplace pas ainsi : {fr}."),
        format!("This paper is not replaced like this: {en}."),
    )
}
