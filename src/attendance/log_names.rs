//! Whom a log names: each different name of the log is folded once, each trainee once, and the rest is a look-up.

use std::collections::HashMap;

use entity::person;
use uuid::Uuid;

use super::{connection_log::Stay, connections::Matched, roll::Trainee};
use crate::platform::text::fold;

/// A name of the log, folded in each of the ways in which it is looked for.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    /// The address.
    email: Option<String>,
    /// The name as it is written.
    name: String,
    /// Its words, whichever comes first.
    words: String,
}

/// The different names of a log, and which of them each stay bears.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Named>,
    of: Vec<usize>,
}

impl Names {
    /// The names of these stays. A log may hold many thousands: this is done before a unit of work.
    pub(super) fn of(stays: &[Stay]) -> Self {
        let mut known: HashMap<(&str, Option<&str>), usize> = HashMap::new();
        let mut names = Self::default();
        for stay in stays {
            let key = (stay.name.as_str(), stay.email.as_deref());
            let at = *known.entry(key).or_insert_with(|| {
                let name = fold(&stay.name);
                names.all.push(Named { email: key.1.map(fold), words: words(&name), name });
                names.all.len() - 1
            });
            names.of.push(at);
        }
        names
    }
}

/// The words of a folded name, in one order.
fn words(folded: &str) -> String {
    let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

/// Whoever answers to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    One(Uuid),
    Several,
}

/// Those who are expected, by each name that they answer to.
#[derive(Debug, Default)]
pub(super) struct Expected {
    told: HashMap<String, Uuid>,
    by_email: HashMap<String, Found>,
    by_words: HashMap<String, Found>,
}

impl Expected {
    /// The trainees of a roll who are expected on a half-day; `told` are those whom the call names.
    pub(super) fn on<'t>(
        expected: impl Iterator<Item = &'t Trainee>,
        people: &HashMap<Uuid, person::Model>,
        told: HashMap<String, Uuid>,
    ) -> Self {
        let mut known = Self { told, ..Self::default() };
        for one in expected {
            let (id, person) = (one.enrolment.id, people.get(&one.enrolment.person_id));
            if let Some(email) = person.and_then(|row| row.email.as_deref()) {
                note(&mut known.by_email, fold(email), id);
            }
            note(&mut known.by_words, words(&fold(&one.name)), id);
            if let Some(row) = person {
                note(&mut known.by_words, words(&fold(&format!("{} {}", row.first_name, row.birth_name))), id);
            }
        }
        known
    }

    /// How each stay of a log found its trainee, or why it did not.
    pub(super) fn find(&self, names: &Names) -> Vec<(Matched, Option<Uuid>)> {
        let found: Vec<_> = names.all.iter().map(|named| self.one(named)).collect();
        names.of.iter().map(|at| found[*at]).collect()
    }

    fn one(&self, named: &Named) -> (Matched, Option<Uuid>) {
        if let Some(id) = self.told.get(&named.name).or_else(|| self.told.get(named.email.as_ref()?)) {
            return (Matched::Told, Some(*id));
        }
        // An address that several share tells nobody apart: the name may.
        if let Some(Found::One(id)) = named.email.as_ref().and_then(|email| self.by_email.get(email)) {
            return (Matched::Email, Some(*id));
        }
        match self.by_words.get(&named.words).filter(|_| !named.words.is_empty()) {
            Some(Found::One(id)) => (Matched::Name, Some(*id)),
            Some(Found::Several) => (Matched::Ambiguous, None),
            None => (Matched::Unknown, None),
        }
    }
}

fn note(known: &mut HashMap<String, Found>, name: String, id: Uuid) {
    known
        .entry(name)
        .and_modify(|found| {
            if *found != Found::One(id) {
                *found = Found::Several;
            }
        })
        .or_insert(Found::One(id));
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn stay(name: &str, email: Option<&str>) -> Stay {
        let at = DateTime::UNIX_EPOCH;
        Stay { line: 1, name: name.into(), email: email.map(str::to_owned), joined: at, left: at }
    }

    /// Zoé Lefèvre, born Durand; Paul Moreau; another Paul Moreau; Ali Benali. The two Paul share an address.
    fn known() -> Expected {
        let mut known = Expected::default();
        let people = [
            (1, "Zoé Lefèvre", "Zoé Durand", "zoe@example.org"),
            (2, "Paul Moreau", "Paul Moreau", "foyer@example.org"),
            (3, "Paul Moreau", "Paul Moreau", "foyer@example.org"),
            (4, "Ali Benali", "Ali Benali", "ali@example.org"),
        ];
        for (id, used, born, email) in people {
            let id = Uuid::from_u128(id);
            note(&mut known.by_email, fold(email), id);
            for name in [used, born] {
                note(&mut known.by_words, words(&fold(name)), id);
            }
        }
        known.told.insert(fold("iPad du bureau"), Uuid::from_u128(3));
        known
    }

    fn found(name: &str, email: Option<&str>) -> (Matched, Option<u128>) {
        let (how, id) = known().find(&Names::of(&[stay(name, email)]))[0];
        (how, id.map(|id| id.as_u128()))
    }

    #[test]
    fn names_meet_whichever_comes_first() {
        assert_eq!(found("LEFÈVRE Zoé", None), (Matched::Name, Some(1)));
        assert_eq!(found("zoe durand", None), (Matched::Name, Some(1)));
        assert_eq!(found("Zoé", None), (Matched::Unknown, None));
        assert_eq!(found("", None), (Matched::Unknown, None));
        assert_eq!(found("…", None), (Matched::Unknown, None));
    }

    #[test]
    fn whoever_cannot_be_told_apart_is_not_guessed() {
        assert_eq!(found("Paul Moreau", None), (Matched::Ambiguous, None));
        assert_eq!(found("Paul Moreau", Some("foyer@example.org")), (Matched::Ambiguous, None));
        assert_eq!(found("Ali B.", Some("ALI@example.org")), (Matched::Email, Some(4)));
        assert_eq!(found("Ali Benali", Some("foyer@example.org")), (Matched::Name, Some(4)));
        assert_eq!(found("iPad du Bureau", None), (Matched::Told, Some(3)));
        assert_eq!(found("", Some("ipad du bureau")), (Matched::Told, Some(3)));
    }

    #[test]
    fn a_name_that_comes_a_thousand_times_is_folded_once() {
        let names = Names::of(&vec![stay("Zoé Lefèvre", None); 1000]);
        assert_eq!((names.all.len(), names.of.len()), (1, 1000));
    }

    proptest! {
        #[test]
        fn every_stay_is_answered(who in proptest::collection::vec("[a-zé ]{0,6}", 0..40)) {
            let stays: Vec<Stay> = who.iter().map(|name| stay(name, None)).collect();
            prop_assert_eq!(known().find(&Names::of(&stays)).len(), stays.len());
        }
    }
}
