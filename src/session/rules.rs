//! What holds of half-days and of the life of a session, without a database.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::input::{Half, Modality, NewSlot, SlotState, State};
use crate::{
    platform::{
        busy::Busy,
        calendar::{self, Cut, HalfDay},
        error::{Error, Fault, Result},
    },
    words,
};

words! {
    /// What may be done to a session.
    pub enum Step {
        /// Planned → open.
        Open = "open",
        /// Open → running.
        Start = "start",
        /// Running → completed.
        Complete = "complete",
        /// Completed → closed.
        Close = "close",
        /// Planned, open or running → cancelled.
        Cancel = "cancel",
    }
}

/// Where a step leads.
pub fn step(state: State, step: Step) -> Result<State> {
    match (state, step) {
        (State::Planned, Step::Open) => Ok(State::Open),
        (State::Open, Step::Start) => Ok(State::Running),
        (State::Running, Step::Complete) => Ok(State::Completed),
        (State::Completed, Step::Close) => Ok(State::Closed),
        (State::Planned | State::Open | State::Running, Step::Cancel) => Ok(State::Cancelled),
        (from, no) => {
            let possible: &[&str] = match from {
                State::Planned => &["open", "cancel"],
                State::Open => &["start", "cancel"],
                State::Running => &["complete", "cancel"],
                State::Completed => &["close"],
                State::Closed | State::Cancelled => &[],
            };
            Err(Error::no_move("session.no_move", from.name(), no.name(), possible))
        }
    }
}

/// Whether the plan of a session in this state may still change.
pub fn plan_is_open(state: State) -> Result<()> {
    match state {
        State::Planned | State::Open | State::Running => Ok(()),
        State::Completed | State::Closed | State::Cancelled => Err(Error::refused(
            "session.over",
            format!("La session est à l’état « {} » : son planning ne change plus.", state.name()),
            format!("The session is {}: its plan changes no more.", state.name()),
        )),
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From this instant.
    pub starts_at: DateTime<Utc>,
    /// Until this one.
    pub ends_at: DateTime<Utc>,
}

impl Span {
    /// Whether two stretches share an instant; one that begins when the other ends does not.
    pub fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    /// « lundi 2 mars 2026, 9 h – 12 h 30 ».
    pub fn words(self) -> String {
        let (from, to) = (calendar::local(self.starts_at), calendar::local(self.ends_at));
        format!("{}, {} – {}", calendar::long_date(from.date()), calendar::time(from.time()), calendar::time(to.time()))
    }
}

/// The times of a half-day, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Its day.
    pub day: NaiveDate,
    /// Its half.
    pub half: Half,
    /// Its instants.
    pub span: Span,
    /// Minutes that are not training.
    pub break_minutes: i32,
}

/// Shortest half-day, in minutes.
pub const SHORTEST: i64 = 5;
/// Longest half-day, in minutes.
pub const LONGEST: i64 = 8 * 60;

fn clock(text: &str, pointer: &str) -> Result<NaiveTime, Fault> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
        Fault::new(
            pointer,
            "time",
            "Une heure est attendue, comme « 09:00 ».",
            "A time of day is expected, such as “09:00”.",
        )
    })
}

/// The times of a half-day: from local words to instants.
pub fn times(
    day: NaiveDate,
    starts: &str,
    ends: &str,
    half: Option<Half>,
    break_minutes: Option<i32>,
) -> Result<Times, Fault> {
    let (from, to) = (clock(starts, "/starts")?, clock(ends, "/ends")?);
    if !(1990..=2200).contains(&chrono::Datelike::year(&day)) {
        return Err(Fault::new(
            "/day",
            "slot.day",
            "Une date entre 1990 et 2200 est attendue.",
            "A day between 1990 and 2200 is expected.",
        ));
    }
    let span = Span { starts_at: calendar::at(day, from), ends_at: calendar::at(day, to) };
    if to <= from {
        return Err(Fault::new(
            "/ends",
            "dates.order",
            format!("La fin ({ends}) doit suivre le début ({starts})."),
            format!("The end ({ends}) must come after the beginning ({starts})."),
        ));
    }
    let length = (span.ends_at - span.starts_at).num_minutes();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Fault::new(
            "/ends",
            "slot.length",
            format!("De {starts} à {ends} il y a {length} minutes : 5 minutes au moins, 8 heures au plus."),
            format!("From {starts} to {ends} there are {length} minutes: 5 minutes at least, 8 hours at most."),
        ));
    }
    let break_minutes = break_minutes.unwrap_or(0);
    if i64::from(break_minutes) > length - SHORTEST {
        return Err(Fault::new(
            "/break_minutes",
            "slot.break",
            format!("La pause ({break_minutes} min) ne laisse pas 5 minutes de formation sur {length}."),
            format!("The break ({break_minutes} min) leaves less than 5 minutes of training out of {length}."),
        ));
    }
    let half = half.unwrap_or_else(|| match Cut::default().halves(from, to).first() {
        Some(HalfDay::Afternoon) => Half::Afternoon,
        Some(HalfDay::Morning) | None => Half::Morning,
    });
    Ok(Times { day, half, span, break_minutes })
}

