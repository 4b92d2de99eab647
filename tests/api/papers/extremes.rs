//! Papers of the longest and of the shortest plausible data: nothing is cut, nothing leaves its page, nothing is announced
//! that does not come.

use clairiere::{
    papers::{laid, render},
    pdf::{Block, Pictures},
    platform::{calendar, heavy::here},
};
use entity::document::Model;
use serde_json::{Value, json};

use super::{
    keep,
    making::{Paper, papers},
    reader::{folded, pages, words_of},
};

/// Words that rules read: they stay as they are.
const CODES: &[&str] =
    &["kind", "whose", "nature", "half", "modality", "presence", "proof", "after", "accent", "siret", "nda"];
/// Lists of people and things, which become long.
const LISTS: &[(&str, usize)] = &[
    ("trainees", 24),
    ("slots", 12),
    ("cells", 12),
    ("connections", 3),
    ("changes", 6),
    ("results", 8),
    ("objectives", 6),
    ("content", 8),
    ("modules", 5),
    ("points", 4),
    ("schedule", 10),
    ("places", 2),
    ("half_days", 12),
    ("referents", 5),
    ("trainers", 3),
    ("lines", 8),
    ("months", 12),
    ("hosts", 2),
    ("attachments", 5),
    ("means", 5),
];
const LONG: &str = " – œuvrer ensemble à l’appropriation d’outils numériques éthiques, durables et maîtrisés";
/// A word that has no place to be cut, as people paste them.
const WORD: &str = "Anticonstitutionnellementadministrationinformatisée";

fn is_words(text: &str) -> bool {
    text.len() > 3 && text.contains(char::is_alphabetic) && text.parse::<chrono::DateTime<chrono::Utc>>().is_err()
}

/// The same content with long words and long lists.
fn stretched(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if !CODES.contains(&name) && is_words(text) && name != "cells" => {
            let long = match name {
                "text" if text.contains('\n') || text.starts_with("Article") => {
                    format!("{text}\n\nArticle 2 – Suite. {}", LONG.repeat(40))
                }
                "name" | "trainee" | "trainees" | "role" | "session" | "item" | "label" => {
                    format!("{text} de La {WORD}")
                }
                "before" | "after" | "reason" | "statement" => format!("{text}{}", LONG.repeat(6)),
                _ => format!("{text}{LONG} {WORD}"),
            };
            Value::String(long)
        }
        Value::Array(items) => {
            let wanted = LISTS.iter().find(|(list, _)| *list == name).map_or(items.len(), |(_, count)| *count);
            let made: Vec<Value> = items.iter().map(|item| stretched(name, item)).collect();
            Value::Array(made.iter().cycle().take(if made.is_empty() { 0 } else { wanted }).cloned().collect())
        }
        // Two lines of an identity are long enough: its numbers have the length that they have.
        Value::Object(members) if name == "issuer" => {
            let mut members = members.clone();
            for long in ["brand", "name"] {
                members[long] =
                    Value::String(format!("{} Coopérative {WORD}", members[long].as_str().unwrap_or_default()));
            }
            Value::Object(members)
        }
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), stretched(name, member))).collect())
        }
        other => other.clone(),
    }
}

/// Words that stand outside the printable part of their page: 10 mm from each edge, 6 mm for the foot.
fn outside(bytes: &[u8]) -> Vec<String> {
    const EDGE: f64 = 28.0;
    const FOOT: f64 = 17.0;
    words_of(bytes)
        .into_iter()
        .filter(|word| {
            word.left < EDGE || word.top < EDGE || word.right > word.width - EDGE || word.bottom > word.height - FOOT
        })
        .map(|word| format!("« {} » at {:.0}–{:.0} of {:.0}", word.text, word.left, word.right, word.width))
        .collect()
}

#[tokio::test]
async fn the_longest_data_stays_on_its_pages() {
    let mut offenders = vec![];
    for Paper { name, content, mut row, .. } in papers().await {
        let long = stretched("", &content);
        row.content = long.to_string();
        row.title = format!("{}{LONG}", row.title);
        let bytes = here(|| render(&row, &Pictures::default())).unwrap();
        keep(&format!("long-{name}"), &bytes);
        assert!(!pages(&bytes).is_empty(), "{name} has no page");
        offenders.extend(outside(&bytes).into_iter().map(|word| format!("{name}: {word}")));
    }
    assert!(offenders.is_empty(), "outside their page:\n{}", offenders.join("\n"));
}

