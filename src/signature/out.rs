//! Requests, codes and evidence, as callers write and read them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{document, one_time_code, signature, signature_request};
use poem_openapi::Object;
use uuid::Uuid;
use validator::Validate;

use super::{
    evidence::{Network, checks, digest_of},
    rules::{Channel, Means, Party, State},
};
use crate::platform::{
    answer::Versioned,
    check,
    codes::stored,
    error::{Error, Result},
};

/// Whom to ask; nobody named asks those whom the kind of paper needs.
#[derive(Debug, Clone, Default, Object, Validate)]
pub struct AskSignatures {
    /// Whom to ask; by default, those whom the kind of paper needs: for a convention, the client's signatory and a
    /// delegate of the cooperative.
    #[oai(default, validator(max_items = 10))]
    #[validate(nested)]
    pub signatories: Vec<AskedSignatory>,
    /// Days until the requests expire; 30 by default.
    #[oai(validator(minimum(value = "1"), maximum(value = "180")))]
    pub expires_in_days: Option<i32>,
}

/// Somebody to ask; what is not said is taken from the paper's client or from the cooperative's signatories.
#[derive(Debug, Clone, Object, Validate)]
pub struct AskedSignatory {
    /// For whom they sign.
    pub party: Party,
    /// First and last name; by default the client's signatory.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Option<String>,
    /// In which quality (qualité).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub quality: Option<String>,
    /// Where the link and the code go.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// For the cooperative: its signatory; by default one whose delegation covers this paper and amount.
    pub signatory_id: Option<Uuid>,
    /// Place in the order: those of a place are asked when all those before have signed; 1 by default.
    #[oai(validator(minimum(value = "1"), maximum(value = "10")))]
    pub position: Option<i32>,
}

impl AskedSignatory {
    /// Whoever signs for this party.
    pub(super) fn of(party: Party) -> Self {
        Self { party, name: None, quality: None, email: None, signatory_id: None, position: None }
    }
}

/// Why somebody is not asked any more.
#[derive(Debug, Clone, Object, Validate)]
pub struct CancelSignature {
    /// The reason, kept with the request.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// A signature on the printed paper.
#[derive(Debug, Clone, Object, Validate)]
pub struct SignedOnPaper {
    /// The scan of the signed paper.
    pub scan_file_id: Uuid,
    /// The day that is written beside the signature.
    pub signed_on: NaiveDate,
}

/// Somebody is asked to sign a paper.
#[derive(Debug, Clone, Object)]
#[oai(rename = "SignatureRequest")]
pub struct RequestOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) it belongs to.
    pub activity_id: Uuid,
    /// The paper to sign.
    pub document_id: Uuid,
    /// For whom they sign.
    pub party: Party,
    /// Place in the order.
    pub position: i32,
    /// First and last name.
    pub name: String,
    /// In which quality (qualité).
    pub quality: Option<String>,
    /// Where the link and the code go.
    pub email: Option<String>,
    /// The cooperative's signatory.
    pub signatory_id: Option<Uuid>,
    /// SHA-256 of the file that is put before them, and that they sign.
    pub presented_sha256: String,
    /// Where the request stands.
    pub state: State,
    /// When they were first written to: their turn had come.
    pub invited_at: Option<DateTime<Utc>>,
    /// When they first asked for a code.
    pub opened_at: Option<DateTime<Utc>>,
    /// When they are reminded next.
    pub reminder_at: Option<DateTime<Utc>>,
    /// When the request expires.
    pub expires_at: DateTime<Utc>,
    /// When it was signed, refused, cancelled or expired.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was refused or cancelled.
    pub reason: Option<String>,
}

impl Versioned for RequestOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<signature_request::Model> for RequestOut {
    type Error = Error;

    fn try_from(row: signature_request::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            document_id: row.document_id,
            party: Party::of(&row.party)?,
            position: row.position,
            name: row.name,
            quality: row.quality,
            email: row.email,
            signatory_id: row.signatory_id,
            presented_sha256: row.presented_sha256,
            state: State::of(&row.state)?,
            invited_at: row.invited_at,
            opened_at: row.opened_at,
            reminder_at: row.reminder_at,
            expires_at: row.expires_at,
            closed_at: row.closed_at,
            reason: row.reason,
        })
    }
}

/// The requests of one paper.
#[derive(Debug, Clone, Object)]
pub struct SignatureRequests {
    /// All of them, oldest first.
    pub items: Vec<RequestOut>,
}

