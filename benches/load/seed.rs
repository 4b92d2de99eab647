//! What is there before the load: half-days of today that are open, their trainees, and a personal link for each.

use std::path::Path;

use chrono::TimeDelta;
use clairiere::{
    activity::{self, NewActivity},
    booking, client,
    config::Settings,
    enrolment, link,
    people::events::Event as Person,
    platform::{
        access::Ctx,
        calendar,
        clock::{Clock, MachineClock, RandomIds},
        schema,
        tx::Tx,
    },
    session, start,
};
use entity as e;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

/// A trainee who is about to sign.
#[derive(Clone)]
pub struct Seat {
    /// The path of their page.
    pub path: String,
    /// The half-day.
    pub slot: Uuid,
    /// The act that their phone will send.
    pub act: Uuid,
    /// What they draw.
    pub picture: String,
}

/// Migrate, and fill; the trainees of all half-days.
pub async fn fill(url: &str, files: &Path, halves: usize, heads: usize) -> Vec<Seat> {
    schema::migrate(url, &RandomIds, MachineClock.now()).await.expect("the database can be migrated");
    let settings = Settings { database_url: url.to_owned(), files_dir: files.to_owned(), ..Settings::default() };
    let app = start::app(settings).await.expect("the application starts");
    let mut ctx = Ctx::operator(&app);
    let mut tx = ctx.begin().await.expect("the database takes a transaction");
    let input = NewActivity {
        external_id: None,
        name: "Clairière".into(),
        description: None,
        email: None,
        phone: None,
        website: None,
        accent: None,
        opened_on: "2024-01-01".parse().expect("a day"),
    };
    let activity = activity::open(&mut tx, input).await.expect("the activity opens").id;
    let sold = sold(&mut tx, activity).await;
    tx.commit().await.expect("the database commits");
    let mut seats = vec![];
    for number in 0..halves {
        let mut tx = ctx.begin().await.expect("the database takes a transaction");
        seats.extend(half(&mut tx, activity, &sold, number, heads).await);
        tx.commit().await.expect("the database commits");
    }
    app.db.close().await.expect("the database closes");
    seats
}

/// What every session is sold of, and to whom.
struct Sold {
    version: Uuid,
    client: Uuid,
    trainer: Uuid,
}

