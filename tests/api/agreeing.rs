//! Whatever happens to half-days, in whatever order: what stands on current papers is what is counted.

use clairiere::{attendance, document::Kind};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    signing::signature,
    support::{
        Caller,
        training::{Training, training},
    },
};

/// Something that somebody does about a half-day.
#[derive(Debug, Clone)]
enum Step {
    Sign(usize, usize),
    SignTrainer(usize),
    Record(usize),
    State(usize, usize),
    Confirm(usize, usize),
    Times(usize, usize, i64),
    Excuse(usize, usize),
    Amend(usize, usize, i32),
    Close(usize),
    Reopen(usize),
    Decide(usize, bool),
    Papers,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (slot, who) = (0..2_usize, 0..3_usize);
    let one = prop_oneof![
        4 => (slot.clone(), who.clone()).prop_map(|(slot, who)| Step::Sign(slot, who)),
        2 => slot.clone().prop_map(Step::SignTrainer),
        2 => slot.clone().prop_map(Step::Record),
        1 => (slot.clone(), who.clone()).prop_map(|(slot, who)| Step::State(slot, who)),
        1 => (slot.clone(), who.clone()).prop_map(|(slot, who)| Step::Confirm(slot, who)),
        1 => (slot.clone(), who.clone(), 1..200_i64).prop_map(|(slot, who, late)| Step::Times(slot, who, late)),
        1 => (slot.clone(), who.clone()).prop_map(|(slot, who)| Step::Excuse(slot, who)),
        2 => (slot.clone(), who, 1..210_i32).prop_map(|(slot, who, minutes)| Step::Amend(slot, who, minutes)),
        4 => slot.clone().prop_map(Step::Close),
        1 => slot.clone().prop_map(Step::Reopen),
        2 => (slot, any::<bool>()).prop_map(|(slot, accept)| Step::Decide(slot, accept)),
        3 => Just(Step::Papers),
    ];
    proptest::collection::vec(one, 12..32)
}

/// Somebody does it, or is refused: never is anything broken.
async fn take(it: &Training, camille: &Caller, act: u128, step: &Step) {
    let people = [it.zoe, it.paul, it.ali];
    let of_slot = |slot: usize, what: &str| format!("/v1/slots/{}/{what}", it.slots[slot]);
    let mark = async |slot: usize, who: usize, what: &str| {
        let path = format!("/v1/marks?slot_id={}&enrolment_id={}", it.slots[slot], people[who]);
        let found = it.marie.get(&path).await.ok()["items"][0]["id"].clone();
        found.as_str().map(|id| format!("/v1/marks/{id}/{what}"))
    };
    let asked: Option<(String, Value)> = match step {
        Step::Sign(slot, who) => Some((of_slot(*slot, "signatures"), signature("enrolment_id", people[*who], act))),
        Step::SignTrainer(slot) => Some((of_slot(*slot, "signatures"), signature("trainer_id", it.trainer, act))),
        Step::Record(slot) => {
            let all = json!({ "proof": "paper", "trainers": [{ "trainer_id": it.trainer }] });
            Some((of_slot(*slot, "attendance"), all))
        }
        Step::State(slot, who) => {
            let line = json!({ "enrolment_id": people[*who], "presence": "present", "proof": "trainer_statement",
                               "statement": "forgot", "reason": "Partie en courant" });
            Some((of_slot(*slot, "amend"), json!({ "lines": [line], "reason": "Elle était là" })))
        }
        Step::Confirm(slot, who) => mark(*slot, *who, "confirm").await.map(|path| (path, Value::Null)),
        Step::Times(slot, who, late) => {
            let starts: chrono::DateTime<chrono::Utc> =
                if *slot == 0 { "2026-03-03T08:00:00Z" } else { "2026-03-03T13:00:00Z" }.parse().unwrap();
            let arrived = starts + chrono::TimeDelta::minutes(*late);
            let times = json!({ "enrolment_id": people[*who], "arrived_at": arrived, "left_at": null });
            Some((of_slot(*slot, "times"), times))
        }
        Step::Excuse(slot, who) => {
            mark(*slot, *who, "excuse").await.map(|path| (path, json!({ "reason": "Rendez-vous médical" })))
        }
        Step::Amend(slot, who, minutes) => {
            let body =
                json!({ "presence": "partial", "minutes": minutes, "proof": "paper", "reason": "Arrivée tardive" });
            mark(*slot, *who, "amend").await.map(|path| (path, body))
        }
        Step::Close(slot) => Some((of_slot(*slot, "close"), json!({ "gaps": "Partis sans signer" }))),
        Step::Reopen(slot) => Some((of_slot(*slot, "reopen"), json!({ "reason": "Erreur de saisie" }))),
        Step::Decide(slot, accept) => {
            let waiting = it.marie.get(&of_slot(*slot, "live")).await.ok()["late_marks"][0]["id"].clone();
            let what = if *accept { "accept" } else { "refuse" };
            waiting.as_str().map(|id| (format!("/v1/late-marks/{id}/{what}"), json!({ "reason": "Vu en salle" })))
        }
        Step::Papers => {
            // Made now, or the one that says the same already.
            it.marie.post(&format!("/v1/sessions/{}/attendance-sheets", it.session), json!({})).await.ok();
            Some((format!("/v1/sessions/{}/certificates", it.session), json!({})))
        }
    };
    if let Some((path, body)) = asked {
        let answer = camille.post(&path, body).await;
        assert!(matches!(answer.status, 200 | 201 | 409 | 422), "{step:?}: {answer:?}");
    }
}

