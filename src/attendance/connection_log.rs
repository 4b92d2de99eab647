//! Logs of connections, as rooms at a distance export them: BigBlueButton's activity of a meeting (JSON), or a table
//! (CSV). Read without a database: who, from when to when, and the lines that cannot be read.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::Value;

use crate::{
    platform::{calendar, heavy::long, text::fold},
    words,
};

words! {
    /// How a log of connections is written.
    pub enum LogFormat {
        /// The JSON that BigBlueButton's learning dashboard gives of a meeting.
        BigBlueButton = "bigbluebutton",
        /// A table with a header: e-mail or name, arrival, departure.
        Csv = "csv",
    }
}

/// A stay, as a log says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stay {
    /// Its line in the log, from 1.
    pub line: i32,
    /// The name in the log.
    pub name: String,
    /// The e-mail address in the log.
    pub email: Option<String>,
    /// When they joined.
    pub joined: DateTime<Utc>,
    /// When they left.
    pub left: DateTime<Utc>,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// Its line, from 1.
    pub line: i32,
    /// What is wrong with it.
    pub why: String,
}

/// What a log says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// The stays.
    pub stays: Vec<Stay>,
    /// The lines that cannot be read.
    pub unread: Vec<Unread>,
}

/// Read a log; times without a day are of the half-day's.
pub(super) fn read(format: LogFormat, content: &str, day: NaiveDate) -> Log {
    long("reading a log of connections");
    match format {
        LogFormat::BigBlueButton => bigbluebutton(content),
        LogFormat::Csv => csv(content, day),
    }
}

fn unread(line: usize, why: impl Into<String>) -> Unread {
    Unread { line: i32::try_from(line).unwrap_or(i32::MAX), why: why.into() }
}

fn bigbluebutton(content: &str) -> Log {
    let mut log = Log::default();
    let meeting: Value = match serde_json::from_str(content) {
        Ok(meeting) => meeting,
        Err(error) => {
            log.unread.push(unread(error.line(), "ce n’est pas le JSON d’une réunion BigBlueButton"));
            return log;
        }
    };
    let Some(users) = meeting["users"].as_object() else {
        log.unread.push(unread(1, "ce JSON n’a pas de participants (« users »)"));
        return log;
    };
    let ended = instant(&meeting["endedOn"]);
    for (index, user) in users.values().enumerate() {
        let line = index + 1;
        let name = user["name"].as_str().unwrap_or_default().trim().to_owned();
        // Rooms that name people by their address put it here.
        let email = ["email", "extId", "externalUserId"]
            .iter()
            .find_map(|field| user[*field].as_str().filter(|text| text.contains('@')))
            .map(str::to_owned);
        let stays: Vec<(&Value, &Value)> = stretches(user);
        if stays.is_empty() {
            log.unread.push(unread(line, format!("{name} : aucune connexion datée")));
        }
        for (joined, left) in stays {
            match (instant(joined), instant(left).or(ended)) {
                (Some(joined), Some(left)) if left >= joined => log.stays.push(Stay {
                    line: i32::try_from(line).unwrap_or(i32::MAX),
                    name: name.clone(),
                    email: email.clone(),
                    joined,
                    left,
                }),
                (Some(_), None) => {
                    log.unread.push(unread(line, format!("{name} : départ inconnu, réunion non terminée")));
                }
                (Some(_), Some(_)) => log.unread.push(unread(line, format!("{name} : le départ précède l’arrivée"))),
                (None, _) => log.unread.push(unread(line, format!("{name} : arrivée inconnue"))),
            }
        }
    }
    log
}

/// The stays of a participant: of each of their connections, whichever way this version of the room nests them.
fn stretches(user: &Value) -> Vec<(&Value, &Value)> {
    let dated = |of: &Value| of["registeredOn"].is_i64();
    let mut found = vec![];
    for connection in user["intIds"].as_object().into_iter().flat_map(|all| all.values()) {
        match connection["sessions"].as_array() {
            Some(sessions) => {
                found
                    .extend(sessions.iter().filter(|one| dated(one)).map(|one| (&one["registeredOn"], &one["leftOn"])));
            }
            None if dated(connection) => found.push((&connection["registeredOn"], &connection["leftOn"])),
            None => {}
        }
    }
    if found.is_empty() && dated(user) {
        found.push((&user["registeredOn"], &user["leftOn"]));
    }
    found
}

/// Milliseconds since 1970; zero is « not yet ».
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_i64().filter(|millis| *millis > 0).and_then(DateTime::from_timestamp_millis)
}

/// What a column holds, by the words that heads of columns use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Email,
    Name,
    First,
    Last,
    Joined,
    Left,
}

