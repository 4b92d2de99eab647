//! What belongs to papers: scans that are attached to them, and several papers put together in one file.

use lopdf::{Document, Object};
use serde_json::{Value, json};

use crate::support::training::{Training, training};

/// A sheet and a certificate.
async fn papers() -> (Training, Value, Value) {
    let story = training().await;
    story.hold(0, json!([])).await;
    story.hold(1, json!([])).await;
    let sheets = format!("/v1/sessions/{}/attendance-sheets", story.session);
    let sheet = story.marie.post(&sheets, json!({})).await.status(201);
    let camille = story.camille().await;
    let certificate = camille.post(&format!("/v1/enrolments/{}/certificate", story.zoe), json!({})).await.status(201);
    (story, sheet, certificate)
}

fn hash(bytes: &[u8]) -> String {
    clairiere::platform::audit::sha256(bytes)
}

fn attachments(paper: &Value) -> String {
    format!("/v1/documents/{}/attachments", paper["id"].as_str().unwrap())
}

const SCAN: &[u8] = b"%PDF-1.4 a scan, signed by hand";

#[tokio::test]
async fn a_scan_is_attached_by_its_hash_and_its_content() {
    let (story, sheet, _) = papers().await;
    let path = attachments(&sheet);
    let scan = story.marie.upload("feuille.pdf", "scan", SCAN, None).await.status(201)["id"].clone();
    let note = story.marie.upload("note.txt", "other", "Bonjour".as_bytes(), None).await.status(201)["id"].clone();
    let body = |file: &Value, sha256: &str| json!({ "stored_file_id": file, "what": "signed_scan", "sha256": sha256 });
    story.marie.post(&path, body(&scan, &hash(b"another"))).await.invalid("/sha256");
    story.marie.post(&path, body(&note, &hash("Bonjour".as_bytes()))).await.invalid("/stored_file_id");
    let held = story.marie.post(&path, body(&scan, &hash(SCAN))).await.ok();
    let one = &held["items"][0];
    assert_eq!((&one["sha256"], &one["media_type"]), (&json!(hash(SCAN)), &json!("application/pdf")));
    assert_eq!(story.marie.get(&path).await.ok(), held);
    story.marie.post(&path, body(&scan, &hash(SCAN))).await.status(409);

    let paul = story.app.trainer("Paul").await;
    paul.get(&path).await.status(404);
    let foreign = paul.upload("autre.pdf", "scan", SCAN, None).await.status(201)["id"].clone();
    story.marie.post(&path, body(&foreign, &hash(SCAN))).await.status(404);
    story
        .app
        .staff(clairiere::platform::permission::Role::Auditor)
        .await
        .post(&path, body(&scan, &hash(SCAN)))
        .await
        .status(403);
}

/// The embedded files of a PDF, by name.
fn carried(file: &Document) -> Vec<(String, Vec<u8>)> {
    let mut found = vec![];
    for object in file.objects.values() {
        let Ok(entry) = object.as_dict() else { continue };
        let Ok(Object::Dictionary(streams)) = entry.get(b"EF") else { continue };
        let stream = file.get_object(streams.get(b"F").unwrap().as_reference().unwrap()).unwrap().as_stream().unwrap();
        let name = lopdf::decode_text_string(entry.get(b"UF").unwrap()).unwrap();
        found.push((name, stream.decompressed_content().unwrap_or_else(|_| stream.content.clone())));
    }
    found
}

#[tokio::test]
async fn papers_are_put_together_with_their_references_hashes_and_scans() {
    let (story, sheet, certificate) = papers().await;
    let scan = story.marie.upload("feuille.pdf", "scan", SCAN, None).await.status(201)["id"].clone();
    story.marie.post(&attachments(&sheet), json!({ "stored_file_id": scan, "what": "signed_scan" })).await.ok();
    let ids = json!([certificate["id"], sheet["id"]]);
    let body = json!({ "document_ids": ids, "title": "Dossier de Zourit" });
    let bundled = story.marie.post("/v1/document-bundles", body.clone()).await;
    assert_eq!((bundled.status, bundled.header("content-type")), (200, Some("application/pdf")));
    assert!(bundled.header("content-disposition").unwrap().contains("Dossier%20de%20Zourit.pdf"));
    assert_eq!(
        story.marie.post("/v1/document-bundles", body).await.bytes,
        bundled.bytes,
        "the same at the same instant"
    );

    // With `PAPERS_DIR=folder`, it is kept to be looked at.
    if let Ok(folder) = std::env::var("PAPERS_DIR") {
        std::fs::write(format!("{folder}/liasse.pdf"), &bundled.bytes).unwrap();
    }

    let file = Document::load_mem(&bundled.bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    assert!(pages.len() >= 3, "a cover, then each paper");
    let text: String = file.extract_text(&pages).unwrap().split_whitespace().collect();
    for paper in [&certificate, &sheet] {
        let presented = story.marie.get(&format!("/v1/documents/{}/file", paper["id"].as_str().unwrap())).await;
        let digest = presented.header("etag").unwrap().trim_matches('"').to_owned();
        assert!(text.contains(paper["reference"].as_str().unwrap()), "{text}");
        assert!(text.contains(&digest), "{digest} is missing: {text}");
    }
    assert!(file.catalog().unwrap().has(b"Outlines"));
    let carried = carried(&file);
    let scanned = carried.iter().find(|(name, _)| name.contains("Copie numérisée")).expect("the scan is carried");
    assert_eq!(scanned.1, SCAN, "untouched");
    assert_eq!(carried.iter().filter(|(name, _)| name.ends_with("contenu.json")).count(), 2);
}

#[tokio::test]
async fn only_papers_that_stand_are_put_together_and_only_ones_own() {
    let (story, sheet, certificate) = papers().await;
    let revoke = format!("/v1/documents/{}/revoke", certificate["id"].as_str().unwrap());
    story.camille().await.post(&revoke, json!({ "reason": "Émis par erreur" })).await.ok();
    let body = json!({ "document_ids": [sheet["id"], certificate["id"]] });
    story.marie.post("/v1/document-bundles", body.clone()).await.invalid("/document_ids/1");
    story.marie.post("/v1/document-bundles", json!({ "document_ids": [] })).await.invalid("/document_ids");
    story.app.trainer("Paul").await.post("/v1/document-bundles", body).await.status(404);
}
