//! Operations on the audit and on the worker's jobs.

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use uuid::Uuid;

use super::{
    entry::{AuditEntry, AuditReport},
    events::Event,
    job::{Job, JobState, hurry, revive},
    noted::note,
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::View,
        audit,
        error::{Error, Result},
        outbox,
        page::{Page, PageQuery},
        permission::{AuditRead, JobsManage},
    },
};

/// The audit.
pub struct AuditApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Audit")]
impl AuditApi {
    /// List who did what, newest first.
    ///
    /// Of the changes, those of tables that the key may read elsewhere are shown, the others counted. Reading the audit is
    /// itself in the audit (`audit.read`), once a day for a key and what it looks for.
    #[oai(path = "/audit", method = "get", operation_id = "list_audit")]
    async fn list_audit(
        &self,
        mut auth: Allow<AuditRead>,
        subject_id: Query<Option<Uuid>>,
        event: Query<Option<String>>,
        page: PageQuery,
    ) -> Result<View<Page<AuditEntry>>> {
        // Only what could be the name of an event is looked for, and noted.
        if event.0.as_deref().is_some_and(|name| !could_name(name)) {
            return Ok(View(Page { items: vec![], next: None }));
        }
        let asked = audit::Asked { subject: subject_id.0, event: event.0 };
        let (subject_id, event, activity_id) = (asked.subject, asked.event.clone(), page.activity_id);
        note(&mut auth.ctx, |key| Event::Read { key, subject_id, event, activity_id }).await?;
        let (rows, next) = audit::entries(&auth.ctx, &asked, &page).await?;
        let items = rows.into_iter().map(|row| AuditEntry::shown(&auth.ctx, row)).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Recompute every hash of every chain, and tell what was altered, removed or inserted.
    #[oai(path = "/audit/verify", method = "get", operation_id = "verify_audit")]
    async fn verify_audit(&self, mut auth: Allow<AuditRead>) -> Result<View<AuditReport>> {
        if !auth.ctx.scope().sees_all() {
            return Err(Error::refused(
                "audit.whole",
                "La vérification lit toutes les chaînes : votre clé n’ouvre que certaines activités.",
                "Verification reads every chain: your key only reaches some activities.",
            ));
        }
        note(&mut auth.ctx, |key| Event::Verified { key }).await?;
        Ok(View(audit::verify(&auth.ctx.app().db).await?.into()))
    }

    /// List the worker's jobs, newest first.
    #[oai(path = "/jobs", method = "get", operation_id = "list_jobs")]
    async fn list_jobs(
        &self,
        auth: Allow<JobsManage>,
        state: Query<Option<JobState>>,
        page: PageQuery,
    ) -> Result<View<Page<Job>>> {
        let (rows, next) = outbox::page(&auth.ctx, state.0.map(JobState::name), &page).await?;
        Ok(View(Page { items: rows.into_iter().map(Job::try_from).collect::<Result<_>>()?, next }))
    }

    /// Give a job that was given up another life: the worker takes it at once.
    ///
    /// A mail that it could not send is ready again, with the same links and codes, and leaves if it is still of use.
    #[oai(path = "/jobs/:id/revive", method = "post", operation_id = "revive_job")]
    async fn revive_job(&self, mut auth: Allow<JobsManage>, id: Path<Uuid>) -> Result<View<Job>> {
        Ok(View(revive(&mut auth.ctx, id.0).await?))
    }

    /// Make a job that waits for its next attempt due now, for instance once the mail server is mended.
    ///
    /// A job that is due already stays as it is; one that is under way, done or given up is not hurried.
    #[oai(path = "/jobs/:id/hurry", method = "post", operation_id = "hurry_job")]
    async fn hurry_job(&self, mut auth: Allow<JobsManage>, id: Path<Uuid>) -> Result<View<Job>> {
        Ok(View(hurry(&mut auth.ctx, id.0).await?))
    }
}

/// Whether this could be the name of an event.
fn could_name(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_');
    text.len() <= 60 && text.bytes().all(part)
}
