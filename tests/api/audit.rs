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

#[tokio::test]
async fn changes_are_shown_to_who_may_read_their_table_alone() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let quality = app.staff(Role::CoopQuality).await;
    let marie = app.trainer("Marie").await;
    let zoe = marie.person("Zoé", "Lefèvre").await;
    let person = zoe["id"].as_str().unwrap();
    let needed = serde_json::json!({ "needed": "Une salle calme", "consent_on": "2026-03-02" });
    marie.post(&format!("/v1/people/{person}/adaptations"), needed).await.status(201);
    admin
        .post(
            "/v1/users",
            serde_json::json!({
                "first_name": "Ali", "last_name": "Roux", "email": "ali@example.org", "role": "coop_quality"
            }),
        )
        .await
        .status(201);
    let tables = async |reader: &crate::support::Caller, event: &str| {
        let page = reader.get(&format!("/v1/audit?event={event}")).await.ok();
        let entry = page["items"][0].clone();
        let names: Vec<String> =
            entry["changes"].as_array().unwrap().iter().map(|row| row["table"].as_str().unwrap().into()).collect();
        (names, entry["changes_withheld"].as_u64().unwrap())
    };
    assert_eq!(tables(&admin, "user.created").await, (vec!["user_account".to_owned()], 0));
    assert_eq!(tables(&quality, "user.created").await, (vec![], 1));
    assert_eq!(tables(&quality, "person.created").await, (vec!["person".to_owned()], 0));
    for reader in [&admin, &quality] {
        let all = reader.get("/v1/audit?limit=200").await.ok().to_string();
        assert!(!all.contains("\"table\":\"adaptation\""), "{all}");
    }
}

#[tokio::test]
async fn reading_the_audit_is_in_the_audit_once_a_day_for_what_is_looked_for() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let quality = app.staff(Role::CoopQuality).await;
    for _ in 0..3 {
        quality.get("/v1/audit?event=person.created").await.ok();
    }
    quality.get("/v1/audit/verify").await.ok();
    quality.get("/v1/audit").await.ok();
    app.later(chrono::TimeDelta::days(1));
    quality.get("/v1/audit").await.ok();
    let read = admin.get("/v1/audit?event=audit.read").await.ok();
    let of_quality: Vec<&Value> = read["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["behalf"].as_str().unwrap().contains(&quality.user.to_string()))
        .collect();
    let looked: Vec<&Value> = of_quality.iter().map(|entry| &entry["facts"]["event"]).collect();
    assert_eq!(looked, [&Value::Null, &Value::Null, &Value::from("person.created")]);
    assert_eq!(events(&admin.get("/v1/audit?event=audit.verified").await.ok()), ["audit.verified"]);
    assert_eq!(quality.get("/v1/audit/verify").await.ok()["faults"], serde_json::json!([]));
}
