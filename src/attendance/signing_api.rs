//! Operations on a half-day as it happens: who is missing, signatures, arrivals, late marks, people added on the spot.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream::BoxStream};
use poem_openapi::{Object, OpenApi, param::Path, payload::EventStream};
use uuid::Uuid;
use validator::Validate;

use super::{
    chain::{self, SlotChain},
    late::{self, DecideLateMark, Decision, LateMarkOut},
    live::{Live, live},
    picture::keep_picture,
    signing::{self, Outcome, Signing, Who},
    times::{self, NewTimes},
    walk_in::{self, AttachWalkIn, DismissWalkIn, NewWalkIn, WalkInOut},
    watch::watch,
    words::{LateKind, Means},
};
use crate::{
    api::Tag,
    platform::{
        access::{Allow, Ctx},
        answer::View,
        contract::Valid,
        error::{Error, Result},
        permission::{AttendanceRead, AttendanceRecord},
    },
};

/// A signature that a program or the trainer's device brings.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSignature {
    /// The trainee who signs, if a trainee does.
    pub enrolment_id: Option<Uuid>,
    /// The trainer who signs, if a trainer does.
    pub trainer_id: Option<Uuid>,
    /// Whoever was added on the spot, if they sign.
    pub walk_in_id: Option<Uuid>,
    /// How they were known: `trainer_device`, `paper` or `key`.
    pub means: Means,
    /// The drawn signature: a PNG picture in base64, 256 KiB at most.
    #[oai(validator(max_length = 360000))]
    pub picture: Option<String>,
    /// The name that was typed instead.
    #[oai(validator(max_length = 200))]
    pub typed_name: Option<String>,
    /// The words that were agreed to.
    #[oai(validator(min_length = 3, max_length = 1000))]
    pub consent: String,
    /// Made by the device: the same act sent twice is kept once.
    pub client_uuid: Uuid,
    /// The instant of the device.
    pub device_at: Option<DateTime<Utc>>,
    /// A random name that the device keeps.
    #[oai(validator(max_length = 100))]
    pub device: Option<String>,
    /// Whether it was signed without network and is sent later.
    pub offline: bool,
    /// The number of the paper sheet, for a signature on paper: `EMG-2026-0003`.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub paper_reference: Option<String>,
}

/// What became of a signature.
#[derive(Debug, Clone, Object)]
pub struct SignatureOut {
    /// What was kept of it.
    pub evidence_id: Uuid,
    /// Its digest.
    pub digest: String,
    /// When the server received it.
    pub signed_at: DateTime<Utc>,
    /// Why it waits for a decision; absent when it is a mark.
    pub waits: Option<LateKind>,
    /// Whether it had been received before.
    pub repeated: bool,
}

/// The half-day as it happens.
pub struct SigningApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl SigningApi {
    /// Read a half-day as it happens: who is expected, who signed, who is missing, what waits, what is unusual.
    #[oai(path = "/slots/:id/live", method = "get", operation_id = "get_slot_live")]
    async fn get_slot_live(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<Live>> {
        Ok(View(live(&auth.ctx.scope(), id.0).await?))
    }

    /// Watch a half-day: the same state as server-sent events, each time that it changes, until it is closed.
    #[oai(path = "/slots/:id/live/events", method = "get", operation_id = "watch_slot")]
    async fn watch_slot(
        &self,
        auth: Allow<AttendanceRead>,
        id: Path<Uuid>,
    ) -> Result<EventStream<BoxStream<'static, Live>>> {
        let seen = watch(auth.ctx, id.0).await?.boxed();
        Ok(EventStream::new(seen).keep_alive(Duration::from_secs(15)))
    }

    /// Open a half-day so that it can be signed; one that is open stays as it is.
    #[oai(path = "/slots/:id/open", method = "post", operation_id = "open_slot")]
    async fn open_slot(&self, mut auth: Allow<AttendanceRecord>, id: Path<Uuid>) -> Result<View<Live>> {
        let mut tx = auth.ctx.begin().await?;
        signing::open(&mut tx, id.0).await?;
        tx.answers_at(format!("/v1/slots/{}/live", id.0), 200);
        let now = live(&tx.scope(), id.0).await?;
        tx.commit().await?;
        Ok(View(now))
    }

