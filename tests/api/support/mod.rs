//! What every story starts from: a running application on a database of its own, people who call it, a clock.

pub mod bookings;
mod caller;
pub mod certificate;
pub mod commerce;
pub mod crowd;
mod database;
mod file;
mod mails;
mod organisation;
pub mod provider;
pub mod s3;
pub mod sessions;
pub mod training;
pub mod visitor;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use clairiere::{
    access::{self, NewKey, NewUser},
    activity::{self, NewActivity, NewMember},
    config::Settings,
    mail::{Memory, Outgoing},
    platform::{
        access::Ctx,
        app::App,
        clock::{Clock, HandClock, RandomIds},
        db::Opening,
        outbox,
        permission::Role,
    },
    start, work,
};
use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use uuid::Uuid;

pub use caller::{Answer, Caller};
pub use organisation::{Cooperative, legal_identity};

/// Monday 2 March 2026, 9 h in Paris.
pub fn monday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 8, 0, 0).unwrap()
}

/// A running application.
pub struct TestApp {
    pub app: App,
    pub clock: HandClock,
    pub mail: Arc<Memory>,
    pub route: Arc<BoxEndpoint<'static, Response>>,
    database: Arc<database::Database>,
}

/// An application on a fresh database.
pub async fn start() -> TestApp {
    start_with(|_| {}).await
}

/// The same, with other settings.
pub async fn start_with(change: impl FnOnce(&mut Settings)) -> TestApp {
    // What only the log tells is told under a failed test.
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_test_writer();
    log.try_init().ok();
    let database = database::fresh().await;
    let clock = HandClock::at(monday());
    let mail = Arc::new(Memory::new());
    let mut settings = Settings {
        database_url: database.url.clone(),
        database_connections: 4,
        files_dir: database.folder.join("files"),
        // Stories go on for more than a year; those of keys say how long theirs last.
        key_days: 1095,
        // A guard asks more in a second than anybody in a day.
        calls_per_minute: 0,
        ..Settings::default()
    };
    change(&mut settings);
    let opening = Opening { durable: false, ..Opening::default() };
    let clock_given: Arc<dyn Clock> = Arc::new(clock.clone());
    let app = start::with(settings, clock_given, Arc::new(RandomIds), mail.clone(), opening).await.unwrap();
    let route = Arc::new(start::route(&app).map_to_response().boxed());
    TestApp { app, clock, mail, route, database: Arc::new(database) }
}

impl TestApp {
    /// A folder that vanishes with the test.
    pub fn folder(&self) -> &std::path::Path {
        &self.database.folder
    }

    /// The address of another database, with nothing in it.
    pub async fn empty_database(&self) -> String {
        database::empty(&self.database.folder).await
    }

    /// The same, started again with other settings: its route.
    pub async fn again(
        &self,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Arc<BoxEndpoint<'static, Response>>, String> {
        let mut settings = self.app.settings.clone();
        change(&mut settings);
        settings.check()?;
        let opening = Opening { durable: false, ..Opening::default() };
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let app = start::with(settings, clock, Arc::new(RandomIds), self.mail.clone(), opening);
        let app = app.await.map_err(|error| error.to_string())?;
        Ok(Arc::new(start::route(&app).map_to_response().boxed()))
    }

    /// Time passes.
    pub fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// The clock shows this Paris day and time (`2026-03-02T09:00`).
    pub fn at(&self, local: &str) {
        let naive = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").unwrap();
        self.clock.set(clairiere::platform::calendar::at(naive.date(), naive.time()));
    }

    /// The present instant of the story.
    pub fn clock_now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The worker does everything that is due, and what comes of it.
    pub async fn work(&self) {
        while work::run_due(&self.app).await.unwrap() > 0 {}
    }

    /// Nothing is left to do now, and nothing was given up.
    #[track_caller]
    pub fn done(&self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            for state in ["ready", "running", "dead"] {
                let mut left = outbox::list(&self.app, state, 100).await.unwrap();
                left.retain(|job| state != "ready" || job.due_at <= self.clock.now());
                let told: Vec<String> =
                    left.iter().map(|job| format!("{} {} {:?}", job.kind, job.payload, job.last_error)).collect();
                assert!(left.is_empty(), "{place}: left {state}: {told:#?}");
            }
        }
    }

    /// What an address received, oldest first.
    pub fn mails_to(&self, address: &str) -> Vec<Outgoing> {
        self.mail.to(address)
    }

    /// An activity of that name.
    pub async fn activity(&self, name: &str) -> Uuid {
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let input = NewActivity {
            external_id: None,
            name: name.into(),
            description: Some("Outils numériques éthiques".into()),
            email: Some("bonjour@example.org".into()),
            phone: None,
            website: None,
            accent: None,
            opened_on: "2024-01-01".parse().unwrap(),
        };
        let row = activity::open(&mut tx, input).await.unwrap();
        tx.commit().await.unwrap();
        row.id
    }

    /// A user with a role and, for a trainer, the activities that they carry.
    pub async fn user(&self, first_name: &str, role: Role, activities: &[Uuid]) -> Caller {
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let user = NewUser {
            first_name: first_name.into(),
            last_name: "Martin".into(),
            email: format!("{}-{}@example.org", first_name.to_lowercase(), tx.new_id()),
            role,
            expires_at: (role == Role::Auditor).then(|| self.clock.now() + TimeDelta::days(3650)),
        };
        let user = access::create_user(&mut tx, user).await.unwrap();
        for activity in activities {
            let member = NewMember { user_id: user.id, valid_from: "2024-01-01".parse().unwrap(), valid_to: None };
            activity::join(&mut tx, *activity, member).await.unwrap();
        }
        let key = NewKey { label: "tests".into(), permissions: None, activities: None, expires_at: None };
        let made = access::create_key(&mut tx, &*self.app.ids, user.id, key).await.unwrap();
        tx.commit().await.unwrap();
        Caller { key: made.secret, user: user.id, route: self.route.clone(), home: self.database.clone() }
    }

    /// A trainer who carries an activity of their own.
    pub async fn trainer(&self, first_name: &str) -> Caller {
        let activity = self.activity(&format!("Activité de {first_name}")).await;
        self.user(first_name, Role::Trainer, &[activity]).await
    }

    /// Somebody without a key.
    pub fn nobody(&self) -> Caller {
        Caller { key: String::new(), user: Uuid::nil(), route: self.route.clone(), home: self.database.clone() }
    }

    /// Somebody of the cooperative.
    pub async fn staff(&self, role: Role) -> Caller {
        self.user("Camille", role, &[]).await
    }
}

impl TestApp {
    /// Another key of the same user, narrowed to these permissions and activities.
    pub async fn narrow_key(
        &self,
        caller: &Caller,
        permissions: Option<Vec<String>>,
        activities: Option<Vec<Uuid>>,
    ) -> String {
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let key = NewKey { label: "narrow".into(), permissions, activities, expires_at: None };
        let made = access::create_key(&mut tx, &*self.app.ids, caller.user, key).await.unwrap();
        tx.commit().await.unwrap();
        made.secret
    }
}
