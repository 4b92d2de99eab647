//! Who may import whom. The order of features is the order of the trade: from who works here to the journey of a file.

use std::path::{Path, PathBuf};

use super::snapshot::place;

/// Features, in the order in which they may call each other; those of one line are equals.
const ORDER: &[&[&str]] = &[
    &["access"],
    &["signin"],
    &["organisation", "activity"],
    &["people"],
    &["file", "link"],
    &["document"],
    &["client"],
    &["catalogue"],
    &["needs"],
    &["quote"],
    &["session"],
    &["enrolment"],
    &["booking"],
    &["agreement"],
    &["attendance"],
    &["signing"],
    &["signature"],
    &["evaluation"],
    &["funding"],
    &["message"],
    &["journey"],
    &["audit"],
];

/// What knows no feature, and what it may name beside itself.
const FOUNDATIONS: &[(&str, &[&str])] = &[
    ("platform", &["platform", "events", "config", "mail", "pdf", "words"]),
    ("pdf", &["pdf", "platform"]),
    ("mail", &["mail", "platform"]),
    ("pages", &["pages", "platform"]),
    ("config", &["config", "platform"]),
];

fn rank(name: &str) -> Option<usize> {
    ORDER.iter().position(|equals| equals.contains(&name))
}

/// A source file, its place under `src` and its text without comments and strings.
struct Source {
    path: String,
    text: String,
}

fn sources(root: &str) -> Vec<Source> {
    let root = place(root);
    let mut files = vec![];
    collect(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let path = file.strip_prefix(place("")).unwrap().display().to_string();
            Source { path, text: code_of(&text) }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The lines of code: comments are gone.
fn code_of(text: &str) -> String {
    text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect::<Vec<_>>().join("\n")
}

/// Every path that begins at the crate, groups opened: `crate::{a::{b, c}, d}` names `a::b`, `a::c` and `d`.
fn crate_paths(text: &str) -> Vec<Vec<String>> {
    let mut found = vec![];
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        tree(&mut text[at + "crate::".len()..].chars().peekable(), &mut vec![], &mut found);
    }
    found
}

fn tree(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let depth = path.len();
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
    if rest.next_if_eq(&'{').is_some() {
        loop {
            while rest.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
            if rest.next_if_eq(&'}').is_some() || rest.peek().is_none() {
                return;
            }
            let before = found.len();
            tree(rest, path, found);
            if found.len() == before {
                return;
            }
        }
    }
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '*') {
        name.push(c);
    }
    if name.is_empty() {
        return;
    }
    path.push(name);
    let mut ahead = rest.clone();
    if ahead.next() == Some(':') && ahead.next() == Some(':') && ahead.peek() != Some(&'<') {
        *rest = ahead;
        tree(rest, path, found);
    } else {
        found.push(path.clone());
        // `name as other`
        let mut ahead = rest.clone();
        let word: String = ahead.by_ref().take(4).collect();
        if word == " as " {
            while ahead.next_if(|c| c.is_alphanumeric() || *c == '_').is_some() {}
            *rest = ahead;
        }
    }
    path.truncate(depth);
}

