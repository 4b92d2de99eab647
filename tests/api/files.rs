//! Files from outside.

use clairiere::platform::permission::Role;

use crate::support::start;

#[tokio::test]
async fn a_file_is_told_by_its_content_and_served_as_an_attachment() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let sent = b"%PDF-1.7\nscan".as_slice();
    let scan = marie.upload("convention signée.html", "scan", sent, None).await.status(201);
    assert_eq!(scan["media_type"], "application/pdf");
    assert!(scan["activity_id"].is_string());
    let path = format!("/v1/files/{}", scan["id"].as_str().unwrap());
    let content = marie.get(&format!("{path}/content")).await;
    assert_eq!(content.header("content-type"), Some("application/pdf"));
    assert!(content.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(content.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(content.bytes, sent);
    let paul = app.trainer("Paul").await;
    paul.get(&path).await.status(404);
    paul.get(&format!("{path}/content")).await.status(404);
    let hers = scan["activity_id"].as_str().unwrap();
    paul.upload("x.txt", "other", b"bonjour", Some(hers)).await.status(404);
}

#[tokio::test]
async fn a_file_is_saved_under_a_name_that_ends_as_its_content() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for (sent, name, header) in [
        ("facture.pdf.exe", "facture.pdf", "attachment; filename=\"facture.pdf\"; filename*=UTF-8''facture.pdf"),
        ("..\\..\\page.html", "page.pdf", "attachment; filename=\"page.pdf\"; filename*=UTF-8''page.pdf"),
        (
            "été\u{202e}fdp.exe",
            "étéfdp.pdf",
            "attachment; filename=\"etefdp.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9fdp.pdf",
        ),
    ] {
        let file = marie.upload(sent, "scan", b"%PDF-1.7 scan", None).await.status(201);
        assert_eq!(file["file_name"], name);
        let content = marie.get(&format!("/v1/files/{}/content", file["id"].as_str().unwrap())).await;
        assert_eq!(content.header("content-disposition"), Some(header));
    }
}

#[tokio::test]
async fn what_a_browser_could_run_is_refused() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for bytes in [b"<svg onload=\"x()\"/>".as_slice(), b"<!doctype html><p>", b"PK\x03\x04", b"", b"\xff\xfe\x00"] {
        marie.upload("logo.png", "logo", bytes, None).await.invalid("/file");
    }
    assert_eq!(marie.get("/v1/files").await.ok()["items"].as_array().unwrap().len(), 0);
    let large = vec![b'a'; 21 * 1024 * 1024];
    marie.upload("large.txt", "other", &large, None).await.status(413);
}

#[tokio::test]
async fn a_common_file_is_read_by_all_and_written_by_the_cooperative() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let auditor = app.staff(Role::Auditor).await;
    let rules = admin.upload("règlement.txt", "text", "Article 1. Été.".as_bytes(), None).await.status(201);
    assert!(rules["activity_id"].is_null());
    let marie = app.trainer("Marie").await;
    let path = format!("/v1/files/{}/content", rules["id"].as_str().unwrap());
    assert_eq!(marie.get(&path).await.bytes, "Article 1. Été.".as_bytes());
    auditor.upload("x.txt", "other", b"bonjour", None).await.status(403);
}
