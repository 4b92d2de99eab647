//! Brands that the cooperative carries.

use chrono::TimeDelta;
use clairiere::{
    activity,
    platform::{access::Ctx, permission::Role},
};
use serde_json::json;

use crate::support::start;

#[tokio::test]
async fn an_activity_is_opened_called_by_ones_own_name_and_left() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let body = json!({ "name": "Clairière", "opened_on": "2025-01-01", "accent": "#2f6f4f" });
    let path = "/v1/activities/by-external-id/clairiere";
    let made = admin.put(path, body.clone()).await.status(201);
    let again = admin.put(path, body).await.status(200);
    assert_eq!(made["id"], again["id"]);
    let id = made["id"].as_str().unwrap().to_owned();
    let leave = format!("/v1/activities/{id}/leave");
    let early = admin.post(&leave, json!({ "on": "2024-12-31" })).await.invalid("/on");
    let detail = early["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("31 décembre 2024") && detail.contains("1er janvier 2025"), "{detail}");
    let left = admin.post(&leave, json!({ "on": "2026-06-30", "reason": "Création de sa société" })).await.ok();
    assert_eq!(left["left_on"], "2026-06-30");
    admin.post(&leave, json!({ "on": "2026-07-31" })).await.refused("activity.left");
    let ctx = Ctx::operator(&app.app);
    let sells = async |day: &str| activity::still_sells(&ctx.scope(), id.parse().unwrap(), day.parse().unwrap()).await;
    assert!(sells("2026-06-29").await.is_ok());
    assert_eq!(sells("2026-06-30").await.unwrap_err().code(), "activity.left");
}

#[tokio::test]
async fn a_member_reaches_the_activity_between_two_days() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let marie = app.trainer("Marie").await;
    let verger = app.activity("Verger").await;
    let members = format!("/v1/activities/{verger}/members");
    marie.post(&members, json!({ "user_id": marie.user, "valid_from": "2026-01-01" })).await.status(403);
    let backwards = json!({ "user_id": marie.user, "valid_from": "2026-01-01", "valid_to": "2025-12-31" });
    admin.post(&members, backwards).await.invalid("/valid_to");
    let member = json!({ "user_id": marie.user, "valid_from": "2026-01-01" });
    let made = admin.post(&members, member).await.status(201);
    assert_eq!(made["name"], "Marie Martin");
    admin
        .post(&members, json!({ "user_id": marie.user, "valid_from": "2026-02-01" }))
        .await
        .refused("activity.member_overlap");
    marie.get(&members).await.ok();
    admin.post(&format!("{members}/{}/end", made["id"].as_str().unwrap()), json!({ "on": "2026-03-05" })).await.ok();
    marie.get(&members).await.ok();
    app.later(TimeDelta::days(4));
    marie.get(&members).await.status(404);
}
