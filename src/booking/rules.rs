//! How a booking moves, and which changes of its terms are material.

use std::collections::BTreeSet;

use super::terms::Terms;
use crate::{
    platform::error::{Error, Result},
    words,
};

words! {
    /// Where a booking stands.
    pub enum State as "BookingState" {
        /// Being prepared.
        Draft = "draft",
        /// Offered to the client.
        Proposed = "proposed",
        /// Agreed by both sides.
        Agreed = "agreed",
        /// The client said no.
        Declined = "declined",
        /// Called off.
        Cancelled = "cancelled",
    }
}

words! {
    /// The cooperative's word on the present terms.
    pub enum Approval {
        /// Never asked.
        None = "none",
        /// Asked, not decided.
        Requested = "requested",
        /// Accepted.
        Accepted = "accepted",
        /// Returned with a reason.
        Returned = "returned",
        /// The terms changed since.
        Voided = "voided",
    }
}

words! {
    /// What makes a change of terms material: the approval falls, a signed agreement needs an amendment.
    pub enum Material {
        /// Price (prix).
        Price = "price",
        /// Duration (durée).
        Duration = "duration",
        /// Days (période de réalisation).
        Period = "period",
        /// Objectives: the programme version (objectifs).
        Objectives = "objectives",
        /// Share at a distance (part à distance).
        Distance = "distance",
        /// Named trainers (intervenants).
        Trainers = "trainers",
    }
}

/// A step of the booking's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Propose,
    Agree,
    Decline,
    Cancel,
}

impl Step {
    const ALL: [Self; 4] = [Self::Propose, Self::Agree, Self::Decline, Self::Cancel];

    fn name(self) -> &'static str {
        match self {
            Self::Propose => "propose",
            Self::Agree => "agree",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
        }
    }
}

fn next(from: State, step: Step) -> Option<State> {
    match (from, step) {
        (State::Draft, Step::Propose) => Some(State::Proposed),
        (State::Proposed, Step::Agree) => Some(State::Agreed),
        (State::Proposed, Step::Decline) => Some(State::Declined),
        (State::Draft | State::Proposed | State::Agreed, Step::Cancel) => Some(State::Cancelled),
        (State::Draft, Step::Agree | Step::Decline)
        | (State::Proposed, Step::Propose)
        | (State::Agreed, Step::Propose | Step::Agree | Step::Decline)
        | (State::Declined | State::Cancelled, Step::Propose | Step::Agree | Step::Decline | Step::Cancel) => None,
    }
}

/// Where a step leads, or the moves that are possible.
pub fn moved(from: State, step: Step) -> Result<State> {
    next(from, step).ok_or_else(|| {
        let possible: Vec<&str> =
            Step::ALL.into_iter().filter(|step| next(from, *step).is_some()).map(Step::name).collect();
        Error::no_move("booking.no_move", from.name(), step.name(), &possible)
    })
}

impl State {
    /// Whether the booking still counts.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Draft | Self::Proposed | Self::Agreed)
    }
}

/// What differs between two sets of terms, among what an approval and an agreement hold.
pub fn material(before: &Terms, after: &Terms) -> Vec<Material> {
    let trainers = |terms: &Terms| terms.trainers.iter().copied().collect::<BTreeSet<_>>();
    Material::ALL
        .iter()
        .copied()
        .filter(|what| match what {
            Material::Price => before.price_cents != after.price_cents,
            Material::Duration => before.minutes != after.minutes,
            Material::Period => before.days != after.days,
            Material::Objectives => before.programme_version != after.programme_version,
            Material::Distance => before.distance_basis_points != after.distance_basis_points,
            Material::Trainers => trainers(before) != trainers(after),
        })
        .collect()
}

/// The share of distance in a duration, in basis points: 10 000 is all of it, a part is never rounded down to nothing.
pub fn distance_share(distance: i32, whole: i32) -> i32 {
    if whole <= 0 || distance <= 0 {
        return 0;
    }
    let share = (i64::from(distance) * 10_000 + i64::from(whole) / 2) / i64::from(whole);
    i32::try_from(share.clamp(1, 10_000)).unwrap_or(10_000)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn terms() -> Terms {
        Terms {
            price_cents: 240_000,
            minutes: 1260,
            days: vec!["2026-04-02".parse().unwrap(), "2026-04-23".parse().unwrap()],
            programme_version: Uuid::from_u128(1),
            distance_basis_points: 0,
            trainers: vec![Uuid::from_u128(2), Uuid::from_u128(3)],
            plan: vec!["2026-04-02 09:00–12:30".into()],
            place: Some("Rennes".into()),
        }
    }

    fn changed(edit: impl FnOnce(&mut Terms)) -> Vec<Material> {
        let mut after = terms();
        edit(&mut after);
        material(&terms(), &after)
    }

    #[test]
    fn each_material_change_is_named() {
        assert_eq!(changed(|terms| terms.price_cents += 1), [Material::Price]);
        assert_eq!(changed(|terms| terms.minutes -= 30), [Material::Duration]);
        assert_eq!(changed(|terms| terms.days.truncate(1)), [Material::Period]);
        assert_eq!(changed(|terms| terms.programme_version = Uuid::from_u128(9)), [Material::Objectives]);
        assert_eq!(changed(|terms| terms.distance_basis_points = 1), [Material::Distance]);
        assert_eq!(changed(|terms| terms.trainers.truncate(1)), [Material::Trainers]);
    }

    #[test]
    fn another_room_hour_or_order_of_trainers_is_not_material() {
        assert!(changed(|terms| terms.place = None).is_empty());
        assert!(changed(|terms| terms.plan = vec!["2026-04-02 10:00–13:30".into()]).is_empty());
        assert!(changed(|terms| terms.trainers.reverse()).is_empty());
    }

    #[test]
    fn terms_that_differ_only_by_the_room_have_one_hash() {
        let mut elsewhere = terms();
        elsewhere.place = None;
        assert_eq!(terms().hash().unwrap(), elsewhere.hash().unwrap());
        elsewhere.price_cents = 1;
        assert_ne!(terms().hash().unwrap(), elsewhere.hash().unwrap());
    }

    #[test]
    fn a_booking_is_agreed_only_after_it_was_proposed() {
        assert_eq!(moved(State::Draft, Step::Propose).unwrap(), State::Proposed);
        let Err(Error::Refused(refused)) = moved(State::Draft, Step::Agree) else { panic!("a draft was agreed") };
        assert_eq!(refused.possible, ["propose", "cancel"]);
        for closed in [State::Declined, State::Cancelled] {
            assert!(Step::ALL.into_iter().all(|step| moved(closed, step).is_err()));
        }
    }

    #[test]
    fn a_small_distance_share_is_still_a_share() {
        assert_eq!(distance_share(0, 840), 0);
        assert_eq!(distance_share(210, 840), 2_500);
        assert_eq!(distance_share(1, 100_000), 1);
        assert_eq!(distance_share(840, 840), 10_000);
    }
}
