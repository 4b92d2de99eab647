//! Papers that were wrong: replaced or taken back, and everybody who has them is told, once.

use clairiere::{
    platform::{access::Ctx, permission::Role},
    work,
};
use poem::http::Method;
use serde_json::{Value, json};

use crate::support::training::{Training, training};

/// Everybody attended; the client's training lead received the three certificates.
async fn certified() -> (Training, Vec<Value>) {
    let story = training().await;
    story.addresses().await;
    story.hold(0, json!([])).await;
    story.hold(1, json!([])).await;
    let camille = story.camille().await;
    let issued = camille.post(&format!("/v1/sessions/{}/certificates", story.session), json!({})).await.ok();
    story.app.work().await;
    assert_eq!(subjects(&story, "rose@example.org").iter().filter(|one| one.contains("certificats")).count(), 1);
    (story, issued["documents"].as_array().unwrap().clone())
}

fn subjects(story: &Training, address: &str) -> Vec<String> {
    story.app.mails_to(address).iter().map(|mail| mail.subject.clone()).collect()
}

fn path(paper: &Value, step: &str) -> String {
    format!("/v1/documents/{}/{step}", paper["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_wrong_paper_is_replaced_and_whoever_has_it_is_told() {
    let (story, certificates) = certified().await;
    let old = &certificates[0];
    let reason = json!({ "reason": "Nom mal écrit" });
    story.marie.post(&path(old, "replace"), reason.clone()).await.status(403);
    let camille = story.camille().await;
    let done = camille.post(&path(old, "replace"), reason.clone()).await.ok();
    let new = &done["document"];
    assert_eq!((&new["replaces_id"], &new["replacement_reason"]), (&old["id"], &json!("Nom mal écrit")));
    assert_eq!((&done["replaced"]["id"], &done["replaced"]["state"]), (&old["id"], &json!("replaced")));
    assert_eq!(done["recipients"].as_array().unwrap().len(), 1);
    assert_eq!(done["recipients"][0]["address"], "rose@example.org");
    let read = camille.get(&path(new, "replacement")).await.ok();
    assert_eq!((&read["document"]["id"], &read["recipients"]), (&new["id"], &done["recipients"]));
    camille.get(&path(old, "replacement")).await.status(404);
    camille.post(&path(old, "replace"), reason).await.refused("document.state");

    let before = story.app.mails_to("rose@example.org").len();
    story.app.work().await;
    let mails = story.app.mails_to("rose@example.org");
    assert_eq!(mails.len(), before + 1, "the correction, and not the ordinary mail too");
    let told = mails.last().unwrap();
    assert!(told.subject.contains("document corrigé"), "{}", told.subject);
    for said in [old, new].map(|paper| paper["reference"].as_str().unwrap()).into_iter().chain(["Nom mal écrit"]) {
        assert!(told.text.contains(said), "« {said} » is missing: {}", told.text);
    }
    assert_eq!(told.attachments.len(), 1);
    assert!(told.attachments[0].name.contains(new["reference"].as_str().unwrap()));

    // The mail that carried the old paper is found, and does not leave again.
    let carried = format!("/v1/messages?document_id={}", old["id"].as_str().unwrap());
    let carried = camille.get(&carried).await.ok();
    assert_eq!(carried["items"].as_array().unwrap().len(), 1);
    let resend = format!("/v1/messages/{}/resend", carried["items"][0]["id"].as_str().unwrap());
    camille.post(&resend, Value::Null).await.refused("document.not_current");
    story.app.done().await;
}

#[tokio::test]
async fn whoever_signs_the_new_certificate_is_chosen() {
    let (story, certificates) = certified().await;
    let camille = story.camille().await;
    let admin = story.app.staff(Role::CoopAdmin).await;
    let rosa = json!({
        "valid_from": "2024-01-01", "first_name": "Rosa", "last_name": "Bellanger", "quality": "gérante",
        "legal_representative": true, "paper_kinds": [],
    });
    let rosa = admin.post("/v1/organisation/signatories", rosa).await.status(201);
    let nobody = json!({ "reason": "Nom mal écrit", "signatory_id": uuid::Uuid::from_u128(9) });
    camille.post(&path(&certificates[0], "replace"), nobody).await.status(404);
    let chosen = json!({ "reason": "Nom mal écrit", "signatory_id": rosa["id"] });
    let done = camille.post(&path(&certificates[0], "replace"), chosen.clone()).await.ok();
    let ctx = Ctx::operator(&story.app.app);
    let id = done["document"]["id"].as_str().unwrap().parse().unwrap();
    let paper = ctx.scope().get::<entity::document::Entity>(id).await.unwrap();
    assert!(paper.content.contains("Bellanger"), "{}", paper.content);
    let sheet = format!("/v1/sessions/{}/attendance-sheets", story.session);
    let sheet = story.marie.post(&sheet, json!({})).await.ok();
    camille.post(&path(&sheet, "replace"), chosen).await.invalid("/signatory_id");
}

#[tokio::test]
async fn a_paper_that_is_taken_back_is_told_to_whoever_has_it() {
    let (story, certificates) = certified().await;
    let camille = story.camille().await;
    camille.post(&path(&certificates[1], "revoke"), json!({ "reason": "Émis par erreur" })).await.ok();
    story.app.work().await;
    let told = story.app.mails_to("rose@example.org").pop().unwrap();
    assert!(told.subject.contains("document annulé") && told.text.contains("Émis par erreur"), "{}", told.text);
    assert!(told.attachments.is_empty());
    story.app.done().await;
}

#[tokio::test]
async fn a_paper_that_nobody_received_is_replaced_in_silence() {
    let story = training().await;
    story.addresses().await;
    let sheets = format!("/v1/sessions/{}/attendance-sheets", story.session);
    let sheet = story.marie.post(&sheets, json!({ "blank": true })).await.status(201);
    let done = story.marie.post(&path(&sheet, "replace"), json!({ "reason": "Salle changée" })).await.ok();
    assert_eq!(done["recipients"], json!([]));
    story.app.work().await;
    assert!(story.app.mail.sent().iter().all(|mail| !mail.subject.contains("corrigé")));
    let content = story.marie.get(&path(&done["document"], "content")).await.ok();
    assert_eq!(content["content"]["blank"], true);
}

#[tokio::test]
async fn a_paper_with_versions_of_its_own_is_not_replaced_like_this() {
    let story = training().await;
    story.marie.programme("Nextcloud").await;
    let listed = story.marie.get("/v1/documents?kind=programme").await.ok();
    let replaced = story.marie.post(&path(&listed["items"][0], "replace"), json!({ "reason": "Prix faux" })).await;
    replaced.refused("document.replaced_elsewhere");
}

#[tokio::test]
async fn a_paper_that_was_taken_back_does_not_leave_with_a_mail_that_waits() {
    let story = training().await;
    story.addresses().await;
    let convoked = story.convokes().await;
    // The mails are written, and not sent yet.
    work::run_due(&story.app.app).await.unwrap();
    assert!(story.app.mails_to("zoe@example.org").is_empty());
    for paper in convoked["issued"].as_array().unwrap() {
        story.marie.post(&path(paper, "revoke"), json!({ "reason": "Mauvaise salle" })).await.ok();
    }
    story.app.work().await;
    assert!(story.app.mails_to("zoe@example.org").is_empty());
    let failed = story.marie.call(Method::GET, "/v1/messages?state=failed", None, &[]).await.ok();
    assert!(failed["items"].as_array().unwrap().iter().any(|mail| mail["text"] == "convocation"), "{failed}");
    story.app.done().await;
}
