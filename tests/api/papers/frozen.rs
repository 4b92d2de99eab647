//! A content holds nothing that its paper does not print: each of its words, days, hours and amounts is read back.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clairiere::platform::{
    calendar,
    money::{Cents, Minutes, Rate},
};
use serde_json::Value;

use super::{
    making::papers,
    reader::{folded, running},
};

/// What is printed in other words than its own, or shown without words.
const SHOWN_OTHERWISE: &[(&str, &str)] = &[
    ("accent", "a colour"),
    ("kind", "chosen words: the title says convention or contrat"),
    ("whose", "« locaux du client »"),
    ("nature", "« Formation »"),
    ("half", "« matin »"),
    ("modality", "« en présentiel »"),
    ("presence", "« présent(e) »"),
    ("proof", "« signé sur papier »"),
    ("after", "« acquis »; when an instalment is due"),
    ("cells", "blank, or « non concerné(e) »"),
    ("origin", "« aucune »"),
    ("prefect_region", "L6352-12 has a line of its own, without the prefect"),
    ("withdrawal_days", "in letters"),
    ("picture", "a logo, a drawn signature"),
];

/// How small numbers are said.
const NEIGHBOURS: &[(&str, &[&str])] = &[
    ("heads", &["{} stagiaire"]),
    ("min_heads", &["de {} à", "{} personne"]),
    ("number", &["n° {}", "version {} du"]),
    // The first quote does not say that it is the first.
    ("edition", &["Édition {}", "édition {}", "Devis DEV"]),
    ("behind_seconds", &["en retard de {} s"]),
    ("count", &["matin {}", "midi {}"]),
];

fn day(text: &str, said: &str) -> bool {
    let Ok(day) = text.parse::<NaiveDate>() else { return false };
    let whole = [calendar::date(day), calendar::long_date(day), calendar::short_date(day)];
    if whole.iter().any(|words| said.contains(&folded(words))) {
        return true;
    }
    // « du 24 au 25 mars 2026 »: the month and the year are said once.
    let (number, rest) =
        calendar::date(day).split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
    ["du", "les", "au", "et", ","].iter().any(|before| said.contains(&folded(&format!("{before} {number}"))))
        && said.contains(&folded(&rest))
}

fn words(name: &str, text: &str, said: &str) -> bool {
    let time = text.parse::<NaiveTime>().is_ok_and(|time| said.contains(&folded(&calendar::time(time))));
    let instant = text
        .parse::<DateTime<Utc>>()
        .is_ok_and(|at| said.contains(&folded(&at.format("%Y-%m-%dT%H:%M:%SZ").to_string())));
    // A digest is printed by its beginning, or in groups.
    let head = name == "head" && text.get(..16).is_some_and(|head| said.contains(head));
    said.contains(&folded(text)) || day(text, said) || time || instant || head
}

fn number(name: &str, number: i64, said: &str) -> bool {
    let small = i32::try_from(number).unwrap_or(i32::MAX);
    let printed = match name {
        _ if name.ends_with("cents") || ["unit_price", "net"].contains(&name) => Cents(number).to_string(),
        _ if name.ends_with("basis_points") || name == "vat" => Rate(small).to_string(),
        _ if name.contains("minutes") || ["planned", "attended", "connected"].contains(&name) => {
            Minutes(small).to_string()
        }
        "quantity_hundredths" => format!("{},{}", number / 100, number % 100 / 10).trim_end_matches(",0").to_owned(),
        // Alone, a digit is on any page: it is looked for with its neighbours.
        _ if (0..10).contains(&number) => {
            let Some((_, words)) = NEIGHBOURS.iter().find(|(known, _)| *known == name) else { return false };
            return words.iter().any(|words| said.contains(&folded(&words.replace("{}", &number.to_string()))));
        }
        _ => number.to_string(),
    };
    // « 6 heures » on a certificate, « 6 h » elsewhere.
    said.contains(&folded(&printed))
}

fn walk(path: &str, name: &str, value: &Value, said: &str, missing: &mut Vec<String>) {
    if SHOWN_OTHERWISE.iter().any(|(known, _)| *known == name) && !value.is_object() && !value.is_array() {
        return;
    }
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) if words(name, text, said) => {}
        Value::Number(found) if number(name, found.as_i64().unwrap_or_default(), said) => {}
        Value::String(_) | Value::Number(_) => missing.push(format!("{path} = {value}")),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(&format!("{path}/{index}"), name, item, said, missing);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                walk(&format!("{path}/{name}"), name, member, said, missing);
            }
        }
    }
}

#[tokio::test]
async fn a_content_holds_nothing_that_is_not_printed() {
    let mut missing = vec![];
    for paper in papers().await {
        let said = running(&paper.bytes);
        let mut lacking = vec![];
        walk("", "", &paper.content, &said, &mut lacking);
        missing.extend(lacking.into_iter().map(|one| format!("{}: {one}", paper.name)));
    }
    assert!(missing.is_empty(), "frozen and not printed:\n{}", missing.join("\n"));
}
