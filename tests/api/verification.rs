//! Whoever holds a paper learns whether it is genuine and still stands, and nothing about anybody.

use serde_json::{Value, json};

use crate::support::training::{Training, training};

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
        assert_eq!(unknown, json!({ "genuine": false, "standing": "unknown", "files": [] }));
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
