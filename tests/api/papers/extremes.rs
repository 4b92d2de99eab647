//! Papers of the longest and of the shortest plausible data: nothing is cut, nothing leaves its page, nothing is announced
//! that does not come.

use clairiere::{papers::render, pdf::Pictures};
use entity::document::Model;
use serde_json::{Value, json};

use super::{
    making::{Paper, papers},
    reader::{pages, words_of},
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
        let bytes = render(&row, &Pictures::default()).unwrap();
        keep(&format!("long-{name}"), &bytes);
        assert!(!pages(&bytes).is_empty(), "{name} has no page");
        offenders.extend(outside(&bytes).into_iter().map(|word| format!("{name}: {word}")));
    }
    assert!(offenders.is_empty(), "outside their page:\n{}", offenders.join("\n"));
}

/// Names, trainees and half-days as somebody will type them one day.
fn hardships(content: &Value) -> Vec<(&'static str, Value)> {
    let named = |name: &str| {
        let mut content = content.clone();
        rename(&mut content, name);
        content
    };
    let sized = |trainees: usize, slots: usize| {
        let mut content = content.clone();
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
        content
    };
    let mut brief = content.clone();
    for slot in brief["slots"].as_array_mut().into_iter().flatten() {
        (slot["to"], slot["minutes"]) = (json!("09:05:00"), json!(5));
    }
    let mut hard = vec![
        ("endless name", named(&"Aïcha".repeat(60))),
        ("emoji", named("Zoé 🎉 👩‍🏫 Lefèvre")),
        ("right to left", named("שלום עולם مرحبا")),
    ];
    if content.get("slots").is_some() {
        let sizes =
            [("nobody", 0, 3), ("two hundred trainees", 200, 3), ("sixty half-days", 2, 60), ("one of each", 1, 1)];
        hard.extend(sizes.map(|(name, trainees, slots)| (name, sized(trainees, slots))));
        hard.push(("five minutes", brief));
    }
    hard
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
        for (what, hard) in hardships(&content) {
            row.content = hard.to_string();
            let bytes = render(&row, &Pictures::default()).unwrap();
            keep(&format!("hard-{name}-{what}"), &bytes);
            assert!(outside(&bytes).is_empty(), "{name}, {what}: {:?}", outside(&bytes));
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

/// The same content without the members that its kind of paper can do without, down to the third level.
fn stripped(row: &Model, mut content: Value) -> Value {
    let mut places = vec![];
    collect("", &content, 3, &mut places);
    for place in places {
        let Some(member) = content.pointer(&place).cloned() else { continue };
        let less = if member.is_array() { json!([]) } else { Value::Null };
        for less in [less, Value::Null] {
            *content.pointer_mut(&place).unwrap() = less;
            if render(&Model { content: content.to_string(), ..row.clone() }, &Pictures::default()).is_ok() {
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

#[tokio::test]
async fn the_shortest_data_still_makes_a_paper() {
    for Paper { name, content, mut row, .. } in papers().await {
        let short = stripped(&row, shortened("", &content));
        row.content = short.to_string();
        let bytes = render(&row, &Pictures::default()).unwrap();
        keep(&format!("short-{name}"), &bytes);
        let text = pages(&bytes).join("\n");
        for gap in ["null", "None", "()", " ,", ": ,", "« »", "«\u{a0}\u{a0}»"] {
            assert!(!text.contains(gap), "{name} says {gap:?}:\n{text}");
        }
        assert!(outside(&bytes).is_empty(), "{name}");
    }
}

/// With `PAPERS_DIR=folder`, papers are kept to be looked at.
fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("PAPERS_DIR") {
        std::fs::write(format!("{folder}/{}.pdf", name.replace(' ', "-")), bytes).unwrap();
    }
}
