//! What the whole program shares: database, clock, files, mail, settings.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    access::CachedKey,
    blob::Blobs,
    calls::Calls,
    clock::{Clock, Ids},
    db::Db,
    error::Result,
    heavy::Room,
    metrics::Metrics,
    outbox::{self, Due},
    refused::Refusals,
};
use crate::{
    config::Settings,
    events::Event,
    mail::Transport,
    pdf::{Pictures, Seal},
};

/// A handle on what the program shares.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers and secrets.
    pub ids: Arc<dyn Ids>,
    /// Files by their hash.
    pub blobs: Blobs,
    /// Where mails leave.
    pub mail: Arc<dyn Transport>,
    /// The organisation's seal, if it has one.
    pub seal: Option<Arc<Seal>>,
    /// What the operator chose.
    pub settings: Settings,
    /// What must happen because of an event.
    pub reactions: fn(&Event) -> Vec<Due>,
    /// The bytes of an issued paper, with the pictures that its content names.
    pub render: fn(&entity::document::Model, &Pictures) -> Result<Vec<u8>>,
    /// Rung when a commit queued something.
    pub wake: Notify,
    /// What monitoring reads.
    pub metrics: Metrics,
    /// Who was not let in.
    pub refusals: Refusals,
    kept: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    pub(super) room: Room,
    pub(super) calls: Calls,
    pub(super) keys: Mutex<HashMap<String, CachedKey>>,
    pub(super) last_uses: Mutex<HashMap<Uuid, DateTime<Utc>>>,
    pub(super) sightings: outbox::Sightings,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers and secrets.
    pub ids: Arc<dyn Ids>,
    /// Files by their hash.
    pub blobs: Blobs,
    /// Where mails leave.
    pub mail: Arc<dyn Transport>,
    /// The organisation's seal, if it has one.
    pub seal: Option<Arc<Seal>>,
    /// What the operator chose.
    pub settings: Settings,
    /// What must happen because of an event.
    pub reactions: fn(&Event) -> Vec<Due>,
    /// The bytes of an issued paper, with the pictures that its content names.
    pub render: fn(&entity::document::Model, &Pictures) -> Result<Vec<u8>>,
}

impl App {
    /// Put the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts { db, clock, ids, blobs, mail, seal, settings, reactions, render } = parts;
        let metrics = Metrics::new(clock.now());
        Self(Arc::new(Shared {
            calls: Calls::per_minute(settings.calls_per_minute),
            db,
            clock,
            ids,
            blobs,
            mail,
            seal,
            settings,
            reactions,
            render,
            wake: Notify::new(),
            metrics,
            refusals: Refusals::default(),
            kept: Mutex::default(),
            room: Room::default(),
            keys: Mutex::default(),
            last_uses: Mutex::default(),
            sightings: outbox::Sightings::default(),
        }))
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What a feature keeps in memory for the whole program; made when it is first asked for.
    pub fn kept<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let one = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        one.downcast().expect("what is kept under a type is of that type")
    }

    /// Forget the keys that were looked up: one of them, its user or a membership changed.
    pub fn forget_keys(&self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
