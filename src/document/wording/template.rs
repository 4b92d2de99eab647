//! The language of texts: words, and variables between double braces, `{{ training.days | upper }}`.
//!
//! No loop, no condition, no expression: reading it takes a page, each fault has its line and column, and what a text
//! can print is known before any paper prints it.

use serde_json::Value;

use super::variables::{Form, Variable};
use crate::{
    pdf,
    platform::{
        calendar,
        error::{Error, Fault, Result},
    },
};

/// How a variable is printed, beside its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// The day with its name: « lundi 2 mars 2026 ».
    LongDate,
    /// In capitals.
    Upper,
}

impl Filter {
    /// Every filter that changes how a value is printed; `default("…")` says what to print when there is none.
    pub const ALL: [Self; 2] = [Self::LongDate, Self::Upper];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::LongDate => "long_date",
            Self::Upper => "upper",
        }
    }

    /// Whether it fits what a variable is.
    pub fn fits(self, form: Form) -> bool {
        match self {
            Self::LongDate => form == Form::Day,
            Self::Upper => matches!(form, Form::Text | Form::List),
        }
    }
}

/// A text that was read.
#[derive(Debug, PartialEq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, PartialEq)]
enum Piece {
    Words(String),
    Value { of: &'static Variable, filters: Vec<Filter>, default: Option<String> },
}

/// What is wrong at a place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wrong {
    OnlyVariables,
    Unclosed,
    Unopened,
    Syntax,
    UnknownVariable(String),
    UnknownFilter(String),
    Misplaced(Filter),
    NeedsDefault(&'static str),
    Unprintable(char),
}

/// Read a text that may name these variables; every fault at once, under this pointer.
pub fn read(source: &str, known: &[&'static Variable], pointer: &str) -> Result<Template> {
    let text: Vec<char> = source.chars().collect();
    let (mut pieces, mut words, mut faults) = (vec![], String::new(), vec![]);
    if let Err(unknown) = pdf::supports(source) {
        faults.push((text.iter().position(|c| *c == unknown).unwrap_or(0), Wrong::Unprintable(unknown)));
    }
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        match (c, text.get(at + 1)) {
            ('{', Some('{')) => match closing(&text, at + 2) {
                None => {
                    faults.push((at, Wrong::Unclosed));
                    at += 2;
                }
                Some(end) => {
                    match value(&text[at + 2..end], at + 2, known) {
                        Ok(piece) => {
                            pieces.push(Piece::Words(std::mem::take(&mut words)));
                            pieces.push(piece);
                        }
                        Err(fault) => faults.push(fault),
                    }
                    at = end + 2;
                }
            },
            ('{', Some('%' | '#')) => {
                faults.push((at, Wrong::OnlyVariables));
                at += 2;
            }
            ('}' | '%' | '#', Some('}')) => {
                // The end of what was already told, unless nothing was opened.
                if !faults.iter().any(|(_, wrong)| matches!(wrong, Wrong::OnlyVariables)) {
                    faults.push((at, Wrong::Unopened));
                }
                at += 2;
            }
            _ => {
                words.push(c);
                at += 1;
            }
        }
    }
    pieces.push(Piece::Words(words));
    pieces.retain(|piece| !matches!(piece, Piece::Words(words) if words.is_empty()));
    if faults.is_empty() {
        return Ok(Template(pieces));
    }
    faults.sort_by_key(|(at, _)| *at);
    Err(Error::Invalid(faults.iter().map(|(at, wrong)| told(&text, *at, wrong, known, pointer)).collect()))
}

/// Where the braces close, on the same line.
fn closing(text: &[char], from: usize) -> Option<usize> {
    let line = text[from..].iter().position(|c| *c == '\n').map_or(text.len(), |end| from + end);
    (from..line.saturating_sub(1)).find(|at| text[*at] == '}' && text[at + 1] == '}')
}

/// What stands between the braces.
fn value(inner: &[char], start: usize, known: &[&'static Variable]) -> Result<Piece, (usize, Wrong)> {
    let skip = |mut at: usize| {
        while inner.get(at).is_some_and(|c| c.is_whitespace()) {
            at += 1;
        }
        at
    };
    let word = |from: usize| -> String {
        inner[from..].iter().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect()
    };
    let begin = skip(0);
    let name = word(begin);
    if name.is_empty() {
        return Err((start + begin, Wrong::Syntax));
    }
    let mut at = skip(begin + name.chars().count());
    let Some(&of) = known.iter().find(|variable| variable.name == name) else {
        return Err((start + begin, Wrong::UnknownVariable(name)));
    };
    let (mut filters, mut default) = (vec![], None);
    while at < inner.len() {
        if inner[at] != '|' {
            return Err((start + at, Wrong::Syntax));
        }
        let here = skip(at + 1);
        let filter = word(here);
        at = here + filter.chars().count();
        if filter == "default" {
            let (text, end) = quoted(inner, skip(at)).ok_or((start + here, Wrong::Syntax))?;
            default = Some(text);
            at = skip(end);
            continue;
        }
        let Some(found) = Filter::ALL.into_iter().find(|one| one.name() == filter) else {
            let wrong = if filter.is_empty() { Wrong::Syntax } else { Wrong::UnknownFilter(filter) };
            return Err((start + here, wrong));
        };
        if !found.fits(of.form) {
            return Err((start + here, Wrong::Misplaced(found)));
        }
        filters.push(found);
        at = skip(at);
    }
    if of.optional && default.is_none() {
        return Err((start + begin, Wrong::NeedsDefault(of.name)));
    }
    Ok(Piece::Value { of, filters, default })
}

/// `("…")`: the text between the quotes, and where it ends.
fn quoted(inner: &[char], at: usize) -> Option<(String, usize)> {
    if inner.get(at) != Some(&'(') || inner.get(at + 1) != Some(&'"') {
        return None;
    }
    let text: String = inner[at + 2..].iter().take_while(|c| **c != '"').collect();
    let end = at + 2 + text.chars().count();
    (inner.get(end) == Some(&'"') && inner.get(end + 1) == Some(&')')).then_some((text, end + 2))
}

/// A fault in words, with its line and column.
fn told(text: &[char], at: usize, wrong: &Wrong, known: &[&'static Variable], pointer: &str) -> Fault {
    let before = &text[..at.min(text.len())];
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
    let (code, fr, en) = match wrong {
        Wrong::OnlyVariables => (
            "text.only_variables",
            "un texte ne contient que des mots et des variables, comme {{ brand.name }} : ni condition, ni boucle, ni commentaire".to_owned(),
            "a text holds words and variables only, such as {{ brand.name }}: no condition, loop or comment".to_owned(),
        ),
        Wrong::Unclosed => (
            "text.unclosed",
            "ces accolades ne sont pas refermées par }} sur la même ligne".to_owned(),
            "these braces are not closed by }} on the same line".to_owned(),
        ),
        Wrong::Unopened => (
            "text.unopened",
            "ces accolades ne sont ouvertes nulle part".to_owned(),
            "these braces are opened nowhere".to_owned(),
        ),
        Wrong::Syntax => (
            "text.syntax",
            "un nom de variable est attendu, puis des filtres s’il en faut : {{ client.name | default(\"…\") }}".to_owned(),
            "a variable is expected, then filters if any: {{ client.name | default(\"…\") }}".to_owned(),
        ),
        Wrong::UnknownVariable(name) => {
            let near = nearest(name, known).join(", ");
            (
                "text.unknown_variable",
                format!("la variable « {name} » n’existe pas pour ce document. Les plus proches : {near}"),
                format!("there is no variable “{name}” for this paper. The nearest ones: {near}"),
            )
        }
        Wrong::UnknownFilter(name) => {
            let all: Vec<&str> = Filter::ALL.into_iter().map(Filter::name).chain(["default(\"…\")"]).collect();
            (
                "text.unknown_filter",
                format!("le filtre « {name} » n’existe pas. Filtres possibles : {}", all.join(", ")),
                format!("there is no filter “{name}”. Possible filters: {}", all.join(", ")),
            )
        }
        Wrong::Misplaced(filter) => (
            "text.filter_misplaced",
            format!("le filtre « {} » ne convient pas à cette variable", filter.name()),
            format!("the filter “{}” does not fit this variable", filter.name()),
        ),
        Wrong::NeedsDefault(name) => (
            "text.needs_default",
            format!("« {name} » peut manquer : dites quoi imprimer alors, par {{{{ {name} | default(\"…\") }}}}"),
            format!("“{name}” may be missing: say what to print then, by {{{{ {name} | default(\"…\") }}}}"),
        ),
        Wrong::Unprintable(unknown) => (
            "unprintable",
            format!("le caractère « {unknown} » ne s’imprime pas : remplacez-le"),
            format!("the character “{unknown}” cannot be printed: replace it"),
        ),
    };
    Fault::new(
        pointer,
        code,
        format!("Ligne {line}, colonne {column} : {fr}."),
        format!("Line {line}, column {column}: {en}."),
    )
}

/// The three known names that look most like this one.
fn nearest(name: &str, known: &[&'static Variable]) -> Vec<&'static str> {
    let mut names: Vec<&str> = known.iter().map(|variable| variable.name).collect();
    names.sort_by_key(|other| distance(name, other));
    names.truncate(3);
    names
}

/// How many letters to add, take or change from one word to another (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, d) in other.iter().enumerate() {
            let change = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

impl Template {
    /// The words, with the values that a paper's facts give.
    pub fn write(&self, facts: &Value) -> Result<String> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Value { of, filters, default } => {
                    match printed(of, filters, facts).or_else(|| default.clone()) {
                        Some(value) => text.push_str(&value),
                        None => return Err(missing(of)),
                    }
                }
            }
        }
        Ok(text)
    }
}

fn missing(of: &Variable) -> Error {
    Error::refused(
        "paper_text.value_missing",
        format!("Un texte ajouté à ce document emploie « {} », que le document n’a pas : corrigez le texte.", of.name),
        format!("A text added to this paper names “{}”, which the paper does not have: correct the text.", of.name),
    )
}

/// A value as it is printed; none when the facts lack it.
fn printed(of: &Variable, filters: &[Filter], facts: &Value) -> Option<String> {
    let mut text = match (of.day(facts), filters.contains(&Filter::LongDate)) {
        (Some(day), true) => calendar::long_date(day),
        _ => of.printed(facts)?,
    };
    if filters.contains(&Filter::Upper) {
        text = text.to_uppercase();
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{Kind, wording::variables::of};

    fn faults(source: &str) -> Vec<(String, String)> {
        match read(source, &of(Kind::Agreement), "/body") {
            Err(Error::Invalid(faults)) => faults.into_iter().map(|one| (one.code.into_owned(), one.fr)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_prints_its_variables() {
        let facts = json!({
            "client": { "name": "Les Lilas" }, "paper": { "issued_on": "2026-03-02" },
            "terms": { "price_cents": 240_000, "minutes": 840, "days": ["2026-04-02", "2026-04-23"] },
        });
        let source = "{{client.name | upper}} : {{ training.days }}, {{ training.duration }}, {{ price.net }}, \
                      écrit {{ paper.date | long_date }}, commande {{ order.reference | default(\"sans numéro\") }}.";
        let text = read(source, &of(Kind::Agreement), "/body").unwrap().write(&facts).unwrap();
        assert_eq!(
            text.replace(['\u{a0}', '\u{202f}'], " "),
            "LES LILAS : les 2 et 23 avril 2026, 14 h, 2 400,00 €, écrit lundi 2 mars 2026, commande sans numéro."
        );
    }

    #[test]
    fn what_a_value_says_is_never_read_again() {
        let facts = json!({ "client": { "name": "{{ price.net }}" } });
        let text = read("{{ client.name }}", &of(Kind::Agreement), "").unwrap().write(&facts).unwrap();
        assert_eq!(text, "{{ price.net }}");
    }

    #[test]
    fn an_unknown_variable_is_told_with_its_place_and_its_neighbours() {
        let found = faults("Bonjour.\n\nPour l’été : {{ client.nom }} et {{ trainings.days }}.");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0, "text.unknown_variable");
        assert!(found[0].1.starts_with("Ligne 3, colonne 17 : la variable « client.nom »"), "{}", found[0].1);
        assert!(found[0].1.contains("client.name"), "{}", found[0].1);
        assert!(found[1].1.contains("Ligne 3, colonne 37") && found[1].1.contains("training.days"), "{}", found[1].1);
    }

    #[test]
    fn nothing_but_variables_and_their_filters_is_read() {
        for (source, code) in [
            ("{% for x in y %}{% endfor %}", "text.only_variables"),
            ("{# rien #}", "text.only_variables"),
            ("{{ client.name", "text.unclosed"),
            ("{{ client.name\n}}", "text.unclosed"),
            ("client.name }}", "text.unopened"),
            ("{{ }}", "text.syntax"),
            ("{{ 1 + 1 }}", "text.unknown_variable"),
            ("{{ client.name + 1 }}", "text.syntax"),
            ("{{ client.name | }}", "text.syntax"),
            ("{{ client.name | safe }}", "text.unknown_filter"),
            ("{{ client.name | long_date }}", "text.filter_misplaced"),
            ("{{ price.net | upper }}", "text.filter_misplaced"),
            ("{{ order.reference }}", "text.needs_default"),
            ("{{ order.reference | default(rien) }}", "text.syntax"),
            ("{{ order.reference | default(\"rien }}", "text.syntax"),
            ("Un arbre 🌳", "unprintable"),
        ] {
            assert_eq!(faults(source)[0].0, code, "{source}");
        }
        assert!(faults("ligne\nUn arbre 🌳")[0].1.starts_with("Ligne 2, colonne 10 : le caractère « 🌳 »"));
    }

    #[test]
    fn single_braces_and_percents_are_words() {
        let source = "Remise de 5 % {à confirmer}, 100 %.";
        assert_eq!(read(source, &of(Kind::Quote), "").unwrap().write(&json!({})).unwrap(), source);
    }
}
