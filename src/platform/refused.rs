//! Keys and links that opened nothing: told in a log of their own, for whoever watches for attacks, and counted.
//!
//! Nothing of a secret is told. Of a key, its first characters, and only when they are those of a key that was made here:
//! what somebody sends by mistake (a password, another service's key) is not written down.

use std::sync::atomic::{AtomicU64, Ordering};

use entity::api_key;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tracing::{info, warn};

use super::{
    access::{Client, KEY_PREFIX},
    app::App,
};

/// The target of these lines in the log: `LOG=warn,clairiere::authentication=info` keeps them alone.
pub const TARGET: &str = "clairiere::authentication";

/// Why somebody was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No key was sent.
    Missing,
    /// The key is none of ours.
    Unknown,
    /// It was revoked.
    Revoked,
    /// It has ended.
    Ended,
    /// Its user was disabled, or their access has ended.
    User,
    /// Too many unknown keys came from the same address: this one was not looked at.
    HeldOff,
    /// A personal link that opens nothing.
    Link,
}

impl Why {
    /// Its name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Revoked => "revoked",
            Self::Ended => "ended",
            Self::User => "user",
            Self::HeldOff => "held_off",
            Self::Link => "link",
        }
    }
}

/// How many times somebody was not let in since the program started.
#[derive(Debug, Default)]
pub struct Refusals {
    missing: AtomicU64,
    unknown: AtomicU64,
    ended: AtomicU64,
    held_off: AtomicU64,
    links: AtomicU64,
}

impl Refusals {
    fn of(&self, why: Why) -> &AtomicU64 {
        match why {
            Why::Missing => &self.missing,
            Why::Unknown => &self.unknown,
            Why::Revoked | Why::Ended | Why::User => &self.ended,
            Why::HeldOff => &self.held_off,
            Why::Link => &self.links,
        }
    }

    /// The counts by name, for whoever measures.
    pub fn counts(&self) -> [(&'static str, u64); 5] {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [
            ("missing", read(&self.missing)),
            ("unknown", read(&self.unknown)),
            ("ended", read(&self.ended)),
            ("held_off", read(&self.held_off)),
            ("link", read(&self.links)),
        ]
    }
}

/// Tell and count that somebody was not let in.
pub async fn refused(app: &App, client: &Client, token: Option<&str>, why: Why) {
    app.refusals.of(why).fetch_add(1, Ordering::Relaxed);
    let source = source(app, client).unwrap_or_default();
    let reason = why.name();
    match why {
        Why::Missing | Why::Link | Why::HeldOff => {
            info!(target: TARGET, source, reason, "Refused a request that opens nothing: {reason}");
        }
        Why::Unknown | Why::Revoked | Why::Ended | Why::User => {
            let prefix = ours(app, token).await.unwrap_or_default();
            warn!(target: TARGET, source, reason, key.prefix = prefix, "Refused a key: {reason}");
        }
    }
}

/// The address of whoever called, when it can be believed: not that of a proxy in front.
fn source(app: &App, client: &Client) -> Option<String> {
    let settings = &app.settings;
    let address = client.address?;
    let proxy = settings.trusted_proxies.iter().any(|network| network.contains(&address))
        || (settings.public_url.is_some() && address.is_loopback());
    (!proxy).then(|| address.to_string())
}

/// The beginning of a key, when a key that was made here begins so.
#[expect(clippy::disallowed_methods, reason = "who calls is found before any reach is known")]
async fn ours(app: &App, token: Option<&str>) -> Option<String> {
    let prefix = token?.get(..KEY_PREFIX.len() + 6).filter(|prefix| prefix.starts_with(KEY_PREFIX))?;
    let found = api_key::Entity::find().filter(api_key::Column::Prefix.eq(prefix)).one(app.db.reader()).await;
    found.ok().flatten().map(|key| key.prefix)
}