/// What proves a signature.
#[derive(Debug, Clone, Object)]
pub struct SignatureEvidence {
    /// Identifier.
    pub id: Uuid,
    /// The request that it answers.
    pub request_id: Uuid,
    /// The paper that is signed.
    pub document_id: Uuid,
    /// For whom.
    pub party: Party,
    /// Who signed.
    pub name: String,
    /// In which quality (qualité).
    pub quality: Option<String>,
    /// The cooperative's signatory.
    pub signatory_id: Option<Uuid>,
    /// How.
    pub means: Means,
    /// By which way.
    pub channel: Channel,
    /// Who acted, as the audit names them: the holder of the link, a key, or whoever wrote down a paper.
    pub recorded_by: String,
    /// The words that they agreed to.
    pub consent: String,
    /// SHA-256 of the very file that they signed.
    pub presented_sha256: String,
    /// SHA-256 of the drawing.
    pub picture_sha256: Option<String>,
    /// The name that they typed.
    pub typed_name: Option<String>,
    /// The scan of a signature on paper.
    pub scan_file_id: Option<Uuid>,
    /// The day of the signature, in Paris; on paper, the day that is written.
    pub signed_on: NaiveDate,
    /// The instant at which the server took it.
    pub signed_at: DateTime<Utc>,
    /// The same on a clock in Paris.
    pub local_time: String,
    /// The address that the one-time code went to.
    pub code_sent_to: Option<String>,
    /// When the code left.
    pub code_sent_at: Option<DateTime<Utc>>,
    /// When the right code was typed.
    pub code_verified_at: Option<DateTime<Utc>>,
    /// The address of the device; absent once erased.
    pub ip: Option<String>,
    /// What the device calls itself; absent once erased.
    pub user_agent: Option<String>,
    /// When address and device were erased.
    pub network_erased_at: Option<DateTime<Utc>>,
    /// The level in the words of eIDAS: always simple.
    pub level: String,
    /// SHA-256 of all of the above; the audit's chain holds it too.
    pub digest: String,
    /// Whether the evidence still has its digest; `clairiere verify` compares it with the chain.
    pub intact: bool,
}

impl SignatureEvidence {
    /// From its row.
    pub(super) fn of(row: signature::Model) -> Result<Self> {
        let network: Network = row.network.as_deref().map(stored).transpose()?.unwrap_or_default();
        Ok(Self {
            intact: digest_of(&row) == row.digest && checks(&row, Some(&row.digest)).is_none(),
            id: row.id,
            request_id: row.request_id,
            document_id: row.document_id,
            party: Party::of(&row.party)?,
            name: row.name,
            quality: row.quality,
            signatory_id: row.signatory_id,
            means: Means::of(&row.means)?,
            channel: Channel::of(&row.channel)?,
            recorded_by: row.recorded_by,
            consent: row.consent,
            presented_sha256: row.presented_sha256,
            picture_sha256: row.picture_sha256,
            typed_name: row.typed_name,
            scan_file_id: row.scan_file_id,
            signed_on: row.signed_on,
            signed_at: row.signed_at,
            local_time: row.local_time,
            code_sent_to: row.code_sent_to,
            code_sent_at: row.code_sent_at,
            code_verified_at: row.code_verified_at,
            ip: network.ip,
            user_agent: network.user_agent,
            network_erased_at: row.network_erased_at,
            level: row.level,
            digest: row.digest,
        })
    }
}

/// Papers that a signatory of the cooperative will sign with one code.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSignatureBatch {
    /// The requests to sign, all of them addressed to the same signatory of the cooperative.
    #[oai(validator(min_items = 1, max_items = 100, unique_items))]
    pub request_ids: Vec<Uuid>,
}

/// The code that came by mail, and the signature.
#[derive(Debug, Clone, Object, Validate)]
pub struct SignBatch {
    /// The six digits of the mail.
    #[oai(validator(min_length = 6, max_length = 20))]
    pub code: String,
    /// The name, typed as a signature.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub typed_name: Option<String>,
    /// The drawn signature instead: a PNG of 60 kB at most, in base64.
    #[oai(validator(min_length = 1, max_length = 90000))]
    pub picture: Option<String>,
    /// That the signatory has read each listed file and signs it; nothing is signed otherwise.
    pub consent: bool,
}

/// One paper of a batch.
#[derive(Debug, Clone, Object)]
pub struct BatchPaper {
    /// The request.
    pub request_id: Uuid,
    /// The paper.
    pub document_id: Uuid,
    /// Its number.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// SHA-256 of the very file that is signed.
    pub presented_sha256: String,
    /// Where its request stands.
    pub state: State,
}

/// Papers to sign with one code.
#[derive(Debug, Clone, Object)]
pub struct SignatureBatch {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The cooperative's signatory.
    pub signatory_id: Option<Uuid>,
    /// Their name.
    pub name: String,
    /// The address that the code goes to.
    pub sent_to: String,
    /// Each paper, with the hash of its file.
    pub papers: Vec<BatchPaper>,
    /// When the code was asked for.
    pub asked_at: DateTime<Utc>,
    /// When its mail left; the code is good for ten minutes from then.
    pub sent_at: Option<DateTime<Utc>>,
    /// When the code stops being good.
    pub expires_at: Option<DateTime<Utc>>,
    /// When everything was signed.
    pub signed_at: Option<DateTime<Utc>>,
}

impl Versioned for SignatureBatch {
    fn version(&self) -> i64 {
        self.version
    }
}

impl SignatureBatch {
    /// From the row of the code and its papers.
    pub(super) fn of(
        row: one_time_code::Model,
        papers: Vec<(signature_request::Model, document::Model)>,
    ) -> Result<Self> {
        let papers = papers.into_iter().map(|(request, paper)| {
            Ok(BatchPaper {
                request_id: request.id,
                document_id: paper.id,
                reference: paper.reference,
                title: paper.title,
                presented_sha256: request.presented_sha256,
                state: State::of(&request.state)?,
            })
        });
        Ok(Self {
            papers: papers.collect::<Result<_>>()?,
            id: row.id,
            version: row.version,
            signatory_id: row.signatory_id,
            name: row.name,
            sent_to: row.sent_to,
            asked_at: row.asked_at,
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            signed_at: row.used_at,
        })
    }
}
