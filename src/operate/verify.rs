//! Check what must never change: the audit's chains, the frozen contents, the files.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use entity::{document, document_file, mark_evidence, programme_version, signature, stored_file};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    config::Settings,
    platform::{
        access::Ctx,
        app::App,
        audit::{self, Asked, sha256},
        blob::Kept,
        codes::stored,
        error::{Error, Result},
        page::PageQuery,
    },
    signature::checks,
    start,
};

/// Files that no row names are kept this long: an upload may be under way.
const ORPHAN_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was read, in words.
    pub read: Vec<String>,
    /// What is wrong, one sentence each.
    pub faults: Vec<String>,
    /// Files that no row names.
    pub orphans: usize,
}

/// Verify as the settings say; fails when anything is wrong.
pub async fn verify(settings: Settings, collect: bool) -> Result<()> {
    let app = start::app(settings).await?;
    let report = verify_all(&app, collect).await?;
    for line in &report.read {
        println!("{line}");
    }
    for fault in &report.faults {
        println!("FAULT {fault}");
    }
    app.db.close().await?;
    match report.faults.len() {
        0 => {
            println!("All is as it was written.");
            Ok(())
        }
        count => Err(Error::Internal(format!("{count} fault(s) found"))),
    }
}

/// Check everything.
pub async fn verify_all(app: &App, collect: bool) -> Result<Report> {
    let checked = audit::verify(&app.db).await?;
    let mut report = Report { faults: checked.faults, ..Report::default() };
    report.read.push(format!("audit: {} entries in {} streams", checked.entries, checked.streams));
    report.read.push(format!("evidence: {} rows compared with what the audit says of them", checked.rows));
    let ctx = Ctx::operator(app);
    contents(&ctx, &mut report).await?;
    signatures(&ctx, &mut report).await?;
    let named = files(app, &ctx, &mut report).await?;
    for Kept { owner, hash, written } in app.blobs.list().await? {
        if named.contains(&(owner, hash.clone())) {
            continue;
        }
        report.orphans += 1;
        if collect && written.elapsed().is_ok_and(|age| age > ORPHAN_AGE) {
            app.blobs.remove(owner, &hash).await?;
        }
    }
    report.read.push(format!("files: {} named, {} that no row names", named.len(), report.orphans));
    Ok(report)
}

async fn contents(ctx: &Ctx, report: &mut Report) -> Result<()> {
    let scope = ctx.scope();
    let documents = scope.find::<document::Entity>().all().await?;
    let versions = scope.find::<programme_version::Entity>().all().await?;
    report.read.push(format!("contents: {} papers, {} programme versions", documents.len(), versions.len()));
    let hashed =
        documents.iter().map(|row| (format!("paper {}", row.reference), &row.content, &row.content_hash)).chain(
            versions
                .iter()
                .filter(|row| row.published_at.is_some())
                .map(|row| (format!("programme version {}", row.id), &row.content, &row.content_hash)),
        );
    for (name, content, hash) in hashed {
        if sha256(content) != *hash {
            report.faults.push(format!("{name}: its frozen content was altered"));
        }
    }
    Ok(())
}

/// Each signature against its own digest and against the one that the audit's chain holds.
async fn signatures(ctx: &Ctx, report: &mut Report) -> Result<()> {
    let asked = Asked { subject: None, event: Some("signature.signed".into()) };
    let mut audited: HashMap<Uuid, String> = HashMap::new();
    let mut page = PageQuery::all();
    loop {
        let (entries, next) = audit::entries(ctx, &asked, &page).await?;
        for entry in entries {
            let data: Value = stored(&entry.event_data)?;
            let id = data["signature"].as_str().and_then(|id| id.parse().ok());
            if let (Some(id), Some(digest)) = (id, data["digest"].as_str()) {
                audited.insert(id, digest.to_owned());
            }
        }
        match next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let rows = ctx.scope().find::<signature::Entity>().all().await?;
    report.read.push(format!("signatures: {} of papers", rows.len()));
    for row in rows {
        let known = audited.remove(&row.id);
        if let Some(fault) = checks(&row, known.as_deref()) {
            report.faults.push(format!("signature {}: {fault}", row.id));
        }
    }
    report.faults.extend(audited.keys().map(|id| format!("signature {id}: was removed, no act deleted it")));
    Ok(())
}

async fn files(app: &App, ctx: &Ctx, report: &mut Report) -> Result<HashSet<(Option<Uuid>, String)>> {
    let scope = ctx.scope();
    let papers = scope.find::<document_file::Entity>().all().await?;
    let stored = scope.find::<stored_file::Entity>().all().await?;
    let pictures = scope.find::<mark_evidence::Entity>().all().await?;
    let signed = scope.find::<signature::Entity>().all().await?;
    let named: HashSet<(Option<Uuid>, String)> = papers
        .into_iter()
        .map(|row| (Some(row.activity_id), row.sha256))
        .chain(signed.into_iter().filter_map(|row| Some((Some(row.activity_id), row.picture_sha256?))))
        .chain(stored.into_iter().map(|row| (row.activity_id, row.sha256)))
        .chain(pictures.into_iter().filter_map(|row| Some((Some(row.activity_id), row.picture?))))
        .collect();
    for (owner, hash) in &named {
        match app.blobs.check(*owner, hash).await? {
            Some(true) => {}
            Some(false) => report.faults.push(format!("file {hash}: was altered")),
            None => report.faults.push(format!("file {hash}: is missing")),
        }
    }
    Ok(named)
}
