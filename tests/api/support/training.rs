//! A training that is sold and about to begin: what attendance, evaluation and funding start from.

use chrono::{DateTime, Utc};
use clairiere::{
    booking, client, document, enrolment, organisation,
    people::events::Event as Person,
    platform::{access::Ctx, calendar, permission::Role},
    session,
};
use entity as e;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Caller, TestApp, start};

/// A training of two half-days on Tuesday 3 March 2026, sold to an association: two employees and a volunteer.
pub struct Training {
    pub app: TestApp,
    pub marie: Caller,
    pub session: Uuid,
    pub slots: Vec<Uuid>,
    pub trainer: Uuid,
    pub booking: Uuid,
    /// Zoé and Paul are employees, Ali is a volunteer.
    pub zoe: Uuid,
    pub paul: Uuid,
    pub ali: Uuid,
}

/// Uniformation, as it ships with the schema.
pub const UNIFORMATION: &str = "00000000-0000-7000-8000-000000000110";

fn local(day: &str, time: &str) -> DateTime<Utc> {
    calendar::at(day.parse().unwrap(), time.parse().unwrap())
}

/// Four half-days at most: Tuesday, Wednesday.
const HALVES: [(&str, &str, &str, &str); 4] = [
    ("2026-03-03", "morning", "09:00:00", "12:30:00"),
    ("2026-03-03", "afternoon", "14:00:00", "17:30:00"),
    ("2026-03-24", "morning", "09:00:00", "12:30:00"),
    ("2026-03-24", "afternoon", "14:00:00", "17:30:00"),
];

/// The usual one: two half-days.
pub async fn training() -> Training {
    training_of(2).await
}

/// One of so many half-days.
pub async fn training_of(halves: usize) -> Training {
    training_in(start().await, halves).await
}

/// The same, in an application that is there already.
pub async fn training_in(app: TestApp, halves: usize) -> Training {
    let activity = app.activity("Clairière").await;
    let marie = app.user("Marie", Role::Trainer, &[activity]).await;
    let mut ctx = Ctx::operator(&app.app);
    let mut tx = ctx.begin().await.unwrap();
    let since: chrono::NaiveDate = "2024-01-01".parse().unwrap();
    let fact = tx.new_id();
    let mut act = tx.act(None, organisation::events::Event::FactAdded { fact }.into());
    act.insert(e::legal_identity::ActiveModel {
        name: Set("Les Communs".into()),
        legal_form: Set("SCOP SA à capital variable".into()),
        siren: Set("732829320".into()),
        siret: Set("73282932000074".into()),
        rcs_city: Set(Some("Paris".into())),
        address: Set("3 rue de la Clairière".into()),
        postcode: Set("75020".into()),
        city: Set("Paris".into()),
        country: Set("FR".into()),
        valid_from: Set(since),
        ..Default::default()
    })
    .await
    .unwrap();
    act.insert(e::declaration::ActiveModel {
        number: Set("11754370275".into()),
        prefect_region: Set("Île-de-France".into()),
        valid_from: Set(since),
        ..Default::default()
    })
    .await
    .unwrap();
    act.insert(e::signatory::ActiveModel {
        first_name: Set("Claude".into()),
        last_name: Set("Bernard".into()),
        quality: Set("directrice générale".into()),
        legal_representative: Set(true),
        paper_kinds: Set("[]".into()),
        valid_from: Set(since),
        ..Default::default()
    })
    .await
    .unwrap();
    let mut people = vec![];
    for (first, last) in [("Marie", "Durand"), ("Zoé", "Lefèvre"), ("Paul", "Moreau"), ("Ali", "Benali")] {
        let person = tx.new_id();
        let row = tx
            .act(activity, Person::Created { person }.into())
            .insert(e::person::ActiveModel {
                id: Set(person),
                first_name: Set(first.into()),
                birth_name: Set(last.into()),
                search: Set(first.to_lowercase()),
                ..Default::default()
            })
            .await
            .unwrap();
        people.push(row.id);
    }
    let client_id = tx.new_id();
    tx.act(activity, client::events::Event::Created { client: client_id }.into())
        .insert(e::client::ActiveModel {
            id: Set(client_id),
            kind: Set("association".into()),
            name: Set("Les Lilas".into()),
            address: Set("12 rue des Lilas".into()),
            postcode: Set("75020".into()),
            city: Set("Paris".into()),
            country: Set("FR".into()),
            purchase_order_required: Set(false),
            search: Set("lilas".into()),
            ..Default::default()
        })
        .await
        .unwrap();
    let session = tx.new_id();
    let mut act = tx.act(activity, session::events::Event::Planned { session }.into());
    let programme = act
        .insert(e::programme::ActiveModel {
            title: Set("Administrer Zourit".into()),
            state: Set("published".into()),
            current_version: Set(Some(1)),
            draft: Set("{}".into()),
            search: Set("zourit".into()),
            ..Default::default()
        })
        .await
        .unwrap();
    let content = json!({ "title": "Administrer Zourit", "objectives": [
        { "text": "Administrer les comptes et les quotas", "assessment": "mise en situation" },
        { "text": "Partager des fichiers et des agendas", "assessment": "exercice pratique" }
    ] });
    let version = act
        .insert(e::programme_version::ActiveModel {
            programme_id: Set(programme.id),
            number: Set(1),
            content: Set(content.to_string()),
            content_hash: Set("0".into()),
            ..Default::default()
        })
        .await
        .unwrap();
    let trainer = act
        .insert(e::trainer::ActiveModel {
            person_id: Set(people[0]),
            status: Set("entrepreneur_salarie".into()),
            skills: Set("[]".into()),
            diplomas: Set("[]".into()),
            search: Set("marie".into()),
            ..Default::default()
        })
        .await
        .unwrap();
    let days: Vec<chrono::NaiveDate> = HALVES[..halves].iter().map(|half| half.0.parse().unwrap()).collect();
    act.insert(e::session::ActiveModel {
        id: Set(session),
        programme_version_id: Set(version.id),
        reference: Set("SES-2026-0001".into()),
        title: Set("Administrer Zourit".into()),
        state: Set("open".into()),
        kind: Set("training".into()),
        format: Set("intra".into()),
        first_day: Set(days.first().copied()),
        last_day: Set(days.last().copied()),
        search: Set("zourit".into()),
        ..Default::default()
    })
    .await
    .unwrap();
    let mut slots = vec![];
    for (day, half, from, to) in &HALVES[..halves] {
        let slot = act
            .insert(e::session_slot::ActiveModel {
                session_id: Set(session),
                day: Set(day.parse().unwrap()),
                half: Set((*half).into()),
                starts_at: Set(local(day, from)),
                ends_at: Set(local(day, to)),
                break_minutes: Set(0),
                modality: Set("face_to_face".into()),
                state: Set("planned".into()),
                ..Default::default()
            })
            .await
            .unwrap();
        act.insert(e::slot_trainer::ActiveModel {
            slot_id: Set(slot.id),
            trainer_id: Set(trainer.id),
            ..Default::default()
        })
        .await
        .unwrap();
        slots.push(slot.id);
    }
    let booking = tx.new_id();
    let mut act = tx.act(activity, booking::events::Event::Drafted { booking }.into());
    act.insert(e::booking::ActiveModel {
        id: Set(booking),
        session_id: Set(session),
        client_id: Set(client_id),
        programme_version_id: Set(version.id),
        reference: Set("RES-2026-0001".into()),
        state: Set("agreed".into()),
        price_cents: Set(150_000),
        approval: Set("accepted".into()),
        terms: Set("{}".into()),
        start_override: Set(Some("Convention signée, original au courrier.".into())),
        search: Set("lilas".into()),
        ..Default::default()
    })
    .await
    .unwrap();
    let sold = tx.lock::<e::booking::Entity>(booking).await.unwrap();
    let terms = serde_json::to_string(&clairiere::booking::terms_of(&tx.scope(), &sold).await.unwrap()).unwrap();
    tx.act(activity, booking::events::Event::Edited { booking }.into())
        .update(sold, |edit: &mut e::booking::ActiveModel| edit.terms = Set(terms))
        .await
        .unwrap();
    let mut trainees = vec![];
    for (person, status) in people[1..].iter().zip(["employee", "employee", "volunteer"]) {
        let enrolment = tx.new_id();
        tx.act(activity, enrolment::events::Event::Enrolled { enrolment }.into())
            .insert(e::enrolment::ActiveModel {
                id: Set(enrolment),
                booking_id: Set(booking),
                session_id: Set(session),
                person_id: Set(*person),
                status: Set(status.into()),
                state: Set("enrolled".into()),
                all_slots: Set(true),
                search: Set(String::new()),
                ..Default::default()
            })
            .await
            .unwrap();
        trainees.push(enrolment);
    }
    tx.commit().await.unwrap();
    let [zoe, paul, ali] = trainees[..] else { unreachable!("three trainees were enrolled") };
    Training { app, marie, session, slots, trainer: trainer.id, booking, zoe, paul, ali }
}

