//! Previews: a kind of paper as it would look, from sample data, without being issued or kept.

use poem_openapi::{Object, OpenApi};
use tokio::sync::Semaphore;
use uuid::Uuid;
use validator::Validate;

use super::{Stamp, preview_bytes, samples};
use crate::{
    api::Tag,
    document::{
        Kind, pictures_of,
        wording::{Drafts, freeze},
    },
    organisation::{Issuer, NewLetterhead, depicted, issuer, logo},
    platform::{
        access::{Allow, Ctx},
        answer::{File, Pdf},
        audit::sha256,
        codes::store,
        contract::Valid,
        error::{Error, Result},
        permission::PapersDesign,
    },
};

/// Few at once: pages are heavy, and those that are issued come first.
static PREVIEWS: Semaphore = Semaphore::const_new(2);

/// The number that a preview bears.
const REFERENCE: &str = "APERÇU";

/// What to look at.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewPaperPreview {
    /// The kind of paper.
    pub kind: Kind,
    /// The activity whose paper it would be; the key's only one when absent.
    pub activity_id: Option<Uuid>,
    /// A letterhead to try on: each of its members takes the place of the activity's.
    #[validate(nested)]
    pub letterhead: Option<NewLetterhead>,
    /// An introduction to try, instead of the one in force.
    #[oai(validator(min_length = 1, max_length = 8000))]
    pub introduction: Option<String>,
    /// Clauses to try, instead of those in force.
    #[oai(validator(min_length = 1, max_length = 8000))]
    pub clauses: Option<String>,
    /// Closing words to try, instead of those in force.
    #[oai(validator(min_length = 1, max_length = 8000))]
    pub closing: Option<String>,
}

/// Previews.
pub struct PreviewsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Documents")]
impl PreviewsApi {
    /// See a kind of paper with its letterhead and texts, in force or tried on, from sample data: nothing is issued or kept.
    #[oai(path = "/paper-previews", method = "post", operation_id = "preview_paper")]
    async fn preview_paper(&self, auth: Allow<PapersDesign>, body: Valid<NewPaperPreview>) -> Result<Pdf> {
        preview(&auth.ctx, body.0).await.map(Pdf)
    }
}

async fn preview(ctx: &Ctx, asked: NewPaperPreview) -> Result<File> {
    let NewPaperPreview { kind, activity_id, letterhead, introduction, clauses, closing } = asked;
    let activity = ctx.activity(activity_id)?;
    let (scope, today) = (ctx.scope(), ctx.today());
    let mut from = issuer(&scope, activity, today).await?;
    if let Some(letterhead) = letterhead {
        try_on(ctx, activity, letterhead, &mut from).await?;
    }
    let mut content = samples::sample(kind, &from)?;
    let drafts = Drafts { introduction, clauses, closing };
    freeze(&scope, activity, kind, (REFERENCE, today), &drafts, &mut content).await?;
    let content = store(&content)?;
    let stamp = Stamp {
        reference: REFERENCE.into(),
        title: REFERENCE.into(),
        issued_on: today,
        issued_at: ctx.now(),
        specimen: false,
        verification: None,
        pictures: pictures_of(ctx.app(), activity, &content).await?,
    };
    let _room = PREVIEWS.acquire().await.map_err(Error::internal)?;
    let bytes = ctx.app().heavy(move || preview_bytes(kind, &content, &stamp)).await??;
    let name = format!("Aperçu {}.pdf", kind.name());
    Ok(File { media_type: "application/pdf".into(), name, sha256: sha256(&bytes), bytes })
}

/// Dress the issuer with a letterhead that is not saved.
async fn try_on(ctx: &Ctx, activity: Uuid, with: NewLetterhead, from: &mut Issuer) -> Result<()> {
    let NewLetterhead { accent, logo_id, header_line, footer_line } = with;
    let inside = |error: Error| match error {
        Error::Invalid(faults) => Error::Invalid(faults.into_iter().map(|fault| fault.under("/letterhead")).collect()),
        other => other,
    };
    logo(ctx, logo_id, Some(activity), "/logo_id").await.map_err(inside)?;
    if let Some(logo) = depicted(&ctx.scope(), logo_id).await? {
        from.letterhead.brand_logo = Some(logo);
    }
    if accent.is_some() {
        from.accent = accent;
    }
    if header_line.is_some() {
        from.letterhead.header_line = header_line;
    }
    if footer_line.is_some() {
        from.letterhead.footer_line = footer_line;
    }
    Ok(())
}
