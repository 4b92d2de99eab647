//! What is there before the attacks: a half-day with a hundred trainees, and the key of somebody of the cooperative.

use std::path::Path;

use clairiere::{
    access::{self, NewKey, NewUser},
    config::Settings,
    platform::{access::Ctx, permission::Role},
    session, start,
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::load_seed;

/// Trainees of the half-day.
pub const TRAINEES: usize = 100;

/// What attackers and people know.
#[derive(Clone)]
pub struct World {
    /// A key of the cooperative's training office.
    pub key: String,
    /// The activity of all rows.
    pub activity: Uuid,
    /// The half-day.
    pub slot: Uuid,
    /// Those who are expected.
    pub enrolments: Vec<Uuid>,
}

/// Migrate, and fill.
pub async fn fill(url: &str, files: &Path) -> World {
    let seats = load_seed::fill(url, files, 1, TRAINEES).await;
    let settings = Settings { database_url: url.to_owned(), files_dir: files.to_owned(), ..Settings::default() };
    let app = start::app(settings).await.expect("the application starts");
    let mut ctx = Ctx::operator(&app);
    let slot = seats.first().expect("somebody is expected").slot;
    let activity =
        ctx.scope().get::<entity::session_slot::Entity>(slot).await.expect("the half-day is there").activity_id;
    let enrolments = ctx
        .scope()
        .find::<entity::enrolment::Entity>()
        .all()
        .await
        .expect("enrolments are read")
        .into_iter()
        .map(|one| one.id)
        .collect();
    let mut tx = ctx.begin().await.expect("the database takes a transaction");
    let user = NewUser {
        first_name: "Camille".into(),
        last_name: "Martin".into(),
        email: "camille@example.org".into(),
        role: Role::CoopTraining,
        expires_at: None,
    };
    let user = access::create_user(&mut tx, user).await.expect("a user");
    let key = NewKey { label: "bench".into(), permissions: None, activities: None, expires_at: None };
    // A log is of a half-day at a distance.
    let half = tx.lock::<entity::session_slot::Entity>(slot).await.expect("the half-day is there");
    let changed = session::events::Event::SlotChanged { session: half.session_id, slot };
    tx.act(activity, changed.into())
        .update(half, |edit: &mut entity::session_slot::ActiveModel| edit.modality = Set("distance".into()))
        .await
        .expect("it changes");
    let made = access::create_key(&mut tx, &*app.ids, user.id, key).await.expect("a key");
    tx.commit().await.expect("the database commits");
    app.db.close().await.expect("the database closes");
    World { key: made.secret, activity, slot, enrolments }
}
