//! The table of docs/ASVS.md speaks of every requirement, and names only tests, stages and headings that exist.

use std::collections::BTreeMap;

use super::snapshot::place;

/// Numbers and levels of the standard (5.0.0, levels 1 and 2).
const NUMBERS: &str = include_str!("asvs.txt");
const STATUSES: [&str; 3] = ["held", "not applicable", "not held"];

/// A line of the table.
struct Row {
    number: String,
    level: String,
    status: String,
    why: String,
}

fn rows(table: &str) -> Vec<Row> {
    let cells = |line: &str| -> Option<Vec<String>> {
        let cells: Vec<String> =
            line.strip_prefix("| ")?.strip_suffix(" |")?.splitn(5, " | ").map(|cell| cell.trim().to_owned()).collect();
        (cells.len() == 5 && cells[0].starts_with(|c: char| c.is_ascii_digit())).then_some(cells)
    };
    let row = |cells: Vec<String>| {
        let [number, level, _, status, why] = <[String; 5]>::try_from(cells).ok()?;
        Some(Row { number, level, status, why })
    };
    table.lines().filter_map(|line| row(cells(line)?)).collect()
}

/// What is wrong with a table, given whether something that it names exists.
fn faults(table: &str, numbers: &str, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut wanted: BTreeMap<&str, &str> = numbers.lines().filter_map(|line| line.split_once(' ')).collect();
    let mut found = vec![];
    for Row { number, level, status, why } in rows(table) {
        match wanted.remove(number.as_str()) {
            Some(expected) if expected == level => {}
            Some(expected) => found.push(format!("{number}: level {expected}, not {level}")),
            None => found.push(format!("{number}: is twice in the table, or not in the standard")),
        }
        if !STATUSES.contains(&status.as_str()) {
            found.push(format!("{number}: « {status} » is no status"));
        }
        let named = named(&why);
        if status == "held" && named.is_empty() {
            found.push(format!("{number}: is held, and names nothing that shows it"));
        }
        if status == "not held" && why.chars().count() < 20 {
            found.push(format!("{number}: is not held, and does not say why"));
        }
        found.extend(named.iter().filter(|name| !exists(name)).map(|name| format!("{number}: {name} does not exist")));
    }
    found.extend(wanted.keys().map(|number| format!("{number}: is missing from the table")));
    found
}

/// What a cell names: tests (`edge::a_sentence`), stages (`.ci/run fuzz`), lines (`Cargo.toml#…`), headings (`FILE.md#…`).
fn named(why: &str) -> Vec<String> {
    let quoted = why.split('`').skip(1).step_by(2);
    let quoted =
        quoted.filter(|text| text.contains("::") || text.starts_with(".ci/run ") || text.starts_with("Cargo."));
    let linked =
        why.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|target| target.contains(".md"));
    quoted.chain(linked).map(str::to_owned).collect()
}

/// Whether what a cell names is in the tree.
fn exists(name: &str) -> bool {
    let read = |path: &str| std::fs::read_to_string(place(path)).unwrap_or_default();
    if let Some(stage) = name.strip_prefix(".ci/run ") {
        return read(".ci/run").contains(&format!("\nstage_{stage}()"));
    }
    if let Some(heading) = name.split_once(".md") {
        let text = read(&format!("docs/{}.md", heading.0));
        let anchor = heading.1.trim_start_matches('#');
        return !text.is_empty()
            && (anchor.is_empty() || text.lines().any(|line| anchor_of(line).as_deref() == Some(anchor)));
    }
    if let Some((file, line)) = name.split_once('#') {
        return read(file).contains(line);
    }
    if name.starts_with("Cargo.") {
        return place(name).exists();
    }
    let Some((module, test)) = name.rsplit_once("::") else { return false };
    let folder = module.replace("::", "/");
    let folder = if folder.starts_with("src/") { folder } else { format!("tests/api/{folder}") };
    let mut text =
        [format!("{folder}.rs"), format!("{folder}/mod.rs")].iter().map(|path| read(path)).collect::<String>();
    // A file that grew was parted: its tests went below it.
    for file in std::fs::read_dir(place(&folder)).into_iter().flatten().flatten() {
        text.push_str("\n\n");
        text.push_str(&std::fs::read_to_string(file.path()).unwrap_or_default());
    }
    let Some((before, _)) = text.split_once(&format!("fn {test}(")) else { return false };
    before.rsplit("\n\n").next().is_some_and(|near| near.contains("test]") || near.contains("test("))
}

/// The anchor of a heading, as it is linked to.
fn anchor_of(line: &str) -> Option<String> {
    let title = line.strip_prefix('#')?.trim_start_matches('#').trim().to_lowercase();
    Some(title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).collect::<String>().replace(' ', "-"))
}

#[test]
fn every_requirement_is_answered_by_something_that_exists() {
    let table = std::fs::read_to_string(place("docs/ASVS.md")).unwrap();
    let found = faults(&table, NUMBERS, &exists);
    assert!(found.is_empty(), "docs/ASVS.md:\n{}", found.join("\n"));
    assert_eq!(NUMBERS.lines().count(), 253);
}

#[test]
fn a_table_that_leaves_out_makes_up_or_names_nothing_is_seen() {
    let numbers = "1.1.1 2\n1.1.2 2\n1.2.1 1\n1.2.2 1";
    let table = "| 1.1.1 | 2 | x | held | `edge::gone` |\n| 1.1.2 | 1 | x | perhaps | ? |\n| 1.2.1 | 1 | x | held | somebody said so |\n| 9.9.9 | 1 | x | not held | no |\n";
    let found = faults(table, numbers, &|name| name != "edge::gone");
    for fault in [
        "1.1.1: edge::gone does not exist",
        "1.1.2: level 2, not 1",
        "1.1.2: « perhaps » is no status",
        "1.2.1: is held, and names nothing that shows it",
        "9.9.9: is twice in the table, or not in the standard",
        "9.9.9: is not held, and does not say why",
        "1.2.2: is missing from the table",
    ] {
        assert!(found.iter().any(|line| line == fault), "{fault} is not among {found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn what_the_table_names_is_looked_for_where_it_is() {
    for there in [
        "edge::every_failure_is_a_problem_with_a_code",
        "guards::asvs::what_the_table_names_is_looked_for_where_it_is",
        "src::platform::headers::a_page_keeps_the_policy_that_it_brought",
        ".ci/run fuzz",
        "SECURITY.md#keys",
        "SECURITY.md",
        "Cargo.toml#unsafe_code = \"forbid\"",
    ] {
        assert!(exists(there), "{there}");
    }
    for nowhere in [
        "edge::every_failure",
        "edge::raw",
        "nowhere::every_failure_is_a_problem_with_a_code",
        ".ci/run nothing",
        "SECURITY.md#nothing",
        "NOTHING.md",
        "Cargo.toml#unsafe_code = \"allow\"",
    ] {
        assert!(!exists(nowhere), "{nowhere}");
    }
}
