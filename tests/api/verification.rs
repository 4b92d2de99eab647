//! Whoever holds a paper learns whether it is genuine and still stands, and nothing about anybody.

use poem::{Request, http::Method};
use serde_json::{Value, json};

use crate::support::{
    Answer,
    training::{Training, training},
};

async fn certified() -> (Training, Value) {
    let story = training().await;
    story.hold(0, json!([])).await;
    story.hold(1, json!([])).await;
    let camille = story.camille().await;
    let paper = camille.post(&format!("/v1/enrolments/{}/certificate", story.zoe), json!({})).await.status(201);
    (story, paper)
}

fn code(paper: &Value) -> &str {
    paper["verification_address"].as_str().unwrap().rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_genuine_paper_is_told_from_an_unknown_one_without_a_name() {
    let (story, paper) = certified().await;
    let nobody = story.app.nobody();
    let file = story.marie.get(&format!("/v1/documents/{}/file", paper["id"].as_str().unwrap())).await;
    let told = nobody.get(&format!("/v1/verifications/{}", code(&paper))).await.ok();
    let hash = file.header("etag").unwrap().trim_matches('"').to_owned();
    assert_eq!(
        told,
        json!({
            "genuine": true, "standing": "current", "kind": "certificate",
            "kind_name": "Certificat de réalisation", "reference": paper["reference"],
            "organisation": "Les Communs", "issued_on": paper["issued_on"], "specimen": false,
            "files": [{ "role": "presented", "sha256": hash }],
        })
    );
    let typed = code(&paper).to_lowercase().replace('-', "");
    assert_eq!(nobody.get(&format!("/v1/verifications/{typed}")).await.ok(), told);
    for wrong in ["00000-00000-00000-00000-000000", "x", "%F0%9F%8C%B3"] {
        let unknown = nobody.get(&format!("/v1/verifications/{wrong}")).await.ok();
        assert_eq!((&unknown["genuine"], &unknown["standing"]), (&json!(false), &json!("unknown")));
        assert!(unknown["reference"].is_null() && unknown["files"] == json!([]));
    }
}

#[tokio::test]
async fn a_paper_says_that_it_no_longer_stands() {
    let (story, paper) = certified().await;
    let asked = format!("/v1/verifications/{}", code(&paper));
    let standing = async || story.app.nobody().get(&asked).await.ok()["standing"].as_str().unwrap().to_owned();
    let camille = story.camille().await;
    camille.post(&format!("/v1/slots/{}/reopen", story.slots[0]), json!({ "reason": "Ali était là" })).await.ok();
    assert_eq!(standing().await, "outdated");
    story.hold(0, json!([])).await;
    let again = camille.post(&format!("/v1/enrolments/{}/certificate", story.zoe), json!({})).await.status(201);
    assert_eq!(standing().await, "replaced");
    let told = story.app.nobody().get(&asked).await;
    assert!(!told.ok().to_string().contains(again["reference"].as_str().unwrap()), "the way on is not told");
    let other = format!("/v1/verifications/{}", code(&again));
    let path = format!("/v1/documents/{}/revoke", again["id"].as_str().unwrap());
    camille.post(&path, json!({ "reason": "Nom mal écrit" })).await.ok();
    assert_eq!(story.app.nobody().get(&other).await.ok()["standing"], "revoked");
}

#[tokio::test]
async fn only_papers_that_are_proofs_carry_a_code() {
    let story = training().await;
    let convoked = story.convokes().await;
    assert!(convoked["issued"][0].get("verification_address").is_none_or(Value::is_null));
    let sheets = format!("/v1/sessions/{}/attendance-sheets", story.session);
    let sheet = story.marie.post(&sheets, json!({ "blank": true })).await.status(201);
    let address = sheet["verification_address"].as_str().unwrap();
    assert!(address.starts_with("http://127.0.0.1:8080/verify/"), "{address}");
    let file = story.marie.get(&format!("/v1/documents/{}/file", sheet["id"].as_str().unwrap())).await;
    let text = lopdf::Document::load_mem(&file.bytes).unwrap();
    let pages: Vec<u32> = text.get_pages().into_keys().collect();
    let text = text.extract_text(&pages).unwrap().replace('\n', "");
    assert!(text.contains(code(&sheet)), "{text}");
}

async fn page(story: &Training, path: &str, accept: &str) -> (Answer, String) {
    let answer = story.app.nobody().call(Method::GET, path, None, &[("Accept", accept)]).await;
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    (answer, text)
}

/// Send a file as a form, as a browser without script does.
async fn send(story: &Training, path: &str, name: &str, bytes: &[u8]) -> (u16, String) {
    let mut body =
        format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.pdf\"\r\n\r\n").into_bytes();
    body.extend(bytes);
    body.extend(b"\r\n--limit--\r\n");
    let request = Request::builder()
        .method(Method::POST)
        .uri_str(path)
        .content_type("multipart/form-data; boundary=limit")
        .body(body);
    let answer = story.app.nobody().send(request, format!("POST {path}")).await;
    (answer.status, String::from_utf8(answer.bytes).unwrap())
}

