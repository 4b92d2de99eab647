//! Time and identifiers are given: nothing else in the crate asks the machine for them.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, cut to the microsecond (what PostgreSQL keeps).
    fn now(&self) -> DateTime<Utc>;

    /// How long it has run: it never goes back and never jumps, even when the clock on the wall is put right. Waits are
    /// measured by it.
    fn elapsed(&self) -> Duration;
}

/// The machine's clock.
pub struct MachineClock;

/// When the machine's clock was first looked at.
static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> DateTime<Utc> {
        micros(Utc::now())
    }

    fn elapsed(&self) -> Duration {
        BEGUN.elapsed()
    }
}

/// A clock that is moved by hand: tests and the demo live by it.
#[derive(Clone)]
pub struct HandClock {
    /// The instant that it shows, in microseconds.
    shows: Arc<AtomicI64>,
    /// How long it has run, in microseconds.
    ran: Arc<AtomicI64>,
}

impl HandClock {
    /// Stopped at an instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self { shows: Arc::new(AtomicI64::new(instant.timestamp_micros())), ran: Arc::default() }
    }

    /// Move on: time passes.
    pub fn advance(&self, by: TimeDelta) {
        let by = by.num_microseconds().unwrap_or_default();
        self.shows.fetch_add(by, Ordering::SeqCst);
        self.ran.fetch_add(by, Ordering::SeqCst);
    }

    /// Show another instant, sooner or later, though no time passed: the clock was wrong, or is put right.
    pub fn put_right(&self, instant: DateTime<Utc>) {
        self.shows.store(instant.timestamp_micros(), Ordering::SeqCst);
    }

    /// Whether the clock has not come to an instant yet.
    pub fn behind(&self, instant: DateTime<Utc>) -> bool {
        self.now() < instant
    }

    /// Move on by a step, no further than an instant.
    pub fn towards(&self, instant: DateTime<Utc>, step: TimeDelta) {
        self.set((self.now() + step).min(instant));
    }

    /// Move to an instant: the time until then passes.
    pub fn set(&self, instant: DateTime<Utc>) {
        let before = self.shows.swap(instant.timestamp_micros(), Ordering::SeqCst);
        self.ran.fetch_add((instant.timestamp_micros() - before).max(0), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.shows.load(Ordering::SeqCst)).unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.ran.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Cut to the microsecond, so that what is answered equals what a later read finds.
pub fn micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(instant)
}

/// Makes identifiers: UUIDv7 of a given instant, so that rows sort by age.
pub trait Ids: Send + Sync + 'static {
    /// A new identifier.
    fn new_id(&self, now: DateTime<Utc>) -> Uuid;
    /// Fills a secret.
    fn secret(&self, bytes: &mut [u8]);
}

/// Identifiers from the machine's randomness. Those of one millisecond follow each other: 26 bits count, 48 are random.
pub struct RandomIds;

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Ids for RandomIds {
    fn new_id(&self, now: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        self.secret(&mut random);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        random[0] = (count >> 22) as u8 & 0x0f;
        random[1] = (count >> 14) as u8;
        random[2] = (count >> 8) as u8 & 0x3f;
        random[3] = count as u8;
        from_parts(now, random)
    }

    fn secret(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system always gives randomness once it runs");
    }
}

/// Identifiers that are the same at every run: for snapshots and the demo's papers.
#[derive(Default)]
pub struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn new_id(&self, now: DateTime<Utc>) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&count.to_be_bytes());
        from_parts(now, random)
    }

    fn secret(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&count.to_be_bytes()[..chunk.len()]);
        }
    }
}

fn from_parts(now: DateTime<Utc>, random: [u8; 10]) -> Uuid {
    let millis = Timestamp::from_unix(NoContext, now.timestamp().unsigned_abs(), now.timestamp_subsec_nanos());
    let (seconds, nanos) = millis.to_unix();
    uuid::Builder::from_unix_timestamp_millis(seconds * 1000 + u64::from(nanos / 1_000_000), &random).into_uuid()
}
