//! What the facts of a session ask to be sent, and when: pure.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    concerned::Uninvited,
    texts::{Text, Window, is_of_use},
};
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
    /// Who is enrolled since, was not convoked, and has half-days to come.
    pub uninvited: Vec<Uninvited>,
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
    /// Until when it is of use, as its text says.
    pub until: Option<DateTime<Utc>>,
}

impl Planned {
    fn new(key: String, text: Text, due: DateTime<Utc>, begins: Option<DateTime<Utc>>) -> Self {
        let until = text.of_use().until(Window { due, begins, ends: None });
        Self { key, text, due, until }
    }
}

/// A pause of more than so many days opens a new block, which deserves its own reminder.
const PAUSE: TimeDelta = TimeDelta::days(7);
/// A mail whose time was over when it was planned waits for so long: whoever enrols one trainee is about to enrol the next.
const SETTLE: TimeDelta = TimeDelta::hours(1);

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
    let Facts {
        session,
        alive,
        days,
        halves,
        enrolled,
        convoked,
        uninvited,
        convocation_days,
        reminder_days,
        unclosed,
    } = facts;
    let Some(first) = days.first().filter(|_| *alive && *enrolled) else { return vec![] };
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default();
    let before = |day: NaiveDate, count: i64| calendar::at(day - TimeDelta::days(count), nine);
    // The beginning of a day: its first half-day; a day without any has nothing that begins.
    let begins = |day: NaiveDate| {
        let of_day = halves.iter().filter(|(_, starts_at)| calendar::local_day(*starts_at) == day);
        of_day.map(|(_, starts_at)| *starts_at).min().or_else(|| Some(calendar::midnight(day + TimeDelta::days(1))))
    };
    let convocation = (!convoked).then(|| {
        let key = format!("convocation:{session}");
        Planned::new(key, Text::Convocation, before(*first, *convocation_days), begins(*first))
    });
    // Who joins or replaces somebody afterwards is convoked too: a state of the person, not of the session.
    let later = uninvited.iter().filter(|_| *convoked).map(|one| {
        let key = format!("convocation:{session}:{}", one.enrolment);
        Planned::new(key, Text::Convocation, before(one.day, *convocation_days), Some(one.begins))
    });
    let reminders = blocks(days).into_iter().filter_map(|block| block.first().copied()).map(|day| {
        let key = format!("reminder:{session}:{day}");
        Planned::new(key, Text::Reminder, before(day, *reminder_days), begins(day))
    });
    let seven = NaiveTime::from_hms_opt(7, 0, 0).unwrap_or_default();
    let mornings = days
        .iter()
        .map(|day| Planned::new(format!("day_link:{session}:{day}"), Text::DayLink, calendar::at(*day, seven), None));
    let signing = halves.iter().map(|(slot, starts_at)| {
        Planned::new(format!("signing_link:{slot}"), Text::SigningLink, *starts_at, Some(*starts_at))
    });
    let signatures = unclosed
        .iter()
        .filter(|slot| slot.open)
        .map(|slot| Planned::new(format!("unsigned:{}", slot.slot), Text::Unsigned, slot.ends_at - BEFORE_END, None));
    let absences = unclosed
        .iter()
        .filter(|slot| slot.open)
        .map(|slot| Planned::new(absences_key(slot.slot), Text::AbsenceNotice, absences_due(slot.ends_at), None));
    let closings = unclosed.iter().map(|slot| {
        let due = calendar::at(calendar::local_day(slot.ends_at) + TimeDelta::days(1), nine);
        Planned::new(format!("unclosed:{}", slot.slot), Text::Unclosed, due, None)
    });
    let before = convocation.into_iter().chain(later).chain(reminders).chain(mornings);
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
    /// Until when it is of use.
    pub until: Option<DateTime<Utc>>,
}

