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
async fn a_paper_is_fetched_in_parts_and_begun_again_when_it_is_another() {
    let story = training().await;
    let paper = story.convokes().await["issued"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/documents/{paper}/file");
    let whole = story.marie.get(&path).await;
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let (length, etag) = (whole.bytes.len(), whole.header("etag").unwrap().to_owned());
    let part = async |range: &str, if_range: &str| {
        let headers = [("Range", range), ("If-Range", if_range)];
        story.marie.call(Method::GET, &path, None, &headers[..if if_range.is_empty() { 1 } else { 2 }]).await
    };
    let begin = part("bytes=0-99", "").await;
    assert_eq!((begin.status, begin.bytes.len()), (206, 100));
    assert_eq!(begin.header("content-range"), Some(format!("bytes 0-99/{length}").as_str()));
    assert_eq!((begin.header("etag"), begin.header("content-type")), (Some(etag.as_str()), Some("application/pdf")));
    let rest = part("bytes=100-", &etag).await;
    assert_eq!(rest.status, 206);
    assert_eq!([begin.bytes, rest.bytes].concat(), whole.bytes);
    let another = part("bytes=100-", "\"the hash of another file\"").await;
    assert_eq!((another.status, another.bytes.len()), (200, length));
    let beyond = part(&format!("bytes={length}-"), "").await;
    assert_eq!(beyond.header("content-range"), Some(format!("bytes */{length}").as_str()));
    assert_eq!(beyond.header("content-type"), Some("application/problem+json"));
    assert_eq!(beyond.status(416)["code"], "range");
    assert_eq!(part("bytes=0-1,4-5", "").await.status, 200, "several parts are answered by the whole");
    let unchanged = [("Range", "bytes=0-99"), ("If-None-Match", etag.as_str())];
    assert_eq!(story.marie.call(Method::GET, &path, None, &unchanged).await.status, 304);
    let list = story.marie.call(Method::GET, "/v1/documents", None, &[("Range", "bytes=0-1")]).await;
    assert_eq!(list.status, 200, "only files come in parts");
}

#[tokio::test]
async fn an_altered_file_is_told_and_never_served() {
    let story = training().await;
    let paper = story.convokes().await["issued"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/documents/{paper}/file");
    assert_eq!(story.marie.get(&path).await.status, 200);
    for kept in story.app.app.blobs.list().await.unwrap() {
        let owner = kept.owner.map_or("common".into(), |id| id.to_string());
        let file = story.app.folder().join("files").join(owner).join(&kept.hash[..2]).join(&kept.hash);
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
    other.get(&asked).await.status(404);
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