fn head(text: &str) -> Option<Head> {
    match fold(text).replace(['-', '_'], " ").trim() {
        "email" | "e mail" | "mail" | "courriel" | "adresse" | "adresse mail" | "user email" => Some(Head::Email),
        "name" | "full name" | "participant" | "nom complet" | "nom et prenom" | "user" | "user name" => {
            Some(Head::Name)
        }
        "first name" | "prenom" => Some(Head::First),
        "last name" | "nom" | "nom de famille" => Some(Head::Last),
        "join" | "joined" | "joined at" | "join time" | "arrivee" | "debut" | "connexion" | "heure d'arrivee" => {
            Some(Head::Joined)
        }
        "leave" | "left" | "left at" | "leave time" | "depart" | "fin" | "deconnexion" | "heure de depart" => {
            Some(Head::Left)
        }
        _ => None,
    }
}

fn csv(content: &str, day: NaiveDate) -> Log {
    let mut log = Log::default();
    let content = content.trim_start_matches('\u{feff}');
    let mut lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((_, first)) = lines.next() else {
        log.unread.push(unread(1, "le tableau est vide"));
        return log;
    };
    let separator = [';', '\t', ','].into_iter().max_by_key(|mark| first.matches(*mark).count()).unwrap_or(';');
    let heads: Vec<Option<Head>> = cells(first, separator).iter().map(|text| head(text)).collect();
    let has = |wanted: Head| heads.contains(&Some(wanted));
    if !(has(Head::Joined) && has(Head::Left) && (has(Head::Email) || has(Head::Name) || has(Head::Last))) {
        log.unread.push(unread(1, "la première ligne nomme les colonnes : e-mail ou nom, arrivée, départ"));
        return log;
    }
    for (index, line) in lines {
        match row(&cells(line, separator), &heads, day) {
            Ok((name, email, joined, left)) => {
                log.stays.push(Stay { line: i32::try_from(index + 1).unwrap_or(i32::MAX), name, email, joined, left });
            }
            Err(why) => log.unread.push(unread(index + 1, why)),
        }
    }
    log
}

type Row = (String, Option<String>, DateTime<Utc>, DateTime<Utc>);

fn row(cells: &[String], heads: &[Option<Head>], day: NaiveDate) -> Result<Row, String> {
    let of = |wanted: Head| {
        heads
            .iter()
            .position(|head| *head == Some(wanted))
            .and_then(|place| cells.get(place))
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
    let joined = of(Head::Joined).ok_or("l’arrivée manque")?;
    let left = of(Head::Left).ok_or("le départ manque")?;
    let joined = when(joined, day).ok_or_else(|| format!("« {joined} » n’est pas une date ni une heure"))?;
    let left = when(left, day).ok_or_else(|| format!("« {left} » n’est pas une date ni une heure"))?;
    if left < joined {
        return Err("le départ précède l’arrivée".into());
    }
    let parts = [of(Head::First), of(Head::Last)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = of(Head::Name).map_or(parts, str::to_owned);
    let email = of(Head::Email).map(str::to_owned);
    if name.is_empty() && email.is_none() {
        return Err("ni nom ni adresse".into());
    }
    Ok((name, email, joined, left))
}

/// An instant, or a local date and time, or a time of the half-day's day.
fn when(text: &str, day: NaiveDate) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    let moments = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%d/%m/%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
    ];
    let local = moments.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    if let Some(local) = local {
        return Some(calendar::at(local.date(), local.time()));
    }
    let times = ["%H:%M:%S", "%H:%M", "%Hh%M"];
    times.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok()).map(|time| calendar::at(day, time))
}

/// The cells of a line; quotes keep a separator, a doubled quote is one.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut found = vec![String::new()];
    let (mut quoted, mut letters) = (false, line.chars().peekable());
    while let Some(letter) = letters.next() {
        let Some(cell) = found.last_mut() else { break };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            mark if mark == separator && !quoted => found.push(String::new()),
            other => cell.push(other),
        }
    }
    found
}

