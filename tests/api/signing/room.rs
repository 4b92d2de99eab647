//! The code of the room and what it is exchanged for, when half-days, clocks and devices get into each other's way.

use clairiere::{platform::access::Ctx, signing::events::Event};
use entity::slot_code;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    training::{Training, training},
    visitor::Visitor,
};

impl Training {
    async fn code_row(&self, slot: usize) -> slot_code::Model {
        let rows = Ctx::operator(&self.app.app).scope().find::<slot_code::Entity>().all().await.unwrap();
        rows.into_iter().find(|row| row.slot_id == self.slots[slot]).unwrap()
    }

    async fn code_becomes(&self, slot: usize, change: impl FnOnce(&mut slot_code::ActiveModel)) {
        let row = self.code_row(slot).await;
        let mut ctx = Ctx::operator(&self.app.app);
        let mut tx = ctx.begin().await.unwrap();
        let event = Event::CodeMade { slot: row.slot_id };
        tx.act(row.activity_id, event.into()).update(row, change).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn typed(&self, slot: usize) -> String {
        let code = self.marie.get(&format!("/v1/slots/{}/code", self.slots[slot])).await.ok();
        code["typed"].as_str().unwrap().to_owned()
    }

    /// Somebody scans the code of this moment.
    async fn scans(&self, phone: &Visitor, slot: usize) -> String {
        phone.sends(&self.scanned(slot).await, &[]).await.leads()
    }

    async fn kept(&self) -> Vec<entity::mark_evidence::Model> {
        Ctx::operator(&self.app.app).scope().find::<entity::mark_evidence::Entity>().all().await.unwrap()
    }
}

/// What the script of a ticket's page sends.
fn declared(who: Uuid, device_at: &str, offline: bool) -> Value {
    json!({
        "who": format!("stagiaire.{who}"), "client_uuid": Uuid::from_u128(7), "typed_name": "Signé",
        "device_at": device_at, "offline": offline
    })
}

#[tokio::test]
async fn wrong_codes_count_by_the_window_and_for_the_half_day() {
    let it = training().await;
    it.app.at("2026-03-03T14:05");
    let phone = it.app.phone();
    it.shows_code(0).await;
    it.code_becomes(0, |edit| edit.number = Set("AAAA".into())).await;
    for _ in 0..3 {
        for _ in 0..20 {
            phone.sends("/presence/code", &[("code", "AAAA-0000")]).await.says_no("n’est pas celui");
        }
        phone.sends("/presence/code", &[("code", "AAAA-0000")]).await.says_no("Trop de codes faux");
        it.app.later(chrono::TimeDelta::minutes(10));
    }
    let right = it.typed(0).await;
    phone.sends("/presence/code", &[("code", &right)]).await.says_no("Trop de codes faux");
}

#[tokio::test]
async fn a_half_day_that_takes_no_code_any_more_hides_no_other() {
    let it = training().await;
    it.app.at("2026-03-03T14:05");
    let phone = it.app.phone();
    it.shows_code(0).await;
    it.shows_code(1).await;
    for slot in [0, 1] {
        it.code_becomes(slot, |edit| edit.number = Set("AAAA".into())).await;
    }
    let (morning, afternoon) = (it.typed(0).await, it.typed(1).await);
    // A right code is a wrong try of neither.
    phone.sends("/presence/code", &[("code", &morning)]).await.leads();
    phone.sends("/presence/code", &[("code", &afternoon)]).await.leads();
    assert_eq!((it.code_row(0).await.wrong_tries, it.code_row(1).await.wrong_tries), (0, 0));
    let window = it.app.clock_now().timestamp().div_euclid(600);
    let full = |edit: &mut slot_code::ActiveModel| {
        edit.wrong_tries = Set(20);
        edit.wrong_window = Set(window);
    };
    for (blocked, other) in [(1, &morning), (0, &afternoon)] {
        it.code_becomes(blocked, full).await;
        it.code_becomes(1 - blocked, |edit| edit.wrong_tries = Set(0)).await;
        let ticket = phone.sends("/presence/code", &[("code", other)]).await.leads();
        phone.opens(&ticket).await.shows("Qui êtes-vous");
        phone.sends("/presence/code", &[("code", "AAAA-0000")]).await.says_no("n’est pas celui");
        assert_eq!(it.code_row(1 - blocked).await.wrong_tries, 1, "it is counted where it still can be");
    }
    phone.sends("/presence/code", &[("code", &morning)]).await.says_no("Trop de codes faux");
    it.code_becomes(1, full).await;
    phone.sends("/presence/code", &[("code", "AAAA-0000")]).await.says_no("Trop de codes faux");
}

#[tokio::test]
async fn what_a_device_says_of_the_time_makes_no_late_signature_timely() {
    let it = training().await;
    it.app.at("2026-03-03T12:20");
    it.shows_code(0).await;
    let phone = it.app.phone();
    let (zoe, paul) = (it.scans(&phone, 0).await, it.scans(&phone, 0).await);
    it.signs(0, "trainer_id", it.trainer, 1).await.ok();
    it.app.at("2026-03-03T12:35");
    it.closes(0, json!({ "gaps": "Plus de réseau dans la salle" })).await.ok();
    it.app.at("2026-03-03T18:00");
    let sent = phone.script(&format!("{zoe}/envoi"), declared(it.zoe, "2026-03-03T11:25:00Z", true)).await.ok();
    assert_eq!(sent["waits"], true);
    let live = it.live(0).await;
    assert_eq!((live["signed"].as_i64(), live["late_marks"][0]["kind"].as_str()), (Some(0), Some("late")));
    assert_eq!(it.attended(it.zoe).await, 0);
    // Said to be signed after the ticket's ten minutes, before it was given, or on a clock that nobody can read.
    for at in ["2026-03-03T11:40:00Z", "2026-03-03T11:10:00Z", "+200000-03-03T11:25:00Z", "hier"] {
        let late = phone.script(&format!("{paul}/envoi"), declared(it.paul, at, true)).await;
        late.refused("signing.ticket_ended");
    }
    assert_eq!(it.kept().await.len(), 2);
}

#[tokio::test]
async fn a_clock_of_an_absurd_year_is_no_reason_to_refuse_and_says_nothing() {
    let it = training().await;
    it.app.at("2026-03-03T09:05");
    it.shows_code(0).await;
    let phone = it.app.phone();
    for (who, at) in
        [(it.zoe, "+200000-01-01T00:00:00Z"), (it.paul, "1970-01-01T00:00:00Z"), (it.ali, "2200-01-01T00:00:00Z")]
    {
        let ticket = it.scans(&phone, 0).await;
        phone.script(&format!("{ticket}/envoi"), declared(who, at, false)).await.ok();
    }
    let kept = it.kept().await;
    assert_eq!(kept.len(), 3);
    for row in kept {
        assert_eq!((row.device_at, row.gap_seconds), (None, None));
    }
    assert_eq!(it.live(0).await["signed"], 3);
    assert_eq!(it.chain(0).await["faults"], json!([]));
}

#[tokio::test]
async fn a_departure_that_is_emptied_when_closing_counts_to_the_end() {
    let it = training().await;
    it.app.at("2026-03-03T09:05");
    let phone = it.app.phone();
    let half = format!("{}/{}", it.day_page(0).await, it.slots[0]);
    for (who, id, act) in [("enrolment_id", it.zoe, 1), ("enrolment_id", it.paul, 2), ("trainer_id", it.trainer, 3)] {
        it.signs(0, who, id, act).await.ok();
    }
    for (who, left) in [(it.zoe, "11:00"), (it.paul, "11:30")] {
        let fields = [("who", who.to_string()), ("arrived", String::new()), ("left", left.to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        phone.sends(&format!("{half}/heure"), &fields).await.leads();
    }
    assert_eq!(it.mark_of(0, it.zoe).await["minutes"], 120);
    it.app.at("2026-03-03T12:31");
    phone.opens(&format!("{half}/cloture")).await.shows("value=\"11:00\"");
    let (zoe, paul) = (format!("left.{}", it.zoe), format!("left.{}", it.paul));
    let fields = [(zoe.as_str(), ""), (paul.as_str(), "11:30"), ("gaps", "Ali n’est pas venu")];
    phone.sends(&format!("{half}/cloture"), &fields).await.leads();
    assert_eq!((it.attended(it.zoe).await, it.attended(it.paul).await), (210, 150));
    let live = it.live(0).await;
    let zoe = live["trainees"].as_array().unwrap().iter().find(|row| row["name"] == "Zoé Lefèvre").unwrap();
    assert_eq!((zoe["presence"].as_str(), zoe["minutes"].as_i64()), (Some("present"), Some(210)));
}
