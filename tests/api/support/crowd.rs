//! A crowd: a session of many trainees and half-days, all of them closed, written at once.

use chrono::{Days, NaiveDate};
use clairiere::{
    attendance, booking, client, enrolment,
    people::events::Event as Person,
    platform::{access::Ctx, calendar},
    session,
};
use entity as e;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::training::{Training, training};

/// A training that so many more people follow, each sent by a client of their own, on so many half-days at a distance;
/// everybody was there on each of them, and all are closed.
pub async fn crowd(heads: usize, halves: usize) -> Training {
    let mut it = training().await;
    let mut ctx = Ctx::operator(&it.app.app);
    let mut tx = ctx.begin().await.unwrap();
    let sold = tx.scope().get::<e::booking::Entity>(it.booking).await.unwrap();
    let activity = sold.activity_id;
    let buyer = tx.scope().get::<e::client::Entity>(sold.client_id).await.unwrap();
    let ids = |count: usize| (0..count).map(|_| tx.new_id()).collect::<Vec<Uuid>>();
    let (people, clients, bookings, enrolments, slots) = (ids(heads), ids(heads), ids(heads), ids(heads), ids(halves));
    let each = || 0..heads;
    let rows = each().map(|n| e::person::ActiveModel {
        id: Set(people[n]),
        first_name: Set(format!("Ana{n}")),
        birth_name: Set("Rey".into()),
        email: Set(Some(format!("ana{n}@example.org"))),
        search: Set(String::new()),
        ..Default::default()
    });
    tx.act(activity, Person::Created { person: it.zoe }.into()).insert_all(rows.collect()).await.unwrap();
    let rows = each().map(|n| e::client::ActiveModel {
        id: Set(clients[n]),
        kind: Set(buyer.kind.clone()),
        name: Set(format!("Client {n}")),
        address: Set(buyer.address.clone()),
        postcode: Set(buyer.postcode.clone()),
        city: Set(buyer.city.clone()),
        country: Set(buyer.country.clone()),
        purchase_order_required: Set(false),
        search: Set(String::new()),
        ..Default::default()
    });
    let event = client::events::Event::Created { client: buyer.id };
    tx.act(activity, event.into()).insert_all(rows.collect()).await.unwrap();
    let rows = each().map(|n| e::booking::ActiveModel {
        id: Set(bookings[n]),
        session_id: Set(it.session),
        client_id: Set(clients[n]),
        programme_version_id: Set(sold.programme_version_id),
        reference: Set(format!("RES-2026-1{n:03}")),
        state: Set("agreed".into()),
        price_cents: Set(30_000),
        approval: Set("accepted".into()),
        terms: Set(sold.terms.clone()),
        search: Set(String::new()),
        ..Default::default()
    });
    let event = booking::events::Event::Drafted { booking: it.booking };
    tx.act(activity, event.into()).insert_all(rows.collect()).await.unwrap();
    let rows = each().map(|n| e::enrolment::ActiveModel {
        id: Set(enrolments[n]),
        booking_id: Set(bookings[n]),
        session_id: Set(it.session),
        person_id: Set(people[n]),
        status: Set("employee".into()),
        state: Set("started".into()),
        all_slots: Set(true),
        search: Set(String::new()),
        ..Default::default()
    });
    let event = enrolment::events::Event::Started { enrolment: it.zoe };
    tx.act(activity, event.into()).insert_all(rows.collect()).await.unwrap();
    let first: NaiveDate = "2026-03-04".parse().unwrap();
    let rows = slots.iter().enumerate().map(|(n, slot)| {
        let (day, morning) = (first + Days::new(n as u64 / 2), n % 2 == 0);
        let (half, from, to) = if morning { ("morning", 9, 12) } else { ("afternoon", 14, 17) };
        let at = |hour: u32| calendar::at(day, chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
        e::session_slot::ActiveModel {
            id: Set(*slot),
            session_id: Set(it.session),
            day: Set(day),
            half: Set(half.into()),
            starts_at: Set(at(from)),
            ends_at: Set(at(to)),
            break_minutes: Set(0),
            modality: Set("distance".into()),
            state: Set("held".into()),
            ..Default::default()
        }
    });
    let event = session::events::Event::Changed { session: it.session };
    tx.act(activity, event.into()).insert_all(rows.collect()).await.unwrap();
    let now = tx.now();
    let everybody: Vec<Uuid> = enrolments.iter().copied().chain([it.zoe, it.paul, it.ali]).collect();
    let all: Vec<Uuid> = slots.iter().copied().chain(it.slots.iter().copied()).collect();
    for slot in &all {
        let event = || attendance::events::Event::Recorded { slot: *slot, session: it.session };
        let sheet = e::attendance_sheet::ActiveModel {
            slot_id: Set(*slot),
            state: Set("closed".into()),
            closed_at: Set(Some(now)),
            closed_by: Set(Some("Marie Martin".into())),
            ..Default::default()
        };
        tx.act(activity, event().into()).insert(sheet).await.unwrap();
        let marks = everybody.iter().map(|enrolment| e::mark::ActiveModel {
            slot_id: Set(*slot),
            enrolment_id: Set(*enrolment),
            presence: Set("present".into()),
            minutes: Set(180),
            proof: Set("paper".into()),
            recorded_by: Set("Marie Martin".into()),
            recorded_at: Set(now),
            ..Default::default()
        });
        tx.act(activity, event().into()).insert_all(marks.collect()).await.unwrap();
    }
    let held = tx.scope().find::<e::session_slot::Entity>().filter(e::session_slot::Column::Id.is_in(it.slots.clone()));
    for slot in held.all().await.unwrap() {
        let event = session::events::Event::SlotChanged { session: it.session, slot: slot.id };
        tx.act(activity, event.into())
            .update(slot, |edit: &mut e::session_slot::ActiveModel| edit.state = Set("held".into()))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    it.slots.extend(slots);
    it
}