/// Two half-days of one session share time: both are named.
pub fn overlap(one: Span, other: Span, pointer: impl Into<String>) -> Option<Fault> {
    one.overlaps(other).then(|| {
        Fault::new(
            pointer,
            "slot.overlap",
            format!("Cette demi-journée ({}) chevauche une autre de la session ({}).", one.words(), other.words()),
            format!("This half-day ({}) overlaps another of the session ({}).", one.words(), other.words()),
        )
    })
}

/// The faults of half-days that are written together, and their times; `present` are those that the session has.
pub fn plan(slots: &[NewSlot], present: &[Span], has: Whereabouts) -> Result<Vec<Times>> {
    let mut faults = vec![];
    let mut planned: Vec<Option<Times>> = vec![];
    for (index, slot) in slots.iter().enumerate() {
        let at = format!("/slots/{index}");
        let found = times(slot.day, &slot.starts, &slot.ends, slot.half, slot.break_minutes);
        if let Ok(found) = &found {
            let others = planned.iter().flatten().map(|times| times.span).chain(present.iter().copied());
            faults.extend(others.filter_map(|other| overlap(found.span, other, format!("{at}/starts"))).take(1));
        }
        faults.extend(whereabouts(slot, has).map(|fault| fault.under(&at)));
        faults.extend(super::place::faults(slot.place.as_ref(), &format!("{at}/place")));
        match found {
            Ok(found) => planned.push(Some(found)),
            Err(fault) => {
                faults.push(fault.under(&at));
                planned.push(None);
            }
        }
    }
    if faults.is_empty() { Ok(planned.into_iter().flatten().collect()) } else { Err(Error::Invalid(faults)) }
}

/// What a session says of where its half-days are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    /// It has a place.
    pub place: bool,
    /// It has a video link.
    pub link: bool,
}

/// A half-day says where it is, or its session does.
pub fn whereabouts(slot: &NewSlot, session: Whereabouts) -> Option<Fault> {
    match slot.modality.unwrap_or(Modality::FaceToFace) {
        Modality::Distance if slot.link.is_none() && !session.link => Some(Fault::new(
            "/link",
            "required",
            "Une demi-journée à distance demande un lien, ici ou sur la session.",
            "A distance half-day needs a link, here or on the session.",
        )),
        Modality::FaceToFace if slot.place.is_none() && !session.place => Some(Fault::new(
            "/place",
            "required",
            "Une demi-journée en présentiel demande un lieu, ici ou sur la session.",
            "A face-to-face half-day needs a place, here or on the session.",
        )),
        Modality::Distance | Modality::FaceToFace => None,
    }
}

/// Whether a half-day may still move, change or be cancelled.
pub fn slot_is_movable(state: SlotState, begun: bool, sheet_closed: bool) -> Result<()> {
    match (state, begun, sheet_closed) {
        (SlotState::Planned | SlotState::Moved, false, false) => Ok(()),
        (SlotState::Planned | SlotState::Moved, _, true) => Err(Error::refused(
            "slot.sheet_closed",
            "La feuille d’émargement de cette demi-journée est close : elle ne change plus.",
            "The attendance sheet of this half-day is closed: it changes no more.",
        )),
        (SlotState::Planned | SlotState::Moved, true, false) => Err(Error::refused(
            "slot.signed",
            "Des présences ou des signatures sont déjà inscrites sur cette demi-journée : elle ne change plus.",
            "Attendance or signatures are already recorded on this half-day: it changes no more.",
        )),
        (SlotState::Held | SlotState::Cancelled, ..) => Err(Error::refused(
            "slot.not_planned",
            format!("Cette demi-journée est à l’état « {} » : seule une demi-journée prévue change.", state.name()),
            format!("This half-day is {}: only a planned one changes.", state.name()),
        )),
    }
}