    /// Sign a half-day from the trainer's device, a paper sheet or another program.
    ///
    /// The same `client_uuid` again gets the same answer. A second signature is refused (`attendance.already_signed`);
    /// one that comes after closing, or against what was recorded, waits as a late mark.
    #[oai(path = "/slots/:id/signatures", method = "post", operation_id = "sign_slot")]
    async fn sign_slot(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewSignature>,
    ) -> Result<View<SignatureOut>> {
        Ok(View(sign(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Note when a trainee arrived or left: the minutes of their presence follow.
    #[oai(path = "/slots/:id/times", method = "post", operation_id = "note_times")]
    async fn note_times(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewTimes>,
    ) -> Result<View<Live>> {
        let mut tx = auth.ctx.begin().await?;
        times::note_times(&mut tx, id.0, body.0).await?;
        tx.answers_at(format!("/v1/slots/{}/live", id.0), 200);
        let now = live(&tx.scope(), id.0).await?;
        tx.commit().await?;
        Ok(View(now))
    }

    /// List the signatures of a half-day that came late or against what was recorded.
    #[oai(path = "/slots/:id/late-marks", method = "get", operation_id = "list_late_marks")]
    async fn list_late_marks(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<Vec<LateMarkOut>>> {
        Ok(View(late::late_marks(&auth.ctx.scope(), id.0).await?))
    }

    /// Accept a late mark with a reason: the presence counts; a closed half-day is amended visibly, its papers outdated.
    #[oai(path = "/late-marks/:id/accept", method = "post", operation_id = "accept_late_mark")]
    async fn accept_late_mark(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<DecideLateMark>,
    ) -> Result<View<LateMarkOut>> {
        Ok(View(late::decide(&mut auth.ctx, id.0, Decision::Accept, body.0).await?))
    }

    /// Refuse a late mark with a reason: it is kept, and does not count.
    #[oai(path = "/late-marks/:id/refuse", method = "post", operation_id = "refuse_late_mark")]
    async fn refuse_late_mark(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<DecideLateMark>,
    ) -> Result<View<LateMarkOut>> {
        Ok(View(late::decide(&mut auth.ctx, id.0, Decision::Refuse, body.0).await?))
    }

    /// List those who were added on the spot to a half-day.
    #[oai(path = "/slots/:id/walk-ins", method = "get", operation_id = "list_walk_ins")]
    async fn list_walk_ins(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<Vec<WalkInOut>>> {
        Ok(View(walk_in::walk_ins(&auth.ctx.scope(), id.0).await?))
    }

    /// Add somebody on the spot: they may sign, and count nowhere until they are attached to a booking.
    #[oai(path = "/slots/:id/walk-ins", method = "post", operation_id = "add_walk_in")]
    async fn add_walk_in(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewWalkIn>,
    ) -> Result<View<WalkInOut>> {
        Ok(View(walk_in::add(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Attach somebody who was added on the spot to their enrolment: what they signed becomes their mark.
    #[oai(path = "/walk-ins/:id/attach", method = "post", operation_id = "attach_walk_in")]
    async fn attach_walk_in(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<AttachWalkIn>,
    ) -> Result<View<WalkInOut>> {
        Ok(View(walk_in::attach(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Dismiss somebody who was added on the spot, with a reason.
    #[oai(path = "/walk-ins/:id/dismiss", method = "post", operation_id = "dismiss_walk_in")]
    async fn dismiss_walk_in(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<DismissWalkIn>,
    ) -> Result<View<WalkInOut>> {
        Ok(View(walk_in::dismiss(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Check the evidence of a half-day: its entries of the audit recomputed, its rows compared with them, its signatures
    /// with their digests; what was altered, removed or inserted is named.
    #[oai(path = "/slots/:id/chain", method = "get", operation_id = "check_slot_chain")]
    async fn check_slot_chain(&self, mut auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<SlotChain>> {
        Ok(View(chain::check(&mut auth.ctx, id.0).await?))
    }
}

async fn sign(ctx: &mut Ctx, slot: Uuid, input: NewSignature) -> Result<SignatureOut> {
    let NewSignature {
        enrolment_id,
        trainer_id,
        walk_in_id,
        means,
        picture,
        typed_name,
        consent,
        client_uuid,
        device_at,
        device,
        offline,
        paper_reference,
    } = input;
    let activity = ctx.scope().get::<entity::session_slot::Entity>(slot).await?.activity_id;
    let who = match (enrolment_id, trainer_id, walk_in_id) {
        (Some(id), None, None) => Who::Trainee(id),
        (None, Some(id), None) => Who::Trainer(id),
        (None, None, Some(id)) => Who::WalkIn(id),
        _ => {
            return Err(Error::invalid(
                "/enrolment_id",
                "attendance.who",
                "Une signature est d’une seule personne : stagiaire, formateur ou personne ajoutée sur place.",
                "A signature is of one person: a trainee, a trainer or somebody added on the spot.",
            ));
        }
    };
    match who {
        Who::Trainee(id) => ctx.scope().get::<entity::enrolment::Entity>(id).await.map(|_| ())?,
        Who::Trainer(id) => ctx.scope().get::<entity::trainer::Entity>(id).await.map(|_| ())?,
        Who::WalkIn(id) => ctx.scope().get::<entity::walk_in::Entity>(id).await.map(|_| ())?,
    }
    // A personal link or a rotating code is something that a page knows, not a program that holds a key.
    if matches!(means, Means::PersonalLink | Means::RotatingCodeDeclared) {
        return Err(Error::invalid(
            "/means",
            "attendance.means",
            "Par une clé, une signature vient de l’appareil du formateur, d’une feuille papier ou d’une application.",
            "With a key, a signature comes from the trainer’s device, a paper sheet or a program.",
        ));
    }
    let picture = match picture {
        None => None,
        Some(text) => {
            let png = STANDARD.decode(text.trim()).map_err(|_| {
                Error::invalid(
                    "/picture",
                    "attendance.picture_unreadable",
                    "Cette signature n’est pas une image PNG lisible : dessinez-la de nouveau.",
                    "This signature is not a readable PNG picture: draw it again.",
                )
            })?;
            Some(keep_picture(ctx.app(), activity, png).await?)
        }
    };
    let client = ctx.client().clone();
    let mut tx = ctx.begin().await?;
    let signing = Signing {
        slot,
        who,
        means,
        picture,
        typed_name,
        consent,
        client_uuid,
        device_at,
        ip: client.address.map(|address| address.to_string()),
        user_agent: client.agent,
        device,
        offline,
        paper_reference,
    };
    let signed = signing::sign(&mut tx, signing).await?;
    tx.answers_at(format!("/v1/slots/{slot}/live"), 200);
    tx.commit().await?;
    Ok(SignatureOut {
        evidence_id: signed.evidence,
        digest: signed.digest,
        signed_at: signed.at,
        waits: match signed.outcome {
            Outcome::Waits(kind) => Some(kind),
            Outcome::Marked | Outcome::WalkedIn => None,
        },
        repeated: signed.repeated,
    })
}
