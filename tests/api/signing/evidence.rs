//! What is kept of a signature: what is unusual about it is shown, what retention erases says so.

use chrono::TimeDelta;
use clairiere::{attendance, platform::access::Ctx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::signature;
use crate::support::training::{Training, training};

#[tokio::test]
async fn what_is_unusual_is_shown_and_blocks_nothing() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    let path = format!("/v1/slots/{}/signatures", it.slots[0]);
    let mut ctx = Ctx::operator(&it.app.app);
    for (who, act) in [(it.zoe, 1_u128), (it.paul, 2)] {
        let mut tx = ctx.begin().await.unwrap();
        let signing = attendance::Signing {
            slot: it.slots[0],
            who: attendance::Who::Trainee(who),
            means: attendance::Means::RotatingCodeDeclared,
            picture: None,
            typed_name: Some("signé".into()),
            consent: "Je certifie ma présence.".into(),
            client_uuid: Uuid::from_u128(act),
            device_at: Some(it.app.clock_now() - TimeDelta::days(2)),
            ip: None,
            user_agent: None,
            device: Some("le même téléphone".into()),
            offline: false,
            paper_reference: None,
        };
        attendance::sign(&mut tx, signing).await.unwrap();
        tx.commit().await.unwrap();
    }
    it.marie.post(&path, signature("enrolment_id", it.ali, 3)).await.ok();
    let live = it.live(0).await;
    let kinds: Vec<&str> =
        live["signals"].as_array().unwrap().iter().filter_map(|signal| signal["kind"].as_str()).collect();
    assert_eq!(kinds, ["same_device", "clock_gap", "clock_gap"]);
    assert_eq!(live["signals"][0]["names"].as_array().unwrap().len(), 2);
    let evidence = it.mark_of(0, it.zoe).await["id"].clone();
    let record = it.marie.get(&format!("/v1/marks/{}/evidence", evidence.as_str().unwrap())).await.ok();
    assert_eq!(record["evidence"][0]["means"], "rotating_code_declared");
    assert_eq!(record["evidence"][0]["gap_seconds"], 172_800);
}

#[tokio::test]
async fn what_retention_erased_says_so_and_still_verifies() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    let mark = it.mark_of(0, it.zoe).await;
    let record = format!("/v1/marks/{}/evidence", mark["id"].as_str().unwrap());
    let before = it.marie.get(&record).await.ok()["evidence"][0].clone();
    assert_eq!(before["network"]["device"], "tablette de Marie");
    assert_eq!(attendance::forget_networks(&mut Ctx::operator(&it.app.app)).await.unwrap(), 0);
    it.app.at("2027-03-04T10:00");
    assert_eq!(attendance::forget_networks(&mut Ctx::operator(&it.app.app)).await.unwrap(), 1);
    let after = it.marie.get(&record).await.ok()["evidence"][0].clone();
    assert_eq!(after["network"]["state"], "effacées le 4 mars 2027");
    assert_eq!(after["network"]["device"], Value::Null);
    assert_eq!((after["digest"].clone(), after["verifies"].as_bool()), (before["digest"].clone(), Some(true)));
    assert_eq!(it.chain(0).await["faults"], json!([]));
    let report = clairiere::operate::verify_all(&it.app.app, false).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    // Erased by somebody else: no erasure says so.
    it.signs_again_and_is_robbed().await;
}

impl Training {
    async fn signs_again_and_is_robbed(&self) {
        use sea_orm::{ConnectionTrait, Statement};
        let db = &self.app.app.db;
        let sql = "UPDATE mark_evidence SET network_erased_at = NULL";
        db.writer().execute_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
        let faults = self.chain(0).await["faults"].to_string();
        assert!(faults.contains("no erasure says so") && faults.contains("was altered"), "{faults}");
    }
}