/// A content as somebody will type it one day: what is hard about it, and the words that must be on its paper, whole.
struct Hard {
    what: &'static str,
    content: Value,
    whole: Vec<String>,
}

/// Names, trainees and half-days as somebody will type them one day.
fn hardships(content: &Value) -> Vec<Hard> {
    let named = |what: &'static str, name: &str, whole: &[&str]| {
        let mut content = content.clone();
        rename(&mut content, name);
        Hard { what, content, whole: whole.iter().map(|&words| words.to_owned()).collect() }
    };
    let endless = "Aïcha".repeat(60);
    let mut hard = vec![
        named("endless name", &endless, &[&endless]),
        named("emoji", "Zoé 🎉 👩‍🏫 Lefèvre", &["Zoé", "Lefèvre"]),
        named("right to left", "שלום עולם مرحبا", &["?"]),
    ];
    if content.get("slots").is_some() {
        let sizes =
            [("nobody", 0, 3), ("two hundred trainees", 200, 3), ("sixty half-days", 2, 60), ("one of each", 1, 1)];
        hard.extend(sizes.map(|(what, trainees, slots)| sized(content, what, trainees, slots)));
        hard.push(brief(content));
    }
    hard
}

/// So many trainees, each with a name, and so many half-days, each on its day.
fn sized(content: &Value, what: &'static str, trainees: usize, slots: usize) -> Hard {
    let mut content = content.clone();
    let mut whole = vec![];
    let cycled = |value: &Value, count: usize| -> Value {
        value.as_array().into_iter().flatten().cycle().take(count).cloned().collect()
    };
    content["trainees"] = cycled(&content["trainees"], trainees);
    content["slots"] = cycled(&content["slots"], slots);
    for rows in ["trainees", "trainers"] {
        for row in content[rows].as_array_mut().into_iter().flatten() {
            row["cells"] = cycled(&row["cells"], slots);
        }
    }
    for (number, row) in content["trainees"].as_array_mut().into_iter().flatten().enumerate() {
        let name = format!("Zoé{number:03}Lefèvre");
        row["name"] = json!(name);
        whole.push(name);
    }
    let first: chrono::NaiveDate = "2026-03-24".parse().unwrap();
    let days = first.iter_days();
    for (slot, day) in content["slots"].as_array_mut().into_iter().flatten().zip(days) {
        slot["day"] = json!(day);
        whole.push(calendar::short_date(day));
    }
    assert_eq!(whole.len(), trainees + slots);
    Hard { what, content, whole }
}

/// Half-days of five minutes.
fn brief(content: &Value) -> Hard {
    let (mut content, mut whole) = (content.clone(), vec![]);
    for slot in content["slots"].as_array_mut().into_iter().flatten() {
        let from: chrono::NaiveTime = slot["from"].as_str().unwrap().parse().unwrap();
        let to = from + chrono::TimeDelta::minutes(5);
        (slot["to"], slot["minutes"]) = (json!(to), json!(5));
        whole.push(format!("(5 min) {} à {}", calendar::time(from), calendar::time(to)));
    }
    Hard { what: "five minutes", content, whole }
}

/// The same name for everybody and for the client.
fn rename(value: &mut Value, to: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "issuer" => {}
                    "name" | "trainee" | "client" | "detail" if member.is_string() => *member = json!(to),
                    _ => rename(member, to),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, to)),
        _ => {}
    }
}

#[tokio::test]
async fn hard_names_and_numbers_make_sheets_and_certificates_that_stand() {
    for Paper { name, content, mut row, .. } in papers().await {
        if !["feuille d’émargement", "feuille vierge", "certificat"].contains(&name) {
            continue;
        }
        for Hard { what, content, whole } in hardships(&content) {
            row.content = content.to_string();
            let bytes = here(|| render(&row, &Pictures::default())).unwrap();
            keep(&format!("hard-{name}-{what}"), &bytes);
            assert!(outside(&bytes).is_empty(), "{name}, {what}: {:?}", outside(&bytes));
            let said = folded(&pages(&bytes).concat());
            let lost: Vec<&String> = whole.iter().filter(|words| !said.contains(&folded(words))).collect();
            assert!(lost.is_empty(), "{name}, {what}: {lost:?} are not on the paper");
        }
    }
}

