//! Days and hours in Paris, in French words. Every instant is given: nothing here reads a clock.

use chrono::{
    DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc,
    Weekday,
};
use chrono_tz::Europe::Paris;
use serde::{Deserialize, Serialize};

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// What a clock on a wall in Paris shows at this instant.
pub fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&Paris).naive_local()
}

/// The day in Paris at this instant.
pub fn local_day(instant: DateTime<Utc>) -> NaiveDate {
    local(instant).date()
}

/// The instant at which clocks in Paris show this day and time.
///
/// In March an hour does not exist: 2 h 30 is read as 3 h 30, one hour later as for a sleeper whose
/// clock was not changed. In October an hour comes twice: the first one is meant.
pub fn at(day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let shown = day.and_time(time);
    match Paris.from_local_datetime(&shown) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.to_utc(),
        LocalResult::None => match Paris.from_local_datetime(&(shown + Duration::hours(1))) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.to_utc(),
            // Paris skipped more than an hour only long before trains had timetables.
            LocalResult::None => shown.and_utc(),
        },
    }
}

/// The instant at which this day begins in Paris.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    at(day, NaiveTime::MIN)
}

/// Half of a day, as sheets count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HalfDay {
    Morning,
    Afternoon,
}

/// The lunch break that parts the day: a morning ends in it, an afternoon begins in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    pub from: NaiveTime,
    pub to: NaiveTime,
}

impl Default for Cut {
    /// From 12 h to 14 h.
    fn default() -> Self {
        Self { from: hour(12), to: hour(14) }
    }
}

fn hour(hours: u32) -> NaiveTime {
    NaiveTime::MIN + Duration::hours(i64::from(hours))
}

impl Cut {
    /// The half a time belongs to; inside the break, its nearer end decides.
    pub fn half(self, time: NaiveTime) -> HalfDay {
        if time < self.from + (self.to - self.from) / 2 { HalfDay::Morning } else { HalfDay::Afternoon }
    }

    /// The halves that a stretch of time occupies: 9 h to 12 h 30 is a morning, 9 h to 17 h both.
    pub fn halves(self, start: NaiveTime, end: NaiveTime) -> Vec<HalfDay> {
        match (start < self.from, end > self.to) {
            (true, true) => vec![HalfDay::Morning, HalfDay::Afternoon],
            (true, false) => vec![HalfDay::Morning],
            (false, true) => vec![HalfDay::Afternoon],
            // A stretch inside the break goes to the half its middle is nearer to.
            (false, false) => vec![self.half(start + (end - start) / 2)],
        }
    }
}

impl HalfDay {
    /// « matin » or « après-midi ».
    pub fn word(self) -> &'static str {
        match self {
            Self::Morning => "matin",
            Self::Afternoon => "après-midi",
        }
    }
}

fn weekday(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "lundi",
        Weekday::Tue => "mardi",
        Weekday::Wed => "mercredi",
        Weekday::Thu => "jeudi",
        Weekday::Fri => "vendredi",
        Weekday::Sat => "samedi",
        Weekday::Sun => "dimanche",
    }
}

fn month(day: NaiveDate) -> &'static str {
    MONTHS[day.month0() as usize]
}

/// « 1er », « 2 ».
fn number(day: NaiveDate) -> String {
    if day.day() == 1 { "1er".into() } else { day.day().to_string() }
}

/// « 1er mars 2026 ».
pub fn date(day: NaiveDate) -> String {
    format!("{} {} {}", number(day), month(day), day.year())
}

/// « lundi 2 mars 2026 ».
pub fn long_date(day: NaiveDate) -> String {
    format!("{} {}", weekday(day), date(day))
}

/// « 02/03/2026 », for tables.
pub fn short_date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// « 9 h 30 », « 14 h ».
pub fn time(time: NaiveTime) -> String {
    match (time.hour(), time.minute()) {
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, minutes) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
    }
}

/// « lundi 2 mars 2026 à 9 h 30 », of an instant, in Paris.
pub fn moment(instant: DateTime<Utc>) -> String {
    let local = local(instant);
    format!("{} à {}", long_date(local.date()), time(local.time()))
}

/// « du 2 au 4 mars 2026 », « le 2 mars 2026 » when both days are the same.
pub fn span(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        return format!("le {}", date(first));
    }
    let start = if first.year() != last.year() {
        date(first)
    } else if first.month() != last.month() {
        format!("{} {}", number(first), month(first))
    } else {
        number(first)
    };
    format!("du {start} au {}", date(last))
}

