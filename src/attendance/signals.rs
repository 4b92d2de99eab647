//! What is unusual about signatures: shown to whoever looks, never blocking. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use uuid::Uuid;

use super::words::{Means, SignalKind};

/// Something unusual, and whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Signal {
    /// What is unusual.
    pub kind: SignalKind,
    /// The names of those concerned.
    pub names: Vec<String>,
    /// In words, for people.
    pub detail: String,
}

/// A signature, as signals look at it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Who signed.
    pub who: Uuid,
    /// Their name.
    pub name: String,
    /// How they were known.
    pub means: Means,
    /// When the server received it.
    pub signed_at: DateTime<Utc>,
    /// When the device says that it was signed.
    pub device_at: Option<DateTime<Utc>>,
    /// Whether it was signed without network.
    pub offline: bool,
    /// The device, when it is known still.
    pub device: Option<String>,
    /// The drawing.
    pub picture: Option<String>,
}

/// A signature this far outside the half-day is shown.
const FAR: TimeDelta = TimeDelta::minutes(60);
/// So many signatures within a second are shown.
const MANY: usize = 4;
/// A clock that is wrong by more is shown.
const GAP: TimeDelta = TimeDelta::minutes(5);

/// The signals of a half-day.
pub(super) fn signals(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>, seen: &[Seen]) -> Vec<Signal> {
    let mut found = vec![];
    let own = |one: &&Seen| !matches!(one.means, Means::TrainerDevice | Means::Paper | Means::Key);
    let by_device = groups(seen.iter().filter(own), |one| one.device.clone());
    found.extend(by_device.into_iter().map(|names| Signal {
        kind: SignalKind::SameDevice,
        detail: format!("{} personnes ont signé sur le même appareil.", names.len()),
        names,
    }));
    let by_picture = groups(seen.iter(), |one| one.picture.clone());
    found.extend(by_picture.into_iter().map(|names| Signal {
        kind: SignalKind::SameDrawing,
        detail: format!("{} signatures dessinées sont la même image.", names.len()),
        names,
    }));
    for one in seen {
        let at = one.device_at.filter(|_| one.offline).unwrap_or(one.signed_at);
        if at < starts_at - FAR || at > ends_at + FAR {
            found.push(Signal {
                kind: SignalKind::FarOutside,
                names: vec![one.name.clone()],
                detail: format!("Signé le {}.", crate::platform::calendar::moment(at)),
            });
        }
        if let Some(device) = one.device_at.filter(|_| !one.offline)
            && (one.signed_at - device).abs() > GAP
        {
            let minutes = (one.signed_at - device).abs().num_minutes();
            found.push(Signal {
                kind: SignalKind::ClockGap,
                names: vec![one.name.clone()],
                detail: format!("L’horloge de l’appareil diffère de {minutes} minutes."),
            });
        }
    }
    let mut sorted: Vec<&Seen> = seen.iter().filter(own).collect();
    sorted.sort_by_key(|one| one.signed_at);
    let crowd = sorted.windows(MANY).find(|some| {
        some.last()
            .zip(some.first())
            .is_some_and(|(last, first)| last.signed_at - first.signed_at <= TimeDelta::seconds(1))
    });
    found.extend(crowd.map(|some| Signal {
        kind: SignalKind::SameSecond,
        names: some.iter().map(|one| one.name.clone()).collect(),
        detail: "Signatures reçues dans la même seconde.".into(),
    }));
    found
}

/// Names of different people who share a value, when there are two at least.
fn groups<'a>(seen: impl Iterator<Item = &'a Seen>, of: impl Fn(&Seen) -> Option<String>) -> Vec<Vec<String>> {
    let mut by: BTreeMap<String, BTreeMap<Uuid, String>> = BTreeMap::new();
    for one in seen {
        if let Some(value) = of(one) {
            by.entry(value).or_default().insert(one.who, one.name.clone());
        }
    }
    by.into_values().filter(|people| people.len() > 1).map(|people| people.into_values().collect()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn nine() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 3, 8, 0, 0).single().expect("a plain instant")
    }

    fn seen(who: u128, device: &str) -> Seen {
        Seen {
            who: Uuid::from_u128(who),
            name: format!("Personne {who}"),
            means: Means::PersonalLink,
            signed_at: nine() + TimeDelta::minutes(i64::try_from(who).expect("small")),
            device_at: None,
            offline: false,
            device: Some(device.into()),
            picture: Some(format!("image {who}")),
        }
    }

    fn kinds(seen: &[Seen]) -> Vec<SignalKind> {
        signals(nine(), nine() + TimeDelta::minutes(210), seen).into_iter().map(|signal| signal.kind).collect()
    }

    #[test]
    fn quiet_signatures_show_nothing() {
        assert_eq!(kinds(&[seen(1, "a"), seen(2, "b"), seen(3, "c"), seen(4, "d"), seen(5, "e")]), []);
        let passed_round = |who| Seen { means: Means::TrainerDevice, ..seen(who, "tablette") };
        assert_eq!(kinds(&[passed_round(1), passed_round(2)]), []);
    }

    #[test]
    fn what_is_unusual_is_shown() {
        assert_eq!(kinds(&[seen(1, "a"), seen(2, "a")]), [SignalKind::SameDevice]);
        let drawing = Seen { picture: Some("image 1".into()), ..seen(2, "b") };
        assert_eq!(kinds(&[seen(1, "a"), drawing]), [SignalKind::SameDrawing]);
        let evening = Seen { signed_at: nine() + TimeDelta::hours(12), ..seen(1, "a") };
        assert_eq!(kinds(std::slice::from_ref(&evening)), [SignalKind::FarOutside]);
        let kept = Seen { offline: true, device_at: Some(nine()), ..evening };
        assert_eq!(kinds(&[kept]), []);
        let wrong = Seen { device_at: Some(nine() - TimeDelta::days(400)), ..seen(1, "a") };
        assert_eq!(kinds(&[wrong]), [SignalKind::ClockGap]);
        let crowd: Vec<Seen> = (1..=4).map(|who| Seen { signed_at: nine(), ..seen(who, &who.to_string()) }).collect();
        assert_eq!(kinds(&crowd), [SignalKind::SameSecond]);
    }
}
