//! What a key may make, how long keys last, who must remain an administrator. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::actions::NewKey;
use crate::platform::{
    calendar::{date, local_day},
    error::{Error, Fault, Result},
    grant::Grant,
    permission::{Permissions, Role},
};

/// No key lasts longer, whatever is asked: three years.
pub const LONGEST: TimeDelta = TimeDelta::days(1095);
/// The user is told this long before a key ends.
pub const TOLD_BEFORE: TimeDelta = TimeDelta::days(30);
/// And again.
pub const TOLD_AGAIN: TimeDelta = TimeDelta::days(5);
/// An end this near is as good as none: an administrator whose access ends sooner does not count as one who remains.
pub const NEAR: TimeDelta = TimeDelta::days(30);

/// The bounds of a key that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Only these permissions.
    pub permissions: Option<Vec<String>>,
    /// Only these activities.
    pub activities: Option<Vec<uuid::Uuid>>,
    /// Its end.
    pub expires_at: DateTime<Utc>,
    /// Whether its successor may last longer.
    pub renewable: bool,
}

/// What becomes of what is asked for, made by somebody with this grant: what is not said is as wide and as long as the
/// maker's own, what is said is never wider nor longer.
pub fn bounds(asked: &NewKey, grant: &Grant, now: DateTime<Utc>, term: TimeDelta) -> Result<Bounds> {
    let named = asked.permissions.as_deref().map(named).transpose()?;
    let permissions = match (named, grant.permissions) {
        (Some(named), Some(mine)) if !named.within(mine) => return Err(wider("/permissions")),
        (None, Some(mine)) => Some(mine.names().into_iter().map(str::to_owned).collect()),
        (Some(_) | None, _) => asked.permissions.clone(),
    };
    let activities = match (&asked.activities, &grant.activities) {
        (Some(named), Some(mine)) if named.iter().any(|one| !mine.contains(one)) => {
            return Err(Error::Missing("activity"));
        }
        (None, Some(mine)) => Some(mine.clone()),
        (named, _) => named.clone(),
    };
    let (expires_at, renewable) = match asked.expires_at {
        Some(end) => (chosen(end, grant, now)?, false),
        None => (grant.ends_at.map_or(now + term, |mine| mine.min(now + term)), grant.renewable),
    };
    Ok(Bounds { permissions, activities, expires_at, renewable })
}

fn named(names: &[String]) -> Result<Permissions> {
    Permissions::named(names).map_err(|name| {
        Error::invalid(
            "/permissions",
            "unknown_value",
            format!("La permission « {name} » n’existe pas."),
            format!("There is no permission “{name}”."),
        )
    })
}

fn chosen(end: DateTime<Utc>, grant: &Grant, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let fault =
        |code: &'static str, fr: String, en: String| Error::Invalid(vec![Fault::new("/expires_at", code, fr, en)]);
    if end <= now {
        return Err(fault(
            "key.past",
            "Cette fin est déjà passée : la clé n’ouvrirait rien.".into(),
            "This end is past already: the key would open nothing.".into(),
        ));
    }
    if end > now + LONGEST {
        return Err(fault(
            "key.too_long",
            "Une clé dure trois ans au plus.".into(),
            "A key lasts three years at most.".into(),
        ));
    }
    match grant.ends_at.filter(|mine| end > *mine) {
        Some(mine) => Err(fault(
            "key.longer",
            format!("Une clé n’en fait pas qui dure plus qu’elle : la vôtre se termine le {}.", date(local_day(mine))),
            format!("A key makes none that lasts longer than itself: yours ends on {}.", local_day(mine)),
        )),
        None => Ok(end),
    }
}

fn wider(pointer: &str) -> Error {
    Error::invalid(
        pointer,
        "key.wider",
        "Une clé n’en fait pas de plus large qu’elle : demandez-le avec une clé qui a ces permissions.",
        "A key makes none that is wider than itself: ask with a key that has these permissions.",
    )
}

/// A narrowed key raises nobody above itself.
pub fn covers(grant: &Grant, role: Role) -> Result<()> {
    if grant.covers(role) {
        return Ok(());
    }
    Err(Error::invalid(
        "/role",
        "user.wider",
        "Votre clé est limitée : elle ne crée ni ne change de compte dont le rôle peut plus qu’elle.",
        "Your key is narrowed: it neither makes nor changes a user whose role may do more than it.",
    ))
}

/// The end of a successor: as long again when the key may be prolonged, else the end that somebody chose.
pub fn succeeds(ends_at: DateTime<Utc>, renewable: bool, now: DateTime<Utc>, term: TimeDelta) -> DateTime<Utc> {
    if renewable { ends_at.max(now + term) } else { ends_at }
}

/// Whether the user is to be told that a key ends: thirty days before, then five; never of a key that was made for less.
pub fn must_tell(
    made_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    told_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    let due = |before: TimeDelta| now >= ends_at - before && told_at.is_none_or(|told| told < ends_at - before);
    ends_at - made_at > TOLD_BEFORE && now < ends_at && (due(TOLD_BEFORE) || due(TOLD_AGAIN))
}

/// Until when somebody may administer the users: an instant, or as long as they like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lasts {
    /// Nobody may.
    Nobody,
    /// Until then.
    Until(DateTime<Utc>),
    /// No end is known.
    On,
}