/// The feature or foundation of a file: `src/people/api.rs` → `people`, `src/api/spec.rs` → `api`.
fn home(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

fn offences(path: &str, text: &str) -> Vec<String> {
    let home = home(path);
    let mut found = vec![];
    for target in crate_paths(text) {
        let to = target[0].as_str();
        let name = format!("crate::{}", target.join("::"));
        if let Some((_, allowed)) = FOUNDATIONS.iter().find(|(name, _)| *name == home) {
            if !allowed.contains(&to) && (rank(to).is_some() || !to.chars().next().is_some_and(char::is_uppercase)) {
                found.push(format!("{path}: {home} knows no {to}: {name}"));
            }
            continue;
        }
        let (Some(here), Some(there)) = (rank(home), rank(to)) else { continue };
        if to == home {
            continue;
        }
        if there > here {
            found.push(format!("{path}: {home} comes before {to} and may not call it; say it by an event: {name}"));
        }
        if target.len() > 2 && ["actions", "api", "rules", "events"].contains(&target[1].as_str()) {
            found.push(format!("{path}: {home} goes past the front door of {to}: {name}"));
        }
    }
    found
}

#[test]
fn features_call_only_earlier_ones_by_their_front_door() {
    let found: Vec<String> = sources("src").iter().flat_map(|source| offences(&source.path, &source.text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_folder_has_a_place_in_the_order() {
    let known = ["api", "papers", "pages", "pdf", "mail", "platform", "demo", "operate", "config", "work"];
    let mut strangers = vec![];
    for entry in std::fs::read_dir(place("src")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() && rank(&name).is_none() && !known.contains(&name.as_str()) {
            strangers.push(name);
        }
    }
    assert!(strangers.is_empty(), "{strangers:?} have no place in the order of tests/api/guards/architecture.rs");
}

/// Words that only some places may say, and why.
const WORDS: &[(&[&str], &[&str], &str)] = &[
    (&["genpdf::", "lopdf::", "printpdf::"], &["src/pdf/", "src/pdf.rs"], "only src/pdf knows the PDF engine"),
    (&["lettre::"], &["src/mail/", "src/mail.rs"], "only src/mail knows how mails leave"),
    (&["Ctx::system("], &["src/work.rs", "src/work/", "src/document/bytes.rs"], "only the worker acts for the system"),
    (
        &[".oneself("],
        &["src/access/key.rs"],
        "only the replacement of one’s own key acts on the cooperative’s rows for anybody",
    ),
    (&["Ctx::by_identity("], &["src/signin/"], "only a sign-in acts for whom the provider names"),
    (&["Ctx::verifier("], &["src/document/verification.rs"], "only the verification of a paper is open to all"),
    (&["Ctx::operator("], &["src/operate/", "src/demo/"], "only commands act for the operator"),
    (
        &["DatabaseTransaction", "ConnectionTrait", "DatabaseConnection"],
        &["src/platform/", "src/operate/"],
        "only the platform holds a connection",
    ),
];

fn words_out_of_place(path: &str, text: &str) -> Vec<String> {
    WORDS
        .iter()
        .filter(|(_, places, _)| !places.iter().any(|place| path.starts_with(place)))
        .flat_map(|(words, _, why)| {
            words.iter().filter(|word| text.contains(**word)).map(move |word| format!("{path}: `{word}`: {why}"))
        })
        .collect()
}

#[test]
fn engines_and_powers_stay_where_they_belong() {
    let found: Vec<String> =
        sources("src").iter().flat_map(|source| words_out_of_place(&source.path, &source.text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn entity_and_migration_know_nothing() {
    for (folder, manifest, strangers) in [
        ("entity/src", "entity/Cargo.toml", ["clairiere", "migration"]),
        ("migration/src", "migration/Cargo.toml", ["clairiere", "entity"]),
    ] {
        let manifest_text = std::fs::read_to_string(place(manifest)).unwrap();
        for stranger in strangers {
            assert!(
                !manifest_text
                    .lines()
                    .any(|line| line.starts_with(&format!("{stranger} ")) || line.starts_with(&format!("{stranger}."))),
                "{manifest} depends on {stranger}"
            );
            for source in sources(folder) {
                let named = format!("{stranger}::");
                let whole = |at: usize| !source.text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                let names = source.text.match_indices(&named).any(|(at, _)| whole(at));
                assert!(!names, "{}: names {stranger}", source.path);
            }
        }
    }
}

#[test]
fn a_file_says_what_it_is_for() {
    let mut silent = vec![];
    for root in ["src", "entity/src", "migration/src", "tests", "benches"] {
        let mut files = vec![];
        collect(&place(root), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            if !text.starts_with("//!") {
                silent.push(file.strip_prefix(place("")).unwrap().display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "These files do not begin with `//!`:\n{}", silent.join("\n"));
}

#[test]
fn a_wrong_import_is_seen() {
    let paths =
        crate_paths("use crate::{\n    api::Tag,\n    booking::{self, Booking},\n    platform::{a as b, c::D},\n};");
    assert_eq!(
        paths.iter().map(|path| path.join("::")).collect::<Vec<_>>(),
        ["api::Tag", "booking::self", "booking::Booking", "platform::a", "platform::c::D"]
    );
    assert_eq!(offences("src/session/actions.rs", "use crate::booking::Booking;").len(), 1);
    assert_eq!(offences("src/booking/actions.rs", "use crate::session::actions::plan;").len(), 1);
    assert!(offences("src/booking/actions.rs", "use crate::session::{self, Slot};").is_empty());
    assert_eq!(offences("src/platform/tx.rs", "use crate::{events::Event, client};").len(), 1);
    assert!(offences("src/platform/tx.rs", "use crate::events::Event;").is_empty());
    assert_eq!(words_out_of_place("src/quote/paper.rs", "use lopdf::Document;").len(), 1);
    assert_eq!(words_out_of_place("src/quote/actions.rs", "let ctx = Ctx::system(&app, row);").len(), 1);
}
