//! Papers: the same bytes for ever, told when they were altered, taken back with a reason.

use entity::document_file;
use poem::http::Method;
use serde_json::json;

use crate::support::training::training;

#[tokio::test]
async fn a_paper_is_downloaded_twice_with_the_same_bytes() {
    let story = training().await;
    let convoked = story.convokes().await;
    assert_eq!(convoked["issued"].as_array().unwrap().len(), 3);
    let paper = &convoked["issued"][0];
    let path = format!("/v1/documents/{}", paper["id"].as_str().unwrap());
    let first = story.marie.get(&format!("{path}/file")).await;
    assert_eq!(first.header("content-type"), Some("application/pdf"));
    let named = first.header("content-disposition").unwrap().to_owned();
    assert!(named.contains("filename*=UTF-8''Convocation%20CVC-2026-0001.pdf"), "{named}");
    assert!(first.bytes.starts_with(b"%PDF-"));
    story.app.later(chrono::TimeDelta::days(400));
    let again = story.marie.get(&format!("{path}/file")).await;
    assert_eq!(first.bytes, again.bytes);
    let etag = first.header("etag").unwrap().to_owned();
    let same = story.marie.call(Method::GET, &format!("{path}/file"), None, &[("If-None-Match", &etag)]).await;
    assert_eq!((same.status, same.bytes.len()), (304, 0));
    let content = story.marie.get(&format!("{path}/content")).await.ok();
    assert_eq!(content["content_hash"], paper["content_hash"]);
    assert_eq!(content["content"]["title"], "Administrer Zourit");
}

#[tokio::test]
async fn two_downloads_at_once_render_one_file() {
    let story = training().await;
    let paper = story.convokes().await["issued"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/documents/{paper}/file");
    let (one, two) = tokio::join!(story.marie.get(&path), story.marie.get(&path));
    assert_eq!((one.status, &one.bytes), (200, &two.bytes));
    let ctx = clairiere::platform::access::Ctx::operator(&story.app.app);
    assert_eq!(ctx.scope().find::<document_file::Entity>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn an_altered_file_is_told_and_never_served() {
    let story = training().await;
    let paper = story.convokes().await["issued"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/documents/{paper}/file");
    assert_eq!(story.marie.get(&path).await.status, 200);
    for (_, _, file) in story.app.app.blobs.walk() {
        std::fs::write(file, b"%PDF-1.7 something else").unwrap();
    }
    story.marie.get(&path).await.refused("file.altered");
}

#[tokio::test]
async fn papers_are_found_and_taken_back() {
    let story = training().await;
    story.convokes().await;
    let other = story.app.trainer("Paul").await;
    let asked = format!("/v1/documents?kind=convocation&session_id={}", story.session);
    let found = story.marie.get(&asked).await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    let one = format!("{asked}&enrolment_id={}", story.zoe);
    let zoe = story.marie.get(&one).await.ok()["items"][0].clone();
    let path = format!("/v1/documents/{}", zoe["id"].as_str().unwrap());
    assert_eq!(other.get(&asked).await.ok()["items"], json!([]));
    other.get(&path).await.status(404);
    other.get(&format!("{path}/file")).await.status(404);
    other.post(&format!("{path}/revoke"), json!({ "reason": "Curiosité" })).await.status(404);
    let revoked = story.marie.post(&format!("{path}/revoke"), json!({ "reason": "Adresse erronée" })).await.ok();
    assert_eq!(
        (revoked["state"].as_str(), revoked["state_reason"].as_str()),
        (Some("revoked"), Some("Adresse erronée"))
    );
    story.marie.post(&format!("{path}/revoke"), json!({ "reason": "Encore" })).await.refused("document.state");
    let again = story.convokes().await;
    assert_eq!((again["issued"].as_array().unwrap().len(), again["unchanged"].as_u64()), (1, Some(2)));
}