/// Minutes of a half-day that these stays cover: at the same time counts once, the break is taken in the middle.
pub(super) fn covered(
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
    pause: i32,
    stays: impl IntoIterator<Item = (DateTime<Utc>, DateTime<Utc>)>,
) -> i32 {
    let mut stays: Vec<_> =
        stays.into_iter().map(|(from, to)| (from.max(starts), to.min(ends))).filter(|(from, to)| from < to).collect();
    stays.sort();
    let middle = starts + (ends - starts) / 2;
    let (mut seconds, mut until, mut had_break) = (0, starts, false);
    for (from, to) in stays {
        let from = from.max(until);
        if from < to {
            had_break |= from <= middle && middle <= to;
            seconds += (to - from).num_seconds();
            until = to;
        }
    }
    let minutes = i32::try_from(seconds / 60).unwrap_or(i32::MAX) - if had_break { pause } else { 0 };
    let whole = i32::try_from((ends - starts).num_minutes()).unwrap_or(i32::MAX).saturating_sub(pause);
    minutes.clamp(0, whole.max(0))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn day() -> NaiveDate {
        "2026-03-03".parse().expect("a plain day")
    }

    fn at(time: &str) -> DateTime<Utc> {
        when(time, day()).expect("a plain time")
    }

    #[test]
    fn a_table_is_read_line_by_line() {
        let table = "\u{feff}Courriel;Nom complet;Arrivée;Départ\n\
                     zoe@example.org;Zoé Lefèvre;09:02;12:30\n\
                     ;\"Moreau; Paul\";2026-03-03 09:00:00;2026-03-03T11:30:00Z\n\
                     ;;09:00;10:00\n\
                     ali@example.org;Ali Benali;midi;12:30\n\
                     ali@example.org;Ali Benali;12:30;09:00\n";
        let log = read(LogFormat::Csv, table, day());
        assert_eq!(log.stays.len(), 2);
        assert_eq!((log.stays[0].line, log.stays[0].joined), (2, at("09:02")));
        assert_eq!((log.stays[1].name.as_str(), log.stays[1].left), ("Moreau; Paul", at("12:30")));
        let lines: Vec<i32> = log.unread.iter().map(|one| one.line).collect();
        assert_eq!(lines, [4, 5, 6]);
        assert_eq!(read(LogFormat::Csv, "a,b\n1,2", day()).unread[0].line, 1);
    }

    #[test]
    fn a_meeting_is_read_whichever_way_it_nests_connections() {
        let millis = |time: &str| at(time).timestamp_millis();
        let meeting = json!({
            "name": "Zourit", "endedOn": millis("12:30"),
            "users": {
                "a": { "name": "Zoé Lefèvre", "extId": "zoe@example.org", "intIds": { "w": { "sessions": [
                    { "registeredOn": millis("09:00"), "leftOn": millis("10:00") },
                    { "registeredOn": millis("10:05"), "leftOn": 0 } ] } } },
                "b": { "name": "Paul Moreau", "intIds": { "w": { "registeredOn": millis("09:00"), "leftOn": millis("12:00") } } },
                "c": { "name": "Ali Benali", "registeredOn": millis("09:30"), "leftOn": millis("09:20") },
            }
        });
        let log = read(LogFormat::BigBlueButton, &meeting.to_string(), day());
        let told: Vec<(&str, DateTime<Utc>)> = log.stays.iter().map(|stay| (stay.name.as_str(), stay.left)).collect();
        assert_eq!(told, [("Zoé Lefèvre", at("10:00")), ("Zoé Lefèvre", at("12:30")), ("Paul Moreau", at("12:00"))]);
        assert_eq!(log.stays[0].email.as_deref(), Some("zoe@example.org"));
        assert_eq!(log.unread.len(), 1);
        assert_eq!(read(LogFormat::BigBlueButton, "{", day()).unread.len(), 1);
        assert_eq!(read(LogFormat::BigBlueButton, "{}", day()).unread.len(), 1);
    }

    #[test]
    fn two_devices_at_once_count_once() {
        let count = |stays: &[(&str, &str)]| {
            covered(at("09:00"), at("12:45"), 15, stays.iter().map(|(from, to)| (at(from), at(to))))
        };
        assert_eq!(count(&[("08:45", "13:00")]), 210);
        assert_eq!(count(&[("09:00", "10:00"), ("09:30", "10:30")]), 90);
        assert_eq!(count(&[("09:00", "12:45"), ("09:00", "12:45")]), 210);
        assert_eq!(count(&[("13:00", "14:00")]), 0);
    }

    proptest! {
        #[test]
        fn covered_minutes_never_leave_the_half_day(
            stays in proptest::collection::vec((-60..300_i64, -60..300_i64), 0..6), pause in 0..60_i32
        ) {
            let (starts, ends) = (at("09:00"), at("12:30"));
            let minute = |count: i64| starts + TimeDelta::minutes(count);
            let minutes = covered(starts, ends, pause, stays.into_iter().map(|(from, to)| (minute(from), minute(to))));
            prop_assert!((0..=210 - pause).contains(&minutes));
        }

        #[test]
        fn no_text_breaks_the_reading(text in "\\PC{0,200}") {
            for format in LogFormat::ALL {
                let log = read(*format, &text, day());
                prop_assert!(!log.unread.is_empty() || log.stays.is_empty());
            }
        }
    }
}