/// « les 2 mars, 23 et 24 avril 2026 »: sorted, once each, month and year said once; empty for no day.
pub fn dates(days: &[NaiveDate]) -> String {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let [first, .., last] = days.as_slice() else {
        return days.first().map_or_else(String::new, |day| format!("le {}", date(*day)));
    };
    let same_year = first.year() == last.year();
    let months: Vec<String> = days
        .chunk_by(|a, b| (a.year(), a.month()) == (b.year(), b.month()))
        .filter_map(|group| {
            let last = *group.last()?;
            let numbers: Vec<String> = group.iter().map(|day| number(*day)).collect();
            let year = if same_year { String::new() } else { format!(" {}", last.year()) };
            Some(format!("{} {}{year}", and(&numbers), month(last)))
        })
        .collect();
    let year = if same_year { format!(" {}", last.year()) } else { String::new() };
    // « 2 mars, 23 et 24 avril » reads better than two « et » in a row.
    let joined = if months.iter().any(|m| m.contains(" et ")) { months.join(", ") } else { and(&months) };
    format!("les {joined}{year}")
}

/// « a, b et c ».
pub fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} et {last}", init.join(", ")),
    }
}

/// Easter Sunday of the Gregorian calendar: the Sunday after the first full moon of spring (Gauss,
/// with the two late moons that the church moves back).
fn easter(year: i32) -> Option<NaiveDate> {
    let century = year / 100;
    let golden = year % 19;
    let corrections = century - century / 4 - (8 * century + 13) / 25;
    let age = (19 * golden + corrections + 15) % 30;
    let late = i32::from(age == 29 || (age == 28 && golden > 10));
    let moon = NaiveDate::from_ymd_opt(year, 3, 21)?.checked_add_days(Days::new(u64::try_from(age - late).ok()?))?;
    let to_sunday = 7 - moon.weekday().num_days_from_sunday();
    moon.checked_add_days(Days::new(to_sunday.into()))
}

/// The eleven public holidays of the labour code (art. L3133-1), in order.
///
/// Alsace-Moselle and overseas days are not among them. Years before 1583 have none.
pub fn holidays(year: i32) -> Vec<(NaiveDate, &'static str)> {
    let Some(easter) = (year >= 1583).then(|| easter(year)).flatten() else {
        return Vec::new();
    };
    let fixed = |month, day, name| NaiveDate::from_ymd_opt(year, month, day).map(|d| (d, name));
    let after = |days, name| easter.checked_add_days(Days::new(days)).map(|d| (d, name));
    let mut days: Vec<_> = [
        fixed(1, 1, "Jour de l’an"),
        after(1, "Lundi de Pâques"),
        fixed(5, 1, "Fête du travail"),
        fixed(5, 8, "Victoire de 1945"),
        after(39, "Ascension"),
        after(50, "Lundi de Pentecôte"),
        fixed(7, 14, "Fête nationale"),
        fixed(8, 15, "Assomption"),
        fixed(11, 1, "Toussaint"),
        fixed(11, 11, "Armistice de 1918"),
        fixed(12, 25, "Noël"),
    ]
    .into_iter()
    .flatten()
    .collect();
    days.sort_unstable();
    days
}

/// The name of the public holiday that this day is.
pub fn holiday(day: NaiveDate) -> Option<&'static str> {
    holidays(day.year()).into_iter().find(|(d, _)| *d == day).map(|(_, name)| name)
}

/// Monday to Friday, public holidays excepted.
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && holiday(day).is_none()
}