/// What is counted, by trainee: the attendance of the session.
async fn counted(it: &Training) -> Vec<(Uuid, String, i64)> {
    let matrix = it.marie.get(&format!("/v1/sessions/{}/attendance", it.session)).await.ok();
    let row = |row: &Value| {
        let id = row["enrolment_id"].as_str().unwrap().parse().unwrap();
        (id, row["name"].as_str().unwrap().to_owned(), row["attended_minutes"].as_i64().unwrap())
    };
    matrix["trainees"].as_array().unwrap().iter().map(row).collect()
}

async fn agree(it: &Training, file: &str, after: &Step) {
    let all = counted(it).await;
    for paper in it.papers(Kind::AttendanceSheet, "current").await {
        let sheet: attendance::sheet::Content = serde_json::from_str(&paper.content).unwrap();
        for (_, name, minutes) in &all {
            let row = sheet.trainees.iter().find(|row| row.name == *name).unwrap();
            let cells: i32 = row
                .cells
                .iter()
                .map(|cell| match cell {
                    attendance::sheet::Cell::Marked { minutes, .. } => minutes.0,
                    _ => 0,
                })
                .sum();
            assert_eq!(
                (i64::from(cells), row.attended.map(|all| i64::from(all.0))),
                (*minutes, Some(*minutes)),
                "{after:?}: {name}"
            );
        }
    }
    for paper in it.papers(Kind::Certificate, "current").await {
        let content: Value = serde_json::from_str(&paper.content).unwrap();
        let (_, name, minutes) = all.iter().find(|(id, ..)| paper.enrolment_id == Some(*id)).unwrap();
        assert_eq!(content["attended"].as_i64(), Some(*minutes), "{after:?}: {name}");
    }
    let file = it.marie.get(&format!("/v1/funding-files/{file}")).await.ok();
    for covered in file["trainees"].as_array().unwrap() {
        let (.., minutes) = all.iter().find(|(id, ..)| covered["enrolment_id"] == json!(id)).unwrap();
        assert_eq!(covered["attended_minutes"].as_i64(), Some(*minutes), "{after:?}");
    }
}

async fn live_through(steps: &[Step]) {
    let it = training().await;
    let camille = it.camille().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let file = file["id"].as_str().unwrap().to_owned();
    it.app.at("2026-03-03T18:00");
    for (act, step) in (1..).zip(steps) {
        take(&it, &camille, act, step).await;
        agree(&it, &file, step).await;
    }
    it.app.work().await;
    agree(&it, &file, &Step::Papers).await;
    for slot in &it.slots {
        let chain = it.marie.get(&format!("/v1/slots/{slot}/chain")).await.ok();
        assert_eq!(chain["faults"], json!([]), "{steps:?}");
    }
}

#[test]
fn current_papers_say_what_is_counted_whatever_happened() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        runtime.block_on(live_through(&steps));
    });
}
