//! How often one caller may ask: calls of a key, and keys that open nothing from one address.
//!
//! Counted in memory, by a token bucket that fills again all the time: several instances each count their own, so that a
//! key may make as many times the calls as there are instances. Pages are never counted by address: a class sits behind
//! one.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock, Reference},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use uuid::Uuid;

use super::error::{Error, Result, TooMany};

/// Unknown keys that one address may show in a minute, and at once.
const UNKNOWN_KEYS: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
/// How many are remembered before those that are long quiet are forgotten.
const REMEMBERED: usize = 10_000;

type Limiter<K, C> = RateLimiter<K, HashMapStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// What every caller has done lately.
pub struct Calls<C: Clock = MonotonicClock> {
    keys: Option<Limiter<Uuid, C>>,
    unknown: Limiter<IpAddr, C>,
    held_off: Mutex<HashMap<IpAddr, C::Instant>>,
    clock: C,
}

impl Calls {
    /// As many calls of a key in a minute; without limit when there are none.
    pub fn per_minute(calls: u32) -> Self {
        Self::with(calls, MonotonicClock)
    }
}

impl<C: Clock + Clone> Calls<C> {
    /// The same, on a clock that is given.
    pub fn with(calls: u32, clock: C) -> Self {
        let quota = NonZeroU32::new(calls).map(|calls| {
            // A program may come with much at once, then goes on at its pace.
            let burst = NonZeroU32::new(calls.get().div_ceil(6)).unwrap_or(calls);
            Quota::per_minute(calls).allow_burst(burst)
        });
        Self {
            keys: quota.map(|quota| RateLimiter::new(quota, HashMapStateStore::default(), clock.clone())),
            unknown: RateLimiter::new(Quota::per_minute(UNKNOWN_KEYS), HashMapStateStore::default(), clock.clone()),
            held_off: Mutex::default(),
            clock,
        }
    }

    /// A key makes a call.
    pub fn admit(&self, key: Uuid) -> Result<()> {
        let Some(keys) = &self.keys else { return Ok(()) };
        let asked = keys.check_key(&key);
        forget_quiet(keys);
        asked.map_err(|not_before| self.too_many(false, not_before.earliest_possible()))
    }

    /// Whether an address may try a key that nobody knows yet.
    pub fn may_try(&self, source: Option<IpAddr>) -> Result<()> {
        let Some(source) = source.map(neighbourhood) else { return Ok(()) };
        let held_off = self.held_off.lock().unwrap_or_else(PoisonError::into_inner);
        match held_off.get(&source) {
            Some(until) if *until > self.clock.now() => Err(self.too_many(true, *until)),
            Some(_) | None => Ok(()),
        }
    }

    /// A key that came from an address opens nothing: what is answered to it.
    pub fn unknown_key(&self, source: Option<IpAddr>) -> Error {
        let Some(source) = source.map(neighbourhood) else { return Error::Unauthorized };
        let tried = self.unknown.check_key(&source);
        forget_quiet(&self.unknown);
        let Err(not_before) = tried else { return Error::Unauthorized };
        let until = not_before.earliest_possible();
        let mut held_off = self.held_off.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        held_off.retain(|_, until| *until > now);
        held_off.insert(source, until);
        self.too_many(true, until)
    }

    fn too_many(&self, unknown_keys: bool, until: C::Instant) -> Error {
        let wait: Duration = until.duration_since(self.clock.now()).into();
        let after = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        Error::TooMany(TooMany { unknown_keys, after })
    }
}

fn forget_quiet<K: Hash + Eq + Clone, C: Clock>(limiter: &Limiter<K, C>) {
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
}

/// Whoever has one address of IPv6 has 2⁶⁴ of them.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            six.to_ipv4_mapped().map_or(IpAddr::V6(Ipv6Addr::from(u128::from(six) >> 64 << 64)), IpAddr::V4)
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn after(told: Result<()>) -> u32 {
        match told {
            Err(Error::TooMany(many)) => many.after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_key_that_asked_much_goes_on_at_its_pace() {
        let clock = FakeRelativeClock::default();
        let calls = Calls::with(60, clock.clone());
        let (busy, quiet) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for _ in 0..10 {
            calls.admit(busy).unwrap();
        }
        assert_eq!(after(calls.admit(busy)), 1);
        calls.admit(quiet).unwrap();
        clock.advance(Duration::from_secs(3));
        for _ in 0..3 {
            calls.admit(busy).unwrap();
        }
        assert_eq!(after(calls.admit(busy)), 1);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let calls = Calls::with(0, FakeRelativeClock::default());
        assert!((0..100_000).all(|_| calls.admit(Uuid::nil()).is_ok()));
    }

    #[test]
    fn unknown_keys_slow_their_address_and_no_other() {
        let clock = FakeRelativeClock::default();
        let calls = Calls::with(0, clock.clone());
        let source: Option<IpAddr> = "203.0.113.7".parse().ok();
        for _ in 0..20 {
            calls.may_try(source).unwrap();
            assert!(matches!(calls.unknown_key(source), Error::Unauthorized));
        }
        calls.may_try(source).unwrap();
        assert!(matches!(calls.unknown_key(source), Error::TooMany(TooMany { unknown_keys: true, after: 3 })));
        assert_eq!(after(calls.may_try(source)), 3);
        calls.may_try("203.0.113.8".parse().ok()).unwrap();
        calls.may_try(None).unwrap();
        assert!(
            matches!(calls.unknown_key(None), Error::Unauthorized),
            "an address that nobody vouches for counts for nothing"
        );
        clock.advance(Duration::from_secs(4));
        calls.may_try(source).unwrap();
        assert!(matches!(calls.unknown_key(source), Error::Unauthorized));
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_neighbour() {
        let calls = Calls::with(0, FakeRelativeClock::default());
        let at = |text: &str| text.parse::<IpAddr>().ok();
        for number in 0..21 {
            calls.unknown_key(at(&format!("2001:db8::{number:x}")));
        }
        after(calls.may_try(at("2001:db8::ffff")));
        calls.may_try(at("2001:db8:0:1::1")).unwrap();
    }
}
