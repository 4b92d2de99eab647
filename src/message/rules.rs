//! What the facts of a session ask to be sent, and when: pure.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use super::Text;
use crate::platform::calendar;

/// What planning needs to know of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The session.
    pub session: Uuid,
    /// Whether it takes place.
    pub alive: bool,
    /// Its training days that are not cancelled, in order.
    pub days: Vec<NaiveDate>,
    /// Its half-days that are not cancelled, and when each begins.
    pub halves: Vec<(Uuid, DateTime<Utc>)>,
    /// Whether somebody is enrolled.
    pub enrolled: bool,
    /// Whether the convocations went.
    pub convoked: bool,
    /// Days between the convocations and the first day.
    pub convocation_days: i64,
    /// Days between a reminder and the block that it announces.
    pub reminder_days: i64,
    /// Its half-days that are not closed.
    pub unclosed: Vec<Unclosed>,
}

/// A half-day that is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclosed {
    /// The half-day.
    pub slot: Uuid,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Whether it is open: people are signing it.
    pub open: bool,
}

/// A mail to be sent in its time; the key is the same for as long as it is the same mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What makes it the same.
    pub key: String,
    /// What it says.
    pub text: Text,
    /// When.
    pub due: DateTime<Utc>,
}

/// A pause of more than so many days opens a new block, which deserves its own reminder.
const PAUSE: TimeDelta = TimeDelta::days(7);
/// A mail that could not leave in its time is still of use for so long.
const LATE: TimeDelta = TimeDelta::hours(24);

/// How long after the end of a half-day that is not closed its absences are told all the same: the same day.
const AFTER_END: TimeDelta = TimeDelta::hours(1);
/// How long before the end of a half-day those who have not signed are reminded.
const BEFORE_END: TimeDelta = TimeDelta::minutes(15);

/// Training days, parted where they pause for more than a week.
pub fn blocks(days: &[NaiveDate]) -> Vec<Vec<NaiveDate>> {
    let mut blocks: Vec<Vec<NaiveDate>> = vec![];
    for &day in days {
        match blocks.last_mut() {
            Some(block) if block.last().is_some_and(|last| day - *last <= PAUSE) => block.push(day),
            _ => blocks.push(vec![day]),
        }
    }
    blocks
}

/// Everything that a session's facts ask for.
pub fn plan(facts: &Facts) -> Vec<Planned> {
    let Facts { session, alive, days, halves, enrolled, convoked, convocation_days, reminder_days, unclosed } = facts;
    let Some(first) = days.first().filter(|_| *alive && *enrolled) else { return vec![] };
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default();
    let before = |day: NaiveDate, count: i64| calendar::at(day - TimeDelta::days(count), nine);
    let convocation = (!convoked).then(|| Planned {
        key: format!("convocation:{session}"),
        text: Text::Convocation,
        due: before(*first, *convocation_days),
    });
    let reminders = blocks(days).into_iter().filter_map(|block| block.first().copied()).map(|day| Planned {
        key: format!("reminder:{session}:{day}"),
        text: Text::Reminder,
        due: before(day, *reminder_days),
    });
    let seven = NaiveTime::from_hms_opt(7, 0, 0).unwrap_or_default();
    let mornings = days.iter().map(|day| Planned {
        key: format!("day_link:{session}:{day}"),
        text: Text::DayLink,
        due: calendar::at(*day, seven),
    });
    let signing = halves.iter().map(|(slot, starts_at)| Planned {
        key: format!("signing_link:{slot}"),
        text: Text::SigningLink,
        due: *starts_at,
    });
    let signatures = unclosed.iter().filter(|slot| slot.open).map(|slot| Planned {
        key: format!("unsigned:{}", slot.slot),
        text: Text::Unsigned,
        due: slot.ends_at - BEFORE_END,
    });
    let absences = unclosed.iter().filter(|slot| slot.open).map(|slot| Planned {
        key: absences_key(slot.slot),
        text: Text::AbsenceNotice,
        due: absences_due(slot.ends_at),
    });
    let closings = unclosed.iter().map(|slot| Planned {
        key: format!("unclosed:{}", slot.slot),
        text: Text::Unclosed,
        due: calendar::at(calendar::local_day(slot.ends_at) + TimeDelta::days(1), nine),
    });
    let before = convocation.into_iter().chain(reminders).chain(mornings);
    before.chain(signing).chain(signatures).chain(absences).chain(closings).collect()
}

