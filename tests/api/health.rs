//! Health: asked by machines, without a key.

use crate::support::start;

#[tokio::test]
async fn the_service_says_that_it_runs_and_that_it_can_work() {
    let app = start().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/healthz").await.ok()["status"], "ok");
    assert_eq!(nobody.get("/readyz").await.ok()["status"], "ok");
}