/// An act must not leave the cooperative without an administrator who can act, now or in the days to come.
pub fn remains(before: Lasts, after: Lasts, now: DateTime<Utc>) -> Result<()> {
    if after >= before || after > Lasts::Until(now + NEAR) {
        return Ok(());
    }
    Err(Error::refused(
        "user.last_admin",
        "Il ne resterait personne pour administrer les comptes : donnez d’abord à une autre personne le rôle « coop_admin » \
         et une clé.",
        "Nobody would remain to administer users: first give somebody else the role “coop_admin” and a key.",
    ))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn key() -> NewKey {
        NewKey { label: "essai".into(), permissions: None, activities: None, expires_at: None }
    }

    const YEAR: TimeDelta = TimeDelta::days(365);

    fn code(result: Result<impl std::fmt::Debug>) -> String {
        match result.unwrap_err() {
            Error::Invalid(faults) => faults[0].code.to_string(),
            other => other.code().to_string(),
        }
    }

    #[test]
    fn a_key_lasts_a_year_when_nothing_is_said_and_never_longer_than_its_maker() {
        let made = bounds(&key(), &Grant::WHOLE, now(), YEAR).unwrap();
        assert_eq!((made.expires_at, made.renewable), (now() + YEAR, true));
        let ends = now() + TimeDelta::days(90);
        let maker = Grant { ends_at: Some(ends), ..Grant::WHOLE };
        assert_eq!(bounds(&key(), &maker, now(), YEAR).unwrap().expires_at, ends);
        let asked = |days: i64| NewKey { expires_at: Some(now() + TimeDelta::days(days)), ..key() };
        assert_eq!(code(bounds(&asked(91), &maker, now(), YEAR)), "key.longer");
        assert_eq!(code(bounds(&asked(0), &maker, now(), YEAR)), "key.past");
        assert_eq!(code(bounds(&asked(1096), &Grant::WHOLE, now(), YEAR)), "key.too_long");
        let chosen = bounds(&asked(60), &maker, now(), YEAR).unwrap();
        assert!(!chosen.renewable, "an end that was chosen is not prolonged");
        let bound = Grant { renewable: false, ..maker };
        assert!(!bounds(&key(), &bound, now(), YEAR).unwrap().renewable, "nor does it prolong itself by another");
    }

    #[test]
    fn a_narrowed_key_makes_none_that_is_wider() {
        let names = |all: &[&str]| Some(all.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        let (here, there) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let set = Permissions::named(&names(&["users.manage", "people.read"]).unwrap()).unwrap();
        let maker = Grant { permissions: Some(set), activities: Some(vec![here]), ..Grant::WHOLE };
        let made = bounds(&key(), &maker, now(), YEAR).unwrap();
        assert_eq!(made.permissions, names(&["users.manage", "people.read"]));
        assert_eq!(made.activities, Some(vec![here]));
        let wider = NewKey { permissions: names(&["people.read", "people.manage"]), ..key() };
        assert_eq!(code(bounds(&wider, &maker, now(), YEAR)), "key.wider");
        let elsewhere = NewKey { activities: Some(vec![here, there]), ..key() };
        assert_eq!(code(bounds(&elsewhere, &maker, now(), YEAR)), "not_found");
        let less = NewKey { permissions: names(&["people.read"]), ..key() };
        assert_eq!(bounds(&less, &maker, now(), YEAR).unwrap().permissions, names(&["people.read"]));
        assert_eq!(code(covers(&maker, Role::CoopAdmin)), "user.wider");
    }

    #[test]
    fn a_successor_lasts_as_long_again_unless_the_end_was_chosen() {
        let ends = now() + TimeDelta::days(10);
        assert_eq!(succeeds(ends, true, now(), YEAR), now() + YEAR);
        assert_eq!(succeeds(ends, false, now(), YEAR), ends);
    }

    #[test]
    fn the_end_of_a_key_is_told_twice() {
        let (made, ends) = (now(), now() + YEAR);
        let on = |days: i64| ends - TimeDelta::days(days);
        assert!(!must_tell(made, ends, None, on(31)));
        assert!(must_tell(made, ends, None, on(30)));
        assert!(!must_tell(made, ends, Some(on(30)), on(6)));
        assert!(must_tell(made, ends, Some(on(30)), on(5)));
        assert!(!must_tell(made, ends, Some(on(5)), on(1)));
        assert!(!must_tell(made, ends, None, ends), "it is over");
        assert!(
            !must_tell(made, made + TimeDelta::days(30), None, made + TimeDelta::days(28)),
            "it was meant to be short"
        );
    }

    #[test]
    fn somebody_remains_who_administers() {
        let day = |days: i64| Lasts::Until(now() + TimeDelta::days(days));
        assert!(remains(Lasts::On, Lasts::On, now()).is_ok());
        assert!(remains(Lasts::On, day(60), now()).is_ok(), "there is time to name another");
        for after in [Lasts::Nobody, day(-1), day(29)] {
            assert_eq!(code(remains(Lasts::On, after, now())), "user.last_admin", "{after:?}");
        }
        assert!(remains(Lasts::Nobody, Lasts::Nobody, now()).is_ok(), "nothing is lost");
        assert!(remains(day(20), day(20), now()).is_ok());
        assert!(remains(day(20), day(10), now()).is_err());
    }
}