/// Where planned half-days meet what their trainers already have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// The half-day that is planned.
    pub planned: Span,
    /// What it meets.
    pub busy: Busy,
}

/// Every meeting, the firm ones first.
pub fn collisions(planned: &[(Span, uuid::Uuid)], others: &[Busy]) -> Vec<Collision> {
    let mut found: Vec<Collision> = planned
        .iter()
        .flat_map(|(span, trainer)| {
            others
                .iter()
                .filter(move |busy| {
                    busy.trainer == *trainer && span.overlaps(Span { starts_at: busy.starts_at, ends_at: busy.ends_at })
                })
                .map(|busy| Collision { planned: *span, busy: busy.clone() })
        })
        .collect();
    found.sort_by_key(|collision| (!collision.busy.firm, collision.planned.starts_at));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn times_of(starts: &str, ends: &str) -> Result<Times, Fault> {
        times(day("2026-03-02"), starts, ends, None, None)
    }

    #[test]
    fn a_half_day_lasts_from_five_minutes_to_eight_hours() {
        assert_eq!(times_of("09:00", "09:04").unwrap_err().code, "slot.length");
        assert!(times_of("09:00", "09:05").is_ok());
        assert!(times_of("09:00", "17:00").is_ok());
        assert_eq!(times_of("09:00", "17:01").unwrap_err().pointer, "/ends");
        assert_eq!(times_of("12:00", "09:00").unwrap_err().code, "dates.order");
    }

    #[test]
    fn the_half_follows_the_times_unless_it_is_given() {
        assert_eq!(times_of("09:00", "12:30").unwrap().half, Half::Morning);
        assert_eq!(times_of("12:45", "17:00").unwrap().half, Half::Afternoon);
        let given = times(day("2026-03-02"), "11:00", "13:00", Some(Half::Afternoon), None).unwrap();
        assert_eq!(given.half, Half::Afternoon);
    }

    #[test]
    fn a_break_leaves_some_training() {
        let fault = times(day("2026-03-02"), "09:00", "10:00", None, Some(56)).unwrap_err();
        assert_eq!(fault.pointer, "/break_minutes");
    }

    #[test]
    fn half_days_that_touch_do_not_overlap() {
        let (one, two) = (times_of("09:00", "12:00").unwrap().span, times_of("12:00", "14:00").unwrap().span);
        assert!(overlap(one, two, "").is_none());
        let three = times_of("11:59", "14:00").unwrap().span;
        let fault = overlap(three, one, "/slots/1/starts").unwrap();
        assert!(fault.fr.contains("11\u{a0}h\u{a0}59") && fault.fr.contains("9\u{a0}h – 12\u{a0}h"), "{}", fault.fr);
    }

    #[test]
    fn firm_collisions_come_first_and_only_for_the_same_trainer() {
        let (paul, zoe) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        let span = times_of("09:00", "12:00").unwrap().span;
        let busy =
            |trainer, firm| Busy { trainer, starts_at: span.starts_at, ends_at: span.ends_at, firm, visible: None };
        let found = collisions(&[(span, paul)], &[busy(paul, false), busy(zoe, true), busy(paul, true)]);
        assert_eq!(found.iter().map(|one| one.busy.firm).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_session_moves_one_way() {
        assert_eq!(step(State::Planned, Step::Open).unwrap(), State::Open);
        assert_eq!(step(State::Completed, Step::Close).unwrap(), State::Closed);
        for state in [State::Closed, State::Cancelled] {
            for one in Step::ALL {
                assert!(step(state, *one).is_err());
            }
        }
        let Err(Error::Refused(refused)) = step(State::Open, Step::Close) else { panic!() };
        assert_eq!(refused.possible, ["start", "cancel"]);
    }
}
