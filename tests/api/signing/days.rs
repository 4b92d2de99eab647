//! The link of a trainer's day: whose it is, and what it opens once somebody else teaches.

use clairiere::{platform::access::Ctx, session::events::Event};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    training::{Training, training},
    visitor::path_of,
};

impl Training {
    /// The pages of this kind that were sent to somebody, oldest first.
    pub(super) fn sent(&self, address: &str, kind: &str) -> Vec<String> {
        let mails = self.app.mails_to(address);
        let words = mails.iter().filter_map(|mail| mail.text.split_whitespace().find(|word| word.contains(kind)));
        words.map(path_of).collect()
    }

    /// A trainer of the same name as Marie, who teaches this half-day beside her, or in her place.
    pub(super) async fn namesake(&self, slot: usize, beside: bool) -> Uuid {
        let mut ctx = Ctx::operator(&self.app.app);
        let marie = ctx.scope().get::<entity::trainer::Entity>(self.trainer).await.unwrap();
        let person = ctx.scope().get::<entity::person::Entity>(marie.person_id).await.unwrap();
        let mut tx = ctx.begin().await.unwrap();
        let event = Event::TrainerChanged { session: self.session, slot: self.slots[slot] };
        let mut act = tx.act(person.activity_id, event.into());
        let person = act
            .insert(entity::person::ActiveModel {
                first_name: Set(person.first_name),
                birth_name: Set(person.birth_name),
                email: Set(Some(format!("autre-{slot}@example.org"))),
                search: Set("marie".into()),
                ..Default::default()
            })
            .await
            .unwrap();
        let trainer = act
            .insert(entity::trainer::ActiveModel {
                person_id: Set(person.id),
                status: Set("entrepreneur_salarie".into()),
                skills: Set("[]".into()),
                diplomas: Set("[]".into()),
                search: Set("marie".into()),
                ..Default::default()
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.teaches(slot, trainer.id, beside).await;
        trainer.id
    }

    /// Another session of the activity, with a half-day of the same trainer on the same afternoon: the half-day.
    async fn elsewhere(&self) -> Uuid {
        let mut ctx = Ctx::operator(&self.app.app);
        let (session, slot) = {
            let scope = ctx.scope();
            let session = scope.get::<entity::session::Entity>(self.session).await.unwrap();
            (session, scope.get::<entity::session_slot::Entity>(self.slots[1]).await.unwrap())
        };
        let mut tx = ctx.begin().await.unwrap();
        let other = tx.new_id();
        let mut act = tx.act(session.activity_id, Event::Planned { session: other }.into());
        act.insert(entity::session::ActiveModel {
            id: Set(other),
            programme_version_id: Set(session.programme_version_id),
            reference: Set("SES-2026-0002".into()),
            title: Set("Animer une réunion".into()),
            state: Set(session.state),
            kind: Set(session.kind),
            format: Set(session.format),
            first_day: Set(Some(slot.day)),
            last_day: Set(Some(slot.day)),
            search: Set("réunion".into()),
            ..Default::default()
        })
        .await
        .unwrap();
        let half = act
            .insert(entity::session_slot::ActiveModel {
                session_id: Set(other),
                day: Set(slot.day),
                half: Set(slot.half),
                starts_at: Set(slot.starts_at),
                ends_at: Set(slot.ends_at),
                break_minutes: Set(0),
                modality: Set(slot.modality),
                state: Set(slot.state),
                ..Default::default()
            })
            .await
            .unwrap();
        act.insert(entity::slot_trainer::ActiveModel {
            slot_id: Set(half.id),
            trainer_id: Set(self.trainer),
            ..Default::default()
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        half.id
    }

    /// A trainer teaches a half-day beside whoever does, or in their place.
    pub(super) async fn teaches(&self, slot: usize, trainer: Uuid, beside: bool) {
        let mut ctx = Ctx::operator(&self.app.app);
        let slot = ctx.scope().get::<entity::session_slot::Entity>(self.slots[slot]).await.unwrap();
        let rows = ctx.scope().find::<entity::slot_trainer::Entity>();
        let row = rows.filter(entity::slot_trainer::Column::SlotId.eq(slot.id)).one().await.unwrap().unwrap();
        let mut tx = ctx.begin().await.unwrap();
        let event = Event::TrainerChanged { session: self.session, slot: slot.id };
        let mut act = tx.act(slot.activity_id, event.into());
        if beside {
            let new = entity::slot_trainer::ActiveModel {
                slot_id: Set(slot.id),
                trainer_id: Set(trainer),
                ..Default::default()
            };
            act.insert(new).await.unwrap();
        } else {
            let change = |edit: &mut entity::slot_trainer::ActiveModel| edit.trainer_id = Set(trainer);
            act.update(row, change).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_namesake_has_a_day_of_their_own() {
    let it = training().await;
    // Two of the same name in the morning; one of them alone in the afternoon.
    let other = it.namesake(0, true).await;
    it.teaches(1, other, false).await;
    it.app.at("2026-03-03T09:10");
    let asked = json!({ "slots": [it.slots[0]], "delivery": "answer" });
    let made = it.marie.post(&it.signing_links(), asked).await.ok();
    let phone = it.app.phone();
    let mut afternoons = 0;
    for one in made["items"].as_array().unwrap() {
        let link = it.marie.get(&format!("/v1/links/{}", one["link_id"].as_str().unwrap())).await.ok();
        let page = path_of(one["address"].as_str().unwrap());
        let shown = phone.opens(&page).await.shows("mardi 3 mars 2026, matin");
        let theirs = link["trainer_id"] == json!(other);
        assert_eq!(shown.contains("après-midi"), theirs, "{link}: {shown}");
        let half = phone.opens(&format!("{page}/{}", it.slots[1])).await;
        assert_eq!(half.status, if theirs { 200 } else { 404 });
        afternoons += i32::from(theirs);
    }
    assert_eq!((made["items"].as_array().unwrap().len(), afternoons), (2, 1));
}

#[tokio::test]
async fn the_link_of_a_trainer_who_was_replaced_opens_nothing_any_more() {
    let it = training().await;
    it.reads_mail_at("Marie", "marie@example.org").await;
    it.app.at("2026-03-03T08:10");
    let asked = json!({ "slots": [it.slots[0]], "delivery": "mail" });
    it.marie.post(&it.signing_links(), asked.clone()).await.ok();
    it.app.work().await;
    let phone = it.app.phone();
    let marie = it.sent("marie@example.org", "/journee/")[0].clone();
    let half = format!("{marie}/{}", it.slots[0]);
    phone.opens(&half).await.shows("0 sur 3 ont signé");
    // Replaced in the morning, Marie keeps her afternoon; replaced in both, nothing.
    let other = it.namesake(0, false).await;
    assert_eq!(phone.opens(&half).await.status, 404);
    phone.opens(&marie).await.shows("après-midi");
    it.teaches(1, other, false).await;
    for path in
        [marie.clone(), half.clone(), format!("{half}/signer"), format!("{half}/code"), format!("{half}/cloture")]
    {
        assert_eq!(phone.opens(&path).await.status, 404, "{path}");
    }
    let opened = phone.sends(&format!("{half}/ouvrir"), &[]).await;
    assert_eq!((opened.status, opened.page()), (404, phone.opens("/journee/inconnu").await.page()));
    // Whoever replaces her, of the same name, has a link of their own.
    it.marie.post(&it.signing_links(), asked).await.ok();
    it.app.work().await;
    let theirs = it.sent("autre-0@example.org", "/journee/")[0].clone();
    phone.opens(&theirs).await.shows("après-midi");
    assert_eq!(phone.opens(&marie).await.status, 404);
    it.app.done().await;
}

/// Taking back the links of a session that were on a lost phone leaves none that opens its half-days.
#[tokio::test]
async fn the_link_of_a_day_opens_nothing_of_another_session() {
    let it = training().await;
    let elsewhere = it.elsewhere().await;
    it.app.at("2026-03-03T14:05");
    let phone = it.app.phone();
    let page = it.day_page(1).await;
    let shown = phone.opens(&page).await.shows("après-midi");
    assert!(shown.contains(&it.slots[1].to_string()) && !shown.contains(&elsewhere.to_string()), "{shown}");
    let half = format!("{page}/{elsewhere}");
    for path in [half.clone(), format!("{half}/signer"), format!("{half}/code"), format!("{half}/cloture")] {
        assert_eq!(phone.opens(&path).await.status, 404, "{path}");
    }
    assert_eq!(phone.sends(&format!("{half}/ouvrir"), &[]).await.status, 404);
    let ticket = phone.script(&format!("{page}/billet"), json!({ "slot": elsewhere })).await;
    assert_eq!(ticket.status, 404);
}