#[tokio::test]
async fn the_page_says_the_same_as_the_operation() {
    let (story, paper) = certified().await;
    let path = format!("/verify/{}", code(&paper));
    let (answer, html) = page(&story, &path, "text/html,application/xhtml+xml").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for said in ["Document authentique", "Certificat de réalisation", "Les Communs", code(&paper)] {
        assert!(html.contains(said), "« {said} » is missing: {html}");
    }
    assert!(html.contains(paper["reference"].as_str().unwrap()));
    for hidden in ["Zoé", "Lefèvre", "Zourit", paper["id"].as_str().unwrap()] {
        assert!(!html.contains(hidden), "« {hidden} » is told: {html}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let (json, told) = page(&story, &path, "application/json").await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    let asked = format!("/v1/verifications/{}", code(&paper));
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), story.app.nobody().get(&asked).await.ok());

    // All unknown codes look the same.
    let unknown = |html: String, code: &str| html.replace(code, "CODE");
    let (one, first) = page(&story, "/verify/00000-00000-00000-00000-000000", "text/html").await;
    let (_, second) = page(&story, "/verify/ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ", "text/html").await;
    assert_eq!(one.status, 200);
    assert!(first.contains("Code inconnu"));
    let (first, second) =
        (unknown(first, "00000-00000-00000-00000-000000"), unknown(second, "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ"));
    assert_eq!(first, second);
    // What is typed on the page leads to the same page.
    assert!(page(&story, "/verify", "text/html").await.1.contains("Code du document"));
    assert_eq!(page(&story, &format!("/verify?code={}", code(&paper)), "text/html").await.1, html);
    let (script, _) = page(&story, "/assets/verify.js", "*/*").await;
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
}

#[tokio::test]
async fn a_file_is_compared_without_script_and_kept_nowhere() {
    let (story, paper) = certified().await;
    let path = format!("/verify/{}", code(&paper));
    let file = story.marie.get(&format!("/v1/documents/{}/file", paper["id"].as_str().unwrap())).await.bytes;
    let before = story.app.app.blobs.list().await.unwrap().len();
    let (status, html) = send(&story, &path, "file", &file).await;
    assert!(status == 200 && html.contains("est bien celui qui a été émis"), "{html}");
    let mut changed = file.clone();
    changed.push(b'\n');
    let (status, html) = send(&story, &path, "file", &changed).await;
    assert!(status == 200 && html.contains("n’est pas celui qui a été émis"), "{html}");
    for (name, bytes) in [("file", b"".as_slice()), ("other", b"%PDF")] {
        let (_, html) = send(&story, &path, name, bytes).await;
        assert!(html.contains("Choisissez d’abord un fichier"), "{html}");
    }
    let (status, html) = send(&story, &path, "file", &vec![0; 20 * 1024 * 1024 + 1]).await;
    assert!(status == 413 && html.contains("20 Mio"), "{status} {html}");
    let (status, html) = send(&story, "/verify/nothing", "file", &file).await;
    assert!(status == 200 && html.contains("Code inconnu"), "{html}");
    assert_eq!(story.app.app.blobs.list().await.unwrap().len(), before);
    let garbled = Request::builder()
        .method(Method::POST)
        .uri_str(&path)
        .content_type("multipart/form-data; boundary=limit")
        .body("--other\r\n");
    assert!(story.app.nobody().send(garbled, "garbled".into()).await.status < 500);
}