async fn sold(tx: &mut Tx<'_>, activity: Uuid) -> Sold {
    let (person, id) = (tx.new_id(), tx.new_id());
    let mut act = tx.act(activity, Person::Created { person }.into());
    act.insert(e::person::ActiveModel {
        id: Set(person),
        first_name: Set("Marie".into()),
        birth_name: Set("Martin".into()),
        search: Set(String::new()),
        ..Default::default()
    })
    .await
    .expect("a trainer is somebody");
    let trainer = act
        .insert(e::trainer::ActiveModel {
            person_id: Set(person),
            status: Set("entrepreneur_salarie".into()),
            skills: Set("[]".into()),
            diplomas: Set("[]".into()),
            search: Set(String::new()),
            ..Default::default()
        })
        .await
        .expect("a trainer");
    let programme = act
        .insert(e::programme::ActiveModel {
            title: Set("Administrer Zourit".into()),
            state: Set("published".into()),
            draft: Set("{}".into()),
            search: Set(String::new()),
            ..Default::default()
        })
        .await
        .expect("a programme");
    let version = act
        .insert(e::programme_version::ActiveModel {
            programme_id: Set(programme.id),
            number: Set(1),
            content: Set(r#"{"title":"Administrer Zourit"}"#.into()),
            content_hash: Set("0".into()),
            ..Default::default()
        })
        .await
        .expect("a version");
    tx.act(activity, client::events::Event::Created { client: id }.into())
        .insert(e::client::ActiveModel {
            id: Set(id),
            kind: Set("association".into()),
            name: Set("Les Lilas".into()),
            address: Set("12 rue des Lilas".into()),
            postcode: Set("75020".into()),
            city: Set("Paris".into()),
            country: Set("FR".into()),
            purchase_order_required: Set(false),
            search: Set(String::new()),
            ..Default::default()
        })
        .await
        .expect("a client");
    Sold { version: version.id, client: id, trainer: trainer.id }
}

/// A session of one half-day that runs now, and its trainees.
async fn half(tx: &mut Tx<'_>, activity: Uuid, sold: &Sold, number: usize, heads: usize) -> Vec<Seat> {
    let (now, session) = (tx.now(), tx.new_id());
    let day = calendar::local_day(now);
    let mut act = tx.act(activity, session::events::Event::Planned { session }.into());
    act.insert(e::session::ActiveModel {
        id: Set(session),
        programme_version_id: Set(sold.version),
        reference: Set(format!("SES-{number:04}")),
        title: Set("Administrer Zourit".into()),
        state: Set("open".into()),
        kind: Set("training".into()),
        format: Set("intra".into()),
        first_day: Set(Some(day)),
        last_day: Set(Some(day)),
        search: Set(String::new()),
        ..Default::default()
    })
    .await
    .expect("a session");
    let slot = act
        .insert(e::session_slot::ActiveModel {
            session_id: Set(session),
            day: Set(day),
            half: Set("morning".into()),
            starts_at: Set(now - TimeDelta::minutes(5)),
            ends_at: Set(now + TimeDelta::hours(3)),
            break_minutes: Set(0),
            modality: Set("face_to_face".into()),
            state: Set("planned".into()),
            ..Default::default()
        })
        .await
        .expect("a half-day");
    act.insert(e::slot_trainer::ActiveModel {
        slot_id: Set(slot.id),
        trainer_id: Set(sold.trainer),
        ..Default::default()
    })
    .await
    .expect("its trainer");
    let sale = tx.new_id();
    tx.act(activity, booking::events::Event::Drafted { booking: sale }.into())
        .insert(e::booking::ActiveModel {
            id: Set(sale),
            session_id: Set(session),
            client_id: Set(sold.client),
            programme_version_id: Set(sold.version),
            reference: Set(format!("RES-{number:04}")),
            state: Set("agreed".into()),
            price_cents: Set(120_000),
            approval: Set("accepted".into()),
            terms: Set("{}".into()),
            start_override: Set(Some("Convention signée, original au courrier.".into())),
            search: Set(String::new()),
            ..Default::default()
        })
        .await
        .expect("a booking");
    let mut seats = vec![];
    for head in 0..heads {
        seats.push(seat(tx, activity, session, sale, slot.id, number * heads + head).await);
    }
    clairiere::attendance::open(tx, slot.id).await.expect("the half-day opens");
    seats
}

async fn seat(tx: &mut Tx<'_>, activity: Uuid, session: Uuid, booking: Uuid, slot: Uuid, number: usize) -> Seat {
    let (person, enrolment) = (tx.new_id(), tx.new_id());
    tx.act(activity, Person::Created { person }.into())
        .insert(e::person::ActiveModel {
            id: Set(person),
            first_name: Set(format!("Stagiaire {number}")),
            birth_name: Set("Petit".into()),
            email: Set(Some(format!("stagiaire-{number}@example.org"))),
            search: Set(String::new()),
            ..Default::default()
        })
        .await
        .expect("a trainee is somebody");
    tx.act(activity, enrolment::events::Event::Enrolled { enrolment }.into())
        .insert(e::enrolment::ActiveModel {
            id: Set(enrolment),
            booking_id: Set(booking),
            session_id: Set(session),
            person_id: Set(person),
            status: Set("employee".into()),
            state: Set("enrolled".into()),
            all_slots: Set(true),
            search: Set(String::new()),
            ..Default::default()
        })
        .await
        .expect("an enrolment");
    let new = link::NewLink {
        purpose: link::Purpose::SignSession,
        object: enrolment,
        session: Some(session),
        trainer: None,
        holder: format!("Stagiaire {number} Petit"),
        cause: format!("asked:{enrolment}"),
        expires_at: tx.now() + TimeDelta::days(3),
    };
    let made = link::mint(tx, activity, new).await.expect("a link");
    Seat { path: format!("/presence/{}", made.token), slot, act: tx.new_id(), picture: drawing(number) }
}

/// A line of one's own, as a page sends it.
fn drawing(number: usize) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let (bend, height) = ((number % 71) as f32 / 9.0, (number / 71) as f32);
    let pixels = image::ImageBuffer::from_fn(320, 120, |x, y| {
        let line = 60.0 + 40.0 * ((x as f32 / 30.0) + bend).sin() + height / 10.0;
        let ink = (y as f32 - line).abs() < 2.5;
        image::Rgba(if ink { [10_u8, 10, 60, 255] } else { [255, 255, 255, 0] })
    });
    let mut out = std::io::Cursor::new(vec![]);
    pixels.write_to(&mut out, image::ImageFormat::Png).expect("memory takes a picture");
    format!("data:image/png;base64,{}", STANDARD.encode(out.into_inner()))
}