impl Training {
    /// Somebody of the cooperative who signs certificates and may override.
    pub async fn camille(&self) -> Caller {
        self.app.staff(Role::CoopTraining).await
    }

    /// Everybody present but the exceptions, signed on paper, the trainer too; closed.
    pub async fn hold(&self, slot: usize, exceptions: Value) -> Value {
        let ends = HALVES[slot];
        self.app.at(&format!("{}T{}", ends.0, &ends.3[..5]));
        self.marie.post(&self.attendance(slot), self.half_day(exceptions, true)).await.ok()
    }

    /// Where the presences of a half-day are.
    pub fn attendance(&self, slot: usize) -> String {
        format!("/v1/slots/{}/attendance", self.slots[slot])
    }

    /// The body of a whole half-day.
    pub fn half_day(&self, exceptions: Value, close: bool) -> Value {
        json!({
            "default": "present", "proof": "paper", "exceptions": exceptions,
            "trainers": [{ "trainer_id": self.trainer }], "close": close
        })
    }

    /// A funding file's body: Uniformation, for the two employees.
    pub fn funding(&self, cents: i64) -> Value {
        json!({
            "booking_id": self.booking, "funder_id": UNIFORMATION, "mode": "subrogation", "requested_cents": cents,
            "enrolments": [self.zoe, self.paul]
        })
    }

    /// The current papers of a kind, as rows.
    pub async fn papers(&self, kind: document::Kind, state: &str) -> Vec<entity::document::Model> {
        use sea_orm::ColumnTrait;
        let ctx = Ctx::operator(&self.app.app);
        let all = ctx.scope().find::<entity::document::Entity>();
        let of = all.filter(entity::document::Column::Kind.eq(kind.name()));
        of.filter(entity::document::Column::State.eq(state)).all().await.unwrap()
    }
}
