//! How often a code or a personal link may be asked for: within an hour, and in all. One rule for pages, programs and
//! batches. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// How often something may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Within an hour.
    pub an_hour: usize,
    /// In all.
    pub in_all: usize,
}

/// Codes and links that somebody is sent: five an hour, twenty in all.
pub const SENT: Quota = Quota { an_hour: 5, in_all: 20 };

/// What is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedUp {
    /// Those of an hour: more may be asked for later.
    Hour,
    /// All of them.
    All,
}

impl Quota {
    /// Whether one more may be asked for, from the instants of those before.
    pub fn allows(self, before: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<(), UsedUp> {
        let recent = before.iter().filter(|at| now - **at < TimeDelta::hours(1)).count();
        if before.len() >= self.in_all {
            return Err(UsedUp::All);
        }
        if recent >= self.an_hour { Err(UsedUp::Hour) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_counts_by_the_hour_and_in_all() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let ago = |minutes: i64| now - TimeDelta::minutes(minutes);
        let five: Vec<_> = (1..=5).map(ago).collect();
        assert_eq!(SENT.allows(&five[1..], now), Ok(()));
        assert_eq!(SENT.allows(&five, now), Err(UsedUp::Hour));
        assert_eq!(SENT.allows(&five, now + TimeDelta::minutes(59)), Ok(()), "the first is an hour old");
        assert_eq!(SENT.allows(&[ago(60 * 24 * 90); 20], now), Err(UsedUp::All));
    }
}
