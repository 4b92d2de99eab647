//! Check what must never change: the database itself, the audit's chains and the rows that it tells of, the frozen
//! contents, the files.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use entity::{document, programme_version, signature};
use serde_json::Value;
use uuid::Uuid;

use super::leftovers;
use crate::{
    config::Settings,
    platform::{
        app::App,
        audit::{self, sha256},
        blob::{Kept, Named, named},
        codes::stored,
        error::{Error, Result},
        integrity::{self, Snapshot},
        scope::Scope,
        upkeep::{self, Upkeep},
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
    let report = verify_all(&app, collect).await;
    if let Ok(report) = &report {
        upkeep::done(&app, Upkeep::Verify, report.faults.len()).await;
    }
    app.db.close().await?;
    let report = report?;
    for line in &report.read {
        println!("{line}");
    }
    for fault in &report.faults {
        println!("FAULT {fault}");
    }
    match report.faults.len() {
        0 => {
            println!("All is as it was written.");
            Ok(())
        }
        count => Err(Error::Internal(format!("{count} fault(s) found"))),
    }
}

/// Check everything: what is in the database, in one snapshot of it, then the files that it names.
pub async fn verify_all(app: &App, collect: bool) -> Result<Report> {
    let snapshot = Snapshot::take(&app.db).await?;
    let mut report = Report { faults: integrity::check(snapshot.conn()).await?, ..Report::default() };
    report.read.push("database: its own checks and the references between rows".into());
    let checked = audit::verify_in(snapshot.conn()).await?;
    report.faults.extend(checked.faults);
    report.read.push(format!("audit: {} entries in {} streams", checked.entries, checked.streams));
    report.read.push(format!("evidence: {} rows compared with what the audit says of them", checked.rows));
    report.read.push(format!("rows: {} others, each written by an act, none removed without one", checked.counted));
    contents(&snapshot.scope(), &mut report).await?;
    signatures(&snapshot.scope(), &mut report).await?;
    let files: HashSet<Named> = named(snapshot.conn()).await?.into_iter().collect();
    snapshot.end().await?;
    for Named { owner, hash } in &files {
        match app.blobs.check(*owner, hash).await? {
            Some(true) => {}
            Some(false) => report.faults.push(format!("file {hash}: was altered")),
            None => report.faults.push(format!("file {hash}: is missing")),
        }
    }
    let strangers = strangers(app, &files).await?;
    report.orphans = strangers.len();
    report.read.push(format!("files: {} named, {} that no row names", files.len(), report.orphans));
    if collect {
        let collected = collect_strangers(app, strangers).await?;
        let left = leftovers::collect(app).await?;
        report.read.push(format!("collected: {collected} that no row names, {left} that killed writers left"));
    }
    Ok(report)
}

/// The files of the store that no row names.
async fn strangers(app: &App, named: &HashSet<Named>) -> Result<Vec<Named>> {
    let kept = app.blobs.list().await?.into_iter().map(|Kept { owner, hash, .. }| Named { owner, hash });
    Ok(kept.filter(|file| !named.contains(file)).collect())
}

async fn collect_strangers(app: &App, mut strangers: Vec<Named>) -> Result<usize> {
    // Somebody may have named one since the snapshot: they wrote it again first, and it is young then.
    let now: HashSet<Named> = named(app.db.writer()).await?.into_iter().collect();
    strangers.retain(|file| !now.contains(file));
    let mut collected = 0;
    for Named { owner, hash } in strangers {
        collected += usize::from(app.blobs.remove(owner, &hash, ORPHAN_AGE).await?);
    }
    Ok(collected)
}

async fn contents(scope: &Scope<'_>, report: &mut Report) -> Result<()> {
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
async fn signatures(scope: &Scope<'_>, report: &mut Report) -> Result<()> {
    let mut audited: HashMap<Uuid, String> = HashMap::new();
    for data in audit::data_of(scope, "signature.signed").await? {
        let data: Value = stored(&data)?;
        let id = data["signature"].as_str().and_then(|id| id.parse().ok());
        if let (Some(id), Some(digest)) = (id, data["digest"].as_str()) {
            audited.insert(id, digest.to_owned());
        }
    }
    let rows = scope.find::<signature::Entity>().all().await?;
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