/// The same content with one word where several stood, and one item in each list.
fn shortened(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if !CODES.contains(&name) && is_words(text) => {
            let first = text.split(' ').find(|word| word.len() > 1).unwrap_or(text);
            Value::String(first.trim_end_matches([',', '.', ':']).to_owned())
        }
        Value::Array(items) => Value::Array(items.iter().take(1).map(|item| shortened(name, item)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), shortened(name, member))).collect())
        }
        other => other.clone(),
    }
}

/// What an agreement is not drafted without: its items are checked before anything is frozen.
const ITEMS: &[&str] = &[
    "title",
    "objectives",
    "content",
    "means",
    "minutes",
    "days",
    "schedule",
    "places",
    "follow_up",
    "outcome",
    "payment_terms",
    "cancellation_terms",
];
/// What a contrat is not drafted without, beside.
const MENTIONS: &[&str] = &["prerequisites", "evaluation", "trainers", "titles", "instalments"];

/// Whether a paper of this kind is never issued without this member.
fn required(row: &Model, content: &Value, place: &str) -> bool {
    let member = place.rsplit('/').next().unwrap_or_default();
    row.kind == "agreement"
        && place.starts_with("/terms/")
        && (ITEMS.contains(&member) || content["kind"] == "contract" && MENTIONS.contains(&member))
}

/// The same content without the members that its kind of paper can do without, down to the third level.
fn stripped(row: &Model, mut content: Value) -> Value {
    let mut places = vec![];
    collect("", &content, 3, &mut places);
    for place in places {
        let Some(member) = content.pointer(&place).cloned() else { continue };
        if required(row, &content, &place) {
            continue;
        }
        let less = if member.is_array() { json!([]) } else { Value::Null };
        for less in [less, Value::Null] {
            *content.pointer_mut(&place).unwrap() = less;
            if here(|| render(&Model { content: content.to_string(), ..row.clone() }, &Pictures::default())).is_ok() {
                break;
            }
            *content.pointer_mut(&place).unwrap() = member.clone();
        }
    }
    content
}

/// The places of the members of a content, those of a member before its own members'.
fn collect(place: &str, value: &Value, depth: usize, places: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => return,
    };
    for (name, member) in members {
        let place = format!("{place}/{name}");
        if value.is_object() && !member.is_null() {
            places.push(place.clone());
        }
        if depth > 1 {
            collect(&place, member, depth - 1, places);
        }
    }
}

/// Headings under which nothing stands.
fn bare(row: &Model) -> Vec<String> {
    let blocks = laid(row, &Pictures::default()).unwrap().blocks;
    let next = blocks.iter().skip(1).map(Some).chain([None]);
    let titles = blocks.iter().zip(next).filter_map(|(block, next)| match (block, next) {
        (Block::Heading(title), None | Some(Block::Heading(_))) => Some(title.clone()),
        (Block::Subheading(title), None | Some(Block::Heading(_) | Block::Subheading(_))) => Some(title.clone()),
        _ => None,
    });
    titles.collect()
}

#[tokio::test]
async fn the_shortest_data_still_makes_a_paper() {
    for Paper { name, content, mut row, .. } in papers().await {
        let short = stripped(&row, shortened("", &content));
        row.content = short.to_string();
        let bytes = here(|| render(&row, &Pictures::default())).unwrap();
        keep(&format!("short-{name}"), &bytes);
        let text = pages(&bytes).join("\n");
        for gap in ["null", "None", "()", " ,", ": ,", "« »", "«\u{a0}\u{a0}»"] {
            assert!(!text.contains(gap), "{name} says {gap:?}:\n{text}");
        }
        assert!(outside(&bytes).is_empty(), "{name}");
        assert_eq!(bare(&row), Vec::<String>::new(), "{name} announces what does not come");
    }
}
