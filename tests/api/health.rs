//! Health: asked by machines, without a key.

use crate::support::{Caller, start};

#[tokio::test]
async fn the_service_says_that_it_runs_and_that_it_can_work() {
    let app = start().await;
    let nobody = Caller { key: String::new(), user: uuid::Uuid::nil(), route: app.route.clone() };
    assert_eq!(nobody.get("/healthz").await.ok()["status"], "ok");
    assert_eq!(nobody.get("/readyz").await.ok()["status"], "ok");
}
