//! What a session lacks: each line names a call that exists, and doing it takes the line away.

use clairiere::{api::methods_of, platform::permission::Role};
use serde_json::{Value, json};

use crate::support::{
    bookings::id,
    commerce::established,
    sessions::{days, room},
    training::training,
};

/// The codes of a list, after a look at each of its calls.
fn codes(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| {
            let (path, method) = (one["path"].as_str().unwrap(), one["method"].as_str().unwrap());
            let there = methods_of(path).unwrap_or_default();
            assert!(there.iter().any(|known| known == method), "{one}: {path} takes {there:?}");
            assert!(!path.contains('{'), "{one} does not say which");
            assert!(!one["why"].as_str().unwrap().is_empty());
            one["code"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn what_a_new_session_lacks_is_done_call_by_call() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let camille = app.staff(Role::CoopTraining).await;
    let programme = marie.programme("Zourit").await;
    let body = json!({ "programme_version_id": programme["current_version_id"], "place": room(), "slots": [] });
    let session = marie.post("/v1/sessions", body).await.status(201);
    let (todo, at) = (format!("/v1/sessions/{}/todo", id(&session)), format!("/v1/sessions/{}", id(&session)));
    let look = async || codes(&marie.get(&todo).await.ok());
    assert_eq!(look().await, ["session.no_slot", "session.no_booking"]);
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let three = days(&["2026-04-06", "2026-04-20", "2026-04-21"], &[]);
    marie.post(&format!("{at}/slots"), json!({ "slots": three })).await.ok();
    let list = marie.get(&todo).await.ok();
    assert_eq!(codes(&list).iter().filter(|code| *code == "session.no_trainer").count(), 6);
    for line in list["items"].as_array().unwrap().iter().filter(|one| one["code"] == "session.no_trainer") {
        marie.put(line["path"].as_str().unwrap(), json!({ "trainers": [zoe] })).await.ok();
    }
    assert_eq!(look().await, ["trainer.not_accredited", "session.no_booking"]);
    let line = marie.get(&todo).await.ok()["items"][0].clone();
    camille.post(line["path"].as_str().unwrap(), json!({ "from": "2026-01-01" })).await.ok();
    assert_eq!(look().await, ["session.no_booking"]);
    marie.booking(&session).await;
    let sold = look().await;
    for code in ["booking.draft", "agreement.missing", "enrolment.none"] {
        assert!(sold.iter().any(|one| one == code), "{code}: {sold:?}");
    }
}

#[tokio::test]
async fn what_an_agreed_training_lacks_leads_to_the_funders_file() {
    let it = training().await;
    let (todo, camille) = (format!("/v1/sessions/{}/todo", it.session), it.camille().await);
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let has = async |code: &str| codes(&it.marie.get(&todo).await.ok()).iter().any(|one| one == code);
    assert!(has("funding.not_filed").await && has("session.not_convoked").await);
    it.convokes().await;
    let path = format!("/v1/funding-files/{}", id(&file));
    it.marie.post(&format!("{path}/file"), json!({ "on": "2026-03-02" })).await.ok();
    assert!(has("funding.no_decision").await && !has("session.not_convoked").await);
    it.marie.post(&format!("{path}/decide"), json!({ "decision": "approved", "on": "2026-03-02" })).await.ok();
    it.app.at("2026-03-03T18:00");
    assert!(has("attendance.open").await);
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    for code in ["certificate.missing", "evaluation.missing", "funding.pieces"] {
        assert!(has(code).await, "{code}");
    }
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    assert!(!has("certificate.missing").await && !has("attendance.open").await);
}

#[tokio::test]
async fn what_waits_for_a_decision_is_on_the_list_until_it_is_taken() {
    let it = training().await;
    let (slot, camille) = (it.slots[0], it.camille().await);
    it.app.at("2026-03-03T12:20");
    let nour = json!({ "first_name": "Nour", "last_name": "Haddad" });
    it.marie.post(&format!("/v1/slots/{slot}/walk-ins"), nour).await.ok();
    let said = json!({ "said": "Zoë Lefebvre" });
    it.marie.post(&format!("/v1/enrolments/{}/name-corrections", it.zoe), said).await.status(201);
    let paul = json!({
        "enrolment_id": it.paul, "presence": "present", "proof": "trainer_statement", "statement": "forgot",
        "reason": "Parti prendre son train",
    });
    it.hold(0, json!([paul, { "enrolment_id": it.ali, "presence": "absent" }])).await;
    let sheets = format!("/v1/sessions/{}/attendance-sheets", it.session);
    it.marie.post(&sheets, json!({ "blank": true })).await.status(201);
    let sheet = it.marie.post(&sheets, json!({ "blank": false })).await.status(201);
    let signs = crate::signing::signature("enrolment_id", it.ali, 3);
    it.marie.post(&format!("/v1/slots/{slot}/signatures"), signs).await.ok();
    let mark = it.marie.get(&format!("/v1/marks?slot_id={slot}&enrolment_id={}", it.zoe)).await.ok();
    let excuse = format!("/v1/marks/{}/excuse", mark["items"][0]["id"].as_str().unwrap());
    it.marie.post(&excuse, json!({ "reason": "Partie malade" })).await.ok();
    let waiting = async || {
        let list = it.marie.get(&format!("/v1/sessions/{}/todo", it.session)).await.ok();
        let of = ["attendance.late_mark", "attendance.unconfirmed", "attendance.walk_in", "enrolment.name_correction"];
        let items = list["items"].as_array().unwrap().clone();
        let waits = |one: &Value| of.iter().any(|code| one["code"] == *code) || one["code"] == "sheet.outdated";
        items.into_iter().filter(waits).collect::<Vec<_>>()
    };
    let list = waiting().await;
    let told: Vec<&str> = list.iter().map(|one| one["what"].as_str().unwrap()).collect();
    for name in ["Ali Benali", "Paul Moreau", "Nour Haddad", "Zoé Lefèvre", sheet["reference"].as_str().unwrap()] {
        assert!(told.iter().any(|what| what.contains(name)), "{name}: {told:?}");
    }
    for line in list {
        let path = line["path"].as_str().unwrap().replace("/attach", "/dismiss");
        let body = match line["code"].as_str().unwrap() {
            "attendance.unconfirmed" => Value::Null,
            "enrolment.name_correction" => json!({ "note": "Nom corrigé" }),
            _ => json!({ "reason": "Vu avec la formatrice" }),
        };
        camille.post(&path, body).await.ok();
    }
    // What was decided may have outdated the sheet once more.
    let left = waiting().await;
    assert!(left.iter().all(|one| one["code"] == "sheet.outdated"), "{left:?}");
}
