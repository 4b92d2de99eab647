//! Files in a bucket of an S3-compatible store: the same promises as in a folder.
//!
//! The store lives in the test; with `TEST_S3_URL` (an address with a bucket that exists) it is a real one, where it can
//! be: what needs a store that fails keeps its own.

use std::{sync::atomic::Ordering, time::Duration};

use clairiere::{
    config::Settings,
    operate,
    platform::{blob::Blobs, schema},
};
use poem::http::StatusCode;
use serde_json::json;

use crate::support::{
    s3::S3,
    start_with,
    training::{Training, training_in},
};

async fn training(url: String) -> Training {
    training_in(start_with(|settings| settings.files_url = Some(url)).await, 2).await
}

#[tokio::test]
async fn papers_and_files_are_kept_in_the_bucket_and_come_back() {
    let s3 = S3::start().await;
    let it = training(s3.place()).await;
    let sent = it.marie.upload("scan é.pdf", "scan", b"%PDF-1.7 scan", None).await.status(201);
    let path = format!("/v1/files/{}/content", sent["id"].as_str().unwrap());
    assert_eq!(it.marie.get(&path).await.bytes, b"%PDF-1.7 scan");
    let paper = format!("/v1/documents/{}/file", it.convokes().await["issued"][0]["id"].as_str().unwrap());
    let (one, two) = (it.marie.get(&paper).await, it.marie.get(&paper).await);
    assert!(one.status == 200 && one.bytes.starts_with(b"%PDF") && one.bytes == two.bytes);
    it.marie.upload("again.pdf", "scan", b"%PDF-1.7 scan", None).await.status(201);
    assert_eq!(it.app.app.blobs.list().await.unwrap().len(), 2, "the same bytes are kept once");
    assert!(!it.app.folder().join("files").exists(), "nothing goes to FILES_DIR");
    let report = operate::verify_all(&it.app.app, false).await.unwrap();
    assert_eq!((report.faults, report.orphans), (vec![], 0));
    let orphan = it.app.app.blobs.put(None, b"nobody names me".to_vec()).await.unwrap();
    assert_eq!(operate::verify_all(&it.app.app, false).await.unwrap().orphans, 1);
    it.app.app.blobs.remove(None, &orphan, Duration::ZERO).await.unwrap();
    assert_eq!(it.app.app.blobs.check(None, &orphan).await.unwrap(), None);
}

#[tokio::test]
async fn an_object_that_was_altered_or_lost_is_told_and_never_served() {
    let s3 = S3::own().await;
    let it = training(s3.place()).await;
    let sent = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await.status(201);
    let path = format!("/v1/files/{}/content", sent["id"].as_str().unwrap());
    let store = s3.store.as_ref().unwrap();
    for bytes in store.objects.lock().unwrap().values_mut() {
        *bytes = b"%PDF-1.7 scam".to_vec();
    }
    it.marie.get(&path).await.refused("file.altered");
    let faults = operate::verify_all(&it.app.app, false).await.unwrap().faults;
    assert!(faults.len() == 1 && faults[0].ends_with("was altered"), "{faults:?}");
    store.objects.lock().unwrap().clear();
    it.marie.get(&path).await.refused("file.missing");
    let faults = operate::verify_all(&it.app.app, false).await.unwrap().faults;
    assert!(faults.len() == 1 && faults[0].ends_with("is missing"), "{faults:?}");
}

#[tokio::test]
async fn a_store_that_does_not_answer_leaves_nothing_half_written() {
    let s3 = S3::own().await;
    let it = training(s3.place()).await;
    let store = s3.store.as_ref().unwrap();
    store.down.store(true, Ordering::SeqCst);
    let refused = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.status(503)["code"], "busy");
    assert_eq!(it.marie.get("/v1/files").await.ok()["items"], json!([]));
    store.down.store(false, Ordering::SeqCst);
    it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await.status(201);
}

#[tokio::test]
async fn a_store_that_is_full_says_so() {
    let s3 = S3::own().await;
    let it = training(s3.place()).await;
    let store = s3.store.as_ref().unwrap();
    let full = [
        (StatusCode::INSUFFICIENT_STORAGE, ""),
        (StatusCode::FORBIDDEN, "<Error><Code>QuotaExceeded</Code></Error>"),
        (StatusCode::BAD_REQUEST, "<Error><Code>XMinioStorageFull</Code></Error>"),
    ];
    for how in full {
        *store.full.lock().unwrap() = Some(how);
        let refused = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await;
        assert_eq!(refused.status(503)["code"], "files.full", "{how:?}");
    }
    *store.full.lock().unwrap() = Some((StatusCode::FORBIDDEN, "<Error><Code>AccessDenied</Code>507</Error>"));
    let refused = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await;
    assert_eq!(refused.status(503)["code"], "files.unwritable");
    assert_eq!(it.marie.get("/v1/files").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_backup_of_a_bucket_is_restored_to_another_or_to_a_folder() {
    let s3 = S3::start().await;
    let it = training(s3.place()).await;
    let app = &it.app;
    it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await.status(201);
    let paper = format!("/v1/documents/{}/file", it.convokes().await["issued"][0]["id"].as_str().unwrap());
    let bytes = it.marie.get(&paper).await.bytes;
    let backup = app.folder().join("backup");
    assert_eq!(operate::backup_of(&app.app, &backup).await.unwrap().files, 2);
    let bucket = s3.place();
    for (name, files_url) in [("bucket", Some(bucket)), ("folder", None)] {
        let settings = Settings {
            database_url: if app.app.settings.database_url.starts_with("sqlite:") {
                format!("sqlite:{}", app.folder().join(name).join("clairiere.db").display())
            } else {
                app.empty_database().await
            },
            files_dir: app.folder().join(name).join("files"),
            files_url,
            ..Settings::default()
        };
        operate::restore(settings.clone(), backup.clone()).await.unwrap();
        let again = operate::restore(settings.clone(), backup.clone()).await.unwrap_err().to_string();
        assert!(again.contains("is not empty"), "{again}");
        let restored = clairiere::start::app(settings).await.unwrap();
        assert_eq!(operate::verify_all(&restored, false).await.unwrap().faults, Vec::<String>::new());
        let kept = restored.blobs.list().await.unwrap();
        let mut found = vec![];
        for file in &kept {
            found.push(restored.blobs.get(file.owner, &file.hash).await.unwrap());
        }
        assert!(kept.len() == 2 && found.contains(&bytes), "{name}: {kept:?}");
    }
}

#[tokio::test]
async fn a_bucket_belongs_to_one_database() {
    let s3 = S3::start().await;
    let place = s3.place();
    let it = training(place.clone()).await;
    let own = schema::instance(&it.app.app.db).await.unwrap();
    it.app.app.blobs.claim(&own, &[]).await.unwrap();
    it.app.app.blobs.claim(&own, &[]).await.unwrap();
    let settings = Settings { files_url: Some(place), ..Settings::default() };
    let refused = Blobs::open(&settings).unwrap().claim("another database", &[]).await.unwrap_err().to_string();
    assert!(refused.contains("FILES_URL s3://") && refused.contains(&own), "{refused}");
    assert!(!refused.contains("cret"), "the secret is never shown: {refused}");
}
