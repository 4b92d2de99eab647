//! A link is taken back: whoever lost a phone does not know which mail was on it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{training::training, visitor::path_of};

#[tokio::test]
async fn whoever_lost_their_phone_loses_every_link_that_was_on_it() {
    let it = training().await;
    it.addresses().await;
    it.reads_mail_at("Marie", "marie@example.org").await;
    let other = it.namesake(0, true).await;
    it.app.at("2026-03-03T08:10");
    let camille = it.camille().await;
    for _ in 0..2 {
        it.marie.post(&it.signing_links(), json!({ "delivery": "mail" })).await.ok();
        it.app.work().await;
    }
    let zoe = it.sent("zoe@example.org", "/presence/");
    assert_eq!(zoe.len(), 2);
    let by_hand = it.own_page(it.zoe).await;
    let paul = it.sent("paul@example.org", "/presence/")[1].clone();
    let phone = it.app.phone();
    for page in [&zoe[0], &zoe[1], &by_hand, &paul] {
        phone.opens(page).await.shows("Rien à signer maintenant");
    }
    let of = |id: Uuid| format!("/v1/links?object_id={id}");
    let links = camille.get(&of(it.zoe)).await.ok();
    let revoke = format!("/v1/links/{}/revoke", links["items"][0]["id"].as_str().unwrap());
    let revoked = it.marie.post(&revoke, Value::Null).await.ok();
    assert!(revoked["revoked_at"].is_string());
    for page in [&zoe[0], &zoe[1], &by_hand] {
        assert_eq!(phone.opens(page).await.status, 404, "{page}");
    }
    phone.opens(&paul).await.shows("Rien à signer maintenant");
    let newer = it.own_page(it.zoe).await;
    phone.opens(&newer).await.shows("Rien à signer maintenant");
    // A trainer's links of the session too, whichever half-day they were made for; a namesake's stay.
    let days = json!({ "slots": it.slots, "delivery": "answer" });
    let made = it.marie.post(&it.signing_links(), days).await.ok();
    let links = it.marie.get("/v1/links?purpose=run_day").await.ok();
    let all = links["items"].as_array().unwrap();
    let first = all.iter().find(|one| one["trainer_id"] == json!(it.trainer)).unwrap();
    it.marie.post(&format!("/v1/links/{}/revoke", first["id"].as_str().unwrap()), Value::Null).await.ok();
    let (mut stopped, mut standing) = (0, 0);
    for one in made["items"].as_array().unwrap() {
        let link = all.iter().find(|link| link["id"] == one["link_id"]).unwrap();
        let opened = phone.opens(&path_of(one["address"].as_str().unwrap())).await.status;
        let theirs = link["trainer_id"] == json!(other);
        assert_eq!(opened, if theirs { 200 } else { 404 });
        stopped += i32::from(!theirs);
        standing += i32::from(theirs);
    }
    assert_eq!((stopped, standing), (2, 1));
}