/// What must change for the plan to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new mail.
    Insert(Planned, &'static str),
    /// Another instant, another time of use or another state.
    Set(Uuid, Planned, &'static str),
    /// It is not wanted any more.
    Cancel(Uuid),
}

/// Compare the plan with what stands. What is planned too late is missed, never sent in a burst, unless its text is wanted
/// all the same; what went stays gone.
pub fn reconcile(plan: &[Planned], standing: &[Standing], now: DateTime<Utc>) -> Vec<Change> {
    let mut changes = vec![];
    for planned in plan {
        let row = standing.iter().find(|row| row.key == planned.key);
        match row {
            Some(row) if row.state == "sent" => continue,
            // It waits: due at this very moment or before, the next sweep sends it or says that it is missed.
            Some(row) if row.state == "planned" && row.due == planned.due && row.until == planned.until => continue,
            // It was planned late and waits for a moment: it goes on waiting until then.
            Some(row)
                if row.state == "planned"
                    && planned.due < now
                    && row.due > planned.due
                    && row.until == planned.until =>
            {
                continue;
            }
            _ => {}
        }
        let (state, due) = if planned.due >= now {
            ("planned", planned.due)
        } else if planned.text.is_planned_late() && is_of_use(planned.until, now) {
            // What begins within the hour waits for nobody.
            ("planned", if is_of_use(planned.until, now + SETTLE) { now + SETTLE } else { now })
        } else {
            ("missed", planned.due)
        };
        let wanted = Planned { due, ..planned.clone() };
        match row {
            None => changes.push(Change::Insert(wanted, state)),
            Some(row) if row.state != state || row.due != due || row.until != planned.until => {
                changes.push(Change::Set(row.id, wanted, state));
            }
            Some(_) => {}
        }
    }
    let wanted: BTreeSet<&str> = plan.iter().map(|planned| planned.key.as_str()).collect();
    let gone = standing.iter().filter(|row| row.state == "planned" && !wanted.contains(row.key.as_str()));
    changes.extend(gone.map(|row| Change::Cancel(row.id)));
    changes
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
            uninvited: vec![],
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
            until: one.until,
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
    }

    fn first_begins() -> DateTime<Utc> {
        calendar::at(day("2026-06-02"), NaiveTime::from_hms_opt(14, 0, 0).unwrap())
    }

    #[test]
    fn a_convocation_is_of_use_until_the_first_half_day_begins() {
        let slot = Uuid::from_u128(9);
        let plan = before(&Facts { halves: vec![(slot, first_begins())], ..zourit() });
        assert_eq!(plan[0].until, Some(first_begins()));
        assert_eq!(plan[1].until, Some(first_begins()), "the reminder of the first block too");
        assert_eq!(
            plan[2].until,
            Some(calendar::midnight(day("2026-06-24"))),
            "the end of a day whose hours are unknown"
        );
        assert!(is_of_use(plan[0].until, first_begins() - TimeDelta::seconds(1)));
        assert!(!is_of_use(plan[0].until, first_begins()));
    }

    #[test]
    fn a_training_that_is_sold_ten_days_ahead_convokes_its_trainees_within_the_hour() {
        let plan = before(&zourit());
        let now = calendar::midnight(day("2026-05-23"));
        let changes = reconcile(&plan, &[], now);
        let Change::Insert(convocation, "planned") = &changes[0] else { panic!("{changes:?}") };
        assert_eq!((convocation.text, convocation.due), (Text::Convocation, now + TimeDelta::hours(1)));
        // Another trainee is enrolled meanwhile: it waits no longer for that.
        let waits = Standing { due: convocation.due, ..standing(&plan[..1], "planned").remove(0) };
        assert_eq!(reconcile(&plan[..1], std::slice::from_ref(&waits), now + TimeDelta::minutes(20)), []);
        // After a downtime it is due still, and the sweep sends it.
        assert_eq!(reconcile(&plan[..1], &[waits], now + TimeDelta::days(3)), []);
        // What was given up before may be of use again.
        let missed = Standing { state: "missed".into(), ..standing(&plan[..1], "planned").remove(0) };
        let changes = reconcile(&plan[..1], &[missed], now);
        assert!(matches!(&changes[..], [Change::Set(_, one, "planned")] if one.due == now + TimeDelta::hours(1)));
    }

    #[test]
    fn whoever_joins_after_the_convocations_is_convoked_by_themselves() {
        let joins = Uninvited { enrolment: Uuid::from_u128(3), day: day("2026-06-02"), begins: first_begins() };
        let before_them = Facts { uninvited: vec![joins], ..zourit() };
        assert_eq!(before(&before_them).len(), before(&zourit()).len(), "the first convocations are for all");
        let plan = before(&Facts { convoked: true, ..before_them });
        assert_eq!(plan[0].key, format!("convocation:{}:{}", Uuid::nil(), joins.enrolment));
        assert_eq!(plan[0].until, Some(first_begins()));
        let in_time = reconcile(&plan[..1], &[], first_begins() - TimeDelta::hours(3));
        assert!(
            matches!(&in_time[..], [Change::Insert(one, "planned")] if one.due == first_begins() - TimeDelta::hours(2))
        );
        let now = first_begins() - TimeDelta::minutes(20);
        let at_once = reconcile(&plan[..1], &[], now);
        assert!(matches!(&at_once[..], [Change::Insert(one, "planned")] if one.due == now), "{at_once:?}");
    }

    #[test]
    fn a_mail_that_waited_in_its_time_is_not_given_up_by_a_change_of_the_session() {
        let plan = before(&zourit());
        let rows = standing(&plan[..1], "planned");
        assert_eq!(reconcile(&plan[..1], &rows, plan[0].due + TimeDelta::days(5)), []);
    }
}
