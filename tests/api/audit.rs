//! The audit: read within reach, verified as a whole; jobs seen and revived by the administrators.

use clairiere::{mail::SendError, platform::permission::Role};
use serde_json::Value;

use crate::support::{start, training::training};

fn events(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().filter_map(|entry| entry["event"].as_str()).collect()
}

#[tokio::test]
async fn who_did_what_is_read_newest_first_and_page_by_page() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let quality = app.staff(Role::CoopQuality).await;
    let zoe = marie.person("Zoé", "Lefèvre").await;
    let path = format!("/v1/people/{}", zoe["id"].as_str().unwrap());
    marie.patch(&path, serde_json::json!({ "phone": "+33123456789" })).await.ok();
    let asked = format!("/v1/audit?subject_id={}", zoe["id"].as_str().unwrap());
    let all = quality.get(&asked).await.ok();
    assert_eq!(events(&all), ["person.changed", "person.created"]);
    assert_eq!(all["items"][0]["changes"][0]["changed"]["phone"][1], "+33123456789");
    let first = quality.get(&format!("{asked}&limit=1")).await.ok();
    let second = quality.get(&format!("{asked}&limit=1&after={}", first["next"].as_str().unwrap())).await.ok();
    assert_eq!((events(&first), events(&second)), (vec!["person.changed"], vec!["person.created"]));
    assert!(second["next"].is_null());
    assert_eq!(events(&quality.get(&format!("{asked}&event=person.created")).await.ok()), ["person.created"]);
    marie.get(&asked).await.status(403);
    let report = quality.get("/v1/audit/verify").await.ok();
    assert_eq!(report["faults"], serde_json::json!([]));
    assert!(report["entries"].as_u64().unwrap() >= 2);
}

#[tokio::test]
async fn a_job_that_was_given_up_is_seen_and_revived() {
    let story = training().await;
    let app = &story.app;
    story.addresses().await;
    app.work().await;
    app.mail.fail_with(Some(SendError::permanent("550 unknown mailbox")));
    story.convokes().await;
    app.work().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let dead = admin.get("/v1/jobs?state=dead").await.ok();
    let job = &dead["items"][0];
    assert_eq!((job["kind"].as_str(), job["last_error"].as_str()), (Some("send"), Some("550 unknown mailbox")));
    let failed = story.marie.get("/v1/messages?state=failed").await.ok();
    assert_eq!(failed["items"][0]["error"], "550 unknown mailbox");
    let revive = format!("/v1/jobs/{}/revive", job["id"].as_str().unwrap());
    assert_eq!(admin.post(&revive, Value::Null).await.ok()["state"], "ready");
    admin.post(&revive, Value::Null).await.refused("job.state");
    story.marie.get("/v1/jobs").await.status(403);
}