/// The day after so many working days: Friday plus one is Monday.
pub fn add_working_days(day: NaiveDate, count: u32) -> NaiveDate {
    let mut left = count;
    let mut day = day;
    while left > 0 {
        let Some(next) = day.succ_opt() else { break };
        day = next;
        left -= u32::from(is_working_day(day));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn clock(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_in_paris_before_it_does_in_london() {
        assert_eq!(local_day(instant("2026-03-01T22:59:59Z")), day("2026-03-01"));
        assert_eq!(local_day(instant("2026-03-01T23:00:00Z")), day("2026-03-02"));
        assert_eq!(local_day(instant("2026-07-01T22:00:00Z")), day("2026-07-02"));
        assert_eq!(midnight(day("2026-07-02")), instant("2026-07-01T22:00:00Z"));
    }

    #[test]
    fn the_hour_that_march_skips_is_read_an_hour_later() {
        assert_eq!(at(day("2026-03-29"), clock("01:59")), instant("2026-03-29T00:59:00Z"));
        assert_eq!(at(day("2026-03-29"), clock("02:30")), instant("2026-03-29T01:30:00Z"));
        assert_eq!(at(day("2026-03-29"), clock("03:30")), instant("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn the_hour_that_october_repeats_is_the_first_one() {
        assert_eq!(at(day("2026-10-25"), clock("02:30")), instant("2026-10-25T00:30:00Z"));
        assert_eq!(at(day("2026-10-25"), clock("03:00")), instant("2026-10-25T02:00:00Z"));
    }

    #[test]
    fn days_are_said_in_french() {
        assert_eq!(long_date(day("2026-03-02")), "lundi 2 mars 2026");
        assert_eq!(date(day("2026-03-01")), "1er mars 2026");
        assert_eq!(short_date(day("2026-03-01")), "01/03/2026");
        assert_eq!(time(clock("09:30")), "9\u{a0}h\u{a0}30");
        assert_eq!(time(clock("14:00")), "14\u{a0}h");
        assert_eq!(moment(instant("2026-03-02T08:05:00Z")), "lundi 2 mars 2026 à 9\u{a0}h\u{a0}05");
    }

    #[test]
    fn a_span_says_only_what_changes() {
        assert_eq!(span(day("2026-03-02"), day("2026-03-04")), "du 2 au 4 mars 2026");
        assert_eq!(span(day("2026-03-01"), day("2026-04-01")), "du 1er mars au 1er avril 2026");
        assert_eq!(span(day("2026-12-28"), day("2027-01-04")), "du 28 décembre 2026 au 4 janvier 2027");
        assert_eq!(span(day("2026-03-02"), day("2026-03-02")), "le 2 mars 2026");
    }

    #[test]
    fn a_list_of_days_says_each_month_once() {
        let said = |days: &[&str]| dates(&days.iter().map(|d| day(d)).collect::<Vec<_>>());
        assert_eq!(said(&["2026-03-24", "2026-03-02", "2026-03-23", "2026-03-02"]), "les 2, 23 et 24 mars 2026");
        assert_eq!(said(&["2026-03-02", "2026-04-23", "2026-04-24"]), "les 2 mars, 23 et 24 avril 2026");
        assert_eq!(said(&["2026-03-02", "2026-04-01"]), "les 2 mars et 1er avril 2026");
        assert_eq!(said(&["2026-12-31", "2027-01-04"]), "les 31 décembre 2026 et 4 janvier 2027");
        assert_eq!(said(&["2026-03-02"]), "le 2 mars 2026");
        assert_eq!(said(&[]), "");
    }

    #[test]
    fn the_movable_holidays_follow_easter() {
        let names = |year| holidays(year).into_iter().map(|(d, _)| d.format("%m-%d").to_string()).collect::<Vec<_>>();
        assert_eq!(
            names(2026),
            ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"]
        );
        assert_eq!(holiday(day("2025-06-09")), Some("Lundi de Pentecôte"));
        assert_eq!(holiday(day("2008-05-01")), Some("Ascension"), "in 2008 two holidays fell on one day");
        for known in [
            "1954-04-18",
            "1961-04-02",
            "1981-04-19",
            "2000-04-23",
            "2008-03-23",
            "2019-04-21",
            "2027-03-28",
            "2038-04-25",
            "2049-04-18",
        ] {
            assert_eq!(easter(day(known).year()), Some(day(known)));
        }
    }

    #[test]
    fn working_days_jump_over_weekends_and_holidays() {
        assert_eq!(add_working_days(day("2026-04-03"), 1), day("2026-04-07"));
        assert_eq!(add_working_days(day("2026-05-07"), 1), day("2026-05-11"));
        assert_eq!(add_working_days(day("2026-05-09"), 0), day("2026-05-09"));
    }

    #[test]
    fn lunch_parts_the_day() {
        use HalfDay::{Afternoon, Morning};
        let cut = Cut::default();
        assert_eq!(cut.half(clock("11:59")), Morning);
        assert_eq!(cut.half(clock("12:30")), Morning);
        assert_eq!(cut.half(clock("13:00")), Afternoon);
        assert_eq!(cut.halves(clock("09:00"), clock("12:30")), [Morning]);
        assert_eq!(cut.halves(clock("13:30"), clock("17:00")), [Afternoon]);
        assert_eq!(cut.halves(clock("09:00"), clock("17:00")), [Morning, Afternoon]);
        assert_eq!(cut.halves(clock("12:15"), clock("12:45")), [Morning]);
    }
}