/// When the absences of a half-day that ends then are told, though nobody closed it; whatever is noted later is told at once.
pub fn absences_due(ends_at: DateTime<Utc>) -> DateTime<Utc> {
    ends_at + AFTER_END
}

/// The key of the absences of a half-day, as they are known in the evening.
pub fn absences_key(slot: Uuid) -> String {
    format!("absences:{slot}")
}

/// The half-day that a planned mail is about, if it is about one.
pub fn slot_of(key: &str) -> Option<Uuid> {
    let (kind, id) = key.split_once(':')?;
    matches!(kind, "unsigned" | "unclosed" | "absences").then(|| id.parse().ok()).flatten()
}

/// What stands planned already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its row.
    pub id: Uuid,
    /// Its key.
    pub key: String,
    /// Its state: planned, sent, missed or cancelled.
    pub state: String,
    /// Its instant.
    pub due: DateTime<Utc>,
}

/// What must change for the plan to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new mail.
    Insert(Planned, &'static str),
    /// Another instant or another state.
    Set(Uuid, DateTime<Utc>, &'static str),
    /// It is not wanted any more.
    Cancel(Uuid),
}

/// Compare the plan with what stands. What is too late is missed, never sent in a burst; what went stays gone.
pub fn reconcile(plan: &[Planned], standing: &[Standing], now: DateTime<Utc>) -> Vec<Change> {
    let state = |due: DateTime<Utc>| if due < now { "missed" } else { "planned" };
    let mut changes = vec![];
    for planned in plan {
        match standing.iter().find(|row| row.key == planned.key) {
            None => changes.push(Change::Insert(planned.clone(), state(planned.due))),
            Some(row) if row.state == "sent" => {}
            // Due at this very moment: the next sweep sends it.
            Some(row) if row.state == "planned" && row.due == planned.due => {}
            Some(row) if row.state != state(planned.due) || row.due != planned.due => {
                changes.push(Change::Set(row.id, planned.due, state(planned.due)));
            }
            Some(_) => {}
        }
    }
    let wanted: BTreeSet<&str> = plan.iter().map(|planned| planned.key.as_str()).collect();
    let gone = standing.iter().filter(|row| row.state == "planned" && !wanted.contains(row.key.as_str()));
    changes.extend(gone.map(|row| Change::Cancel(row.id)));
    changes
}

/// Whether a mail that is due may still leave.
pub fn is_of_use(due: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - due <= LATE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn zourit() -> Facts {
        Facts {
            session: Uuid::nil(),
            alive: true,
            days: vec![day("2026-06-02"), day("2026-06-23"), day("2026-06-24")],
            halves: vec![],
            enrolled: true,
            convoked: false,
            convocation_days: 15,
            reminder_days: 2,
            unclosed: vec![],
        }
    }

    #[test]
    fn a_half_day_that_is_not_closed_reminds() {
        let slot = Unclosed {
            slot: Uuid::from_u128(7),
            ends_at: calendar::at(day("2026-06-02"), NaiveTime::from_hms_opt(12, 30, 0).unwrap()),
            open: true,
        };
        let told = |open: bool| {
            let planned = plan(&Facts { unclosed: vec![Unclosed { open, ..slot }], ..zourit() });
            let about = planned.into_iter().filter(|one| slot_of(&one.key).is_some());
            about.map(|one| (one.text, calendar::local(one.due).to_string())).collect::<Vec<_>>()
        };
        let next = (Text::Unclosed, "2026-06-03 09:00:00".to_owned());
        assert_eq!(told(false), std::slice::from_ref(&next));
        let signatures = (Text::Unsigned, "2026-06-02 12:15:00".to_owned());
        let absences = (Text::AbsenceNotice, "2026-06-02 13:30:00".to_owned());
        assert_eq!(told(true), [signatures, absences, next]);
        let planned = plan(&Facts { unclosed: vec![slot], ..zourit() });
        assert_eq!(planned.iter().filter_map(|one| slot_of(&one.key)).collect::<Vec<_>>(), [slot.slot; 3]);
        assert_eq!(slot_of(&planned[0].key), None);
    }

    /// What is planned before a session; what is planned for its days has its own tests.
    fn before(facts: &Facts) -> Vec<Planned> {
        plan(facts).into_iter().filter(|one| matches!(one.text, Text::Convocation | Text::Reminder)).collect()
    }

    fn dues(facts: &Facts) -> Vec<(Text, String)> {
        before(facts).into_iter().map(|one| (one.text, calendar::local(one.due).to_string())).collect()
    }

    fn standing(plan: &[Planned], state: &str) -> Vec<Standing> {
        let of = |(n, one): (usize, &Planned)| Standing {
            id: Uuid::from_u128(n as u128),
            key: one.key.clone(),
            state: state.into(),
            due: one.due,
        };
        plan.iter().enumerate().map(of).collect()
    }

    #[test]
    fn each_block_after_a_pause_has_its_reminder() {
        let expected = [
            (Text::Convocation, "2026-05-18 09:00:00".to_owned()),
            (Text::Reminder, "2026-05-31 09:00:00".to_owned()),
            (Text::Reminder, "2026-06-21 09:00:00".to_owned()),
        ];
        assert_eq!(dues(&zourit()), expected);
    }

    #[test]
    fn nothing_is_planned_for_nobody_or_for_a_cancelled_session() {
        assert_eq!(plan(&Facts { enrolled: false, ..zourit() }), []);
        assert_eq!(plan(&Facts { alive: false, ..zourit() }), []);
        assert_eq!(plan(&Facts { days: vec![], ..zourit() }), []);
        assert_eq!(before(&Facts { convoked: true, ..zourit() }).len(), 2);
    }

    #[test]
    fn a_plan_that_stands_changes_nothing() {
        let plan = before(&zourit());
        let now = calendar::midnight(day("2026-03-02"));
        assert_eq!(reconcile(&plan, &standing(&plan, "planned"), now), []);
        assert_eq!(reconcile(&plan, &standing(&plan, "sent"), now), []);
        assert_eq!(reconcile(&plan, &standing(&plan, "cancelled"), now).len(), 3);
    }

    #[test]
    fn a_moved_session_moves_its_mails_and_a_cancelled_one_loses_them() {
        let stood = before(&zourit());
        let now = calendar::midnight(day("2026-03-02"));
        let moved = before(&Facts { days: vec![day("2026-06-03"), day("2026-06-23"), day("2026-06-24")], ..zourit() });
        let changes = reconcile(&moved, &standing(&stood, "planned"), now);
        assert!(matches!(changes[0], Change::Set(id, _, "planned") if id == Uuid::from_u128(0)), "{changes:?}");
        assert!(matches!(&changes[1], Change::Insert(one, "planned") if one.key.ends_with("2026-06-03")));
        assert_eq!(changes[2], Change::Cancel(Uuid::from_u128(1)));
        let cancelled = reconcile(&[], &standing(&stood, "planned"), now);
        assert_eq!(cancelled, [0, 1, 2].map(|n| Change::Cancel(Uuid::from_u128(n))));
        assert_eq!(reconcile(&[], &standing(&stood, "sent"), now), []);
    }

    #[test]
    fn what_is_too_late_is_missed() {
        let plan = before(&zourit());
        let changes = reconcile(&plan, &[], calendar::midnight(day("2026-06-10")));
        let states: Vec<&str> =
            changes.iter().map(|one| if let Change::Insert(_, state) = one { *state } else { "" }).collect();
        assert_eq!(states, ["missed", "missed", "planned"]);
        assert!(is_of_use(plan[0].due, plan[0].due + TimeDelta::hours(3)));
        assert!(!is_of_use(plan[0].due, plan[0].due + TimeDelta::days(3)));
    }
}
