//! From one source to a subject, a plain text and an HTML page.
//!
//! A template is one file, `NAME.fr.txt`. Its first line is `Objet : …`; the rest is the body:
//! paragraphs parted by blank lines, `- ` at the start of a line for lists, links written bare.
//! A line break inside a paragraph is kept. Both versions come from the same text, so neither
//! says more than the other.

mod layout;

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use self::layout::{blocks, page, plain};
use super::message::one_line;
use crate::platform::calendar;
use crate::platform::money::{Cents, Minutes};
use crate::platform::text::typography;

/// Steps a template may take: plenty for a letter, too few for an endless loop.
const FUEL: u64 = 50_000;

/// What surrounds every mail of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// The name above the text.
    pub brand: String,
    /// Who writes: legal name, address, numbers; one line each, below the text.
    pub identity: Vec<String>,
}

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why a template gave no mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("the first line of the template must be « Objet : … »")]
    NoSubject,
    #[error("the subject or the body is empty once rendered")]
    Empty,
    #[error("the template names {0}, which its data does not have")]
    Unknown(String),
    #[error("the template takes too many steps; does a loop go over too much?")]
    TooLong,
    /// Line in the file, what the engine says.
    #[error("line {0}: {1}")]
    Wrong(usize, String),
}

/// Renders a template with its data, inside an organisation's frame.
pub fn render(source: &str, data: &serde_json::Value, frame: &Frame) -> Result<Rendered, TemplateError> {
    let source = source.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (first, body) = source.split_once('\n').unwrap_or((&source, ""));
    let subject = first
        .strip_prefix("Objet")
        .and_then(|rest| rest.trim_start().strip_prefix(':'))
        .ok_or(TemplateError::NoSubject)?;
    // Rendered apart: a line break in a value cannot move words between subject and body.
    let engine = engine();
    let subject = one_line(&typography(&run(&engine, subject, data, 1)?));
    let body = typography(&run(&engine, body, data, 2)?);
    let blocks = blocks(&body);
    if subject.is_empty() || blocks.is_empty() {
        return Err(TemplateError::Empty);
    }
    let identity: Vec<String> = frame.identity.iter().map(|line| typography(line)).collect();
    Ok(Rendered {
        text: plain(&blocks, &identity),
        html: page(&subject, &typography(&frame.brand), &blocks, &identity),
        subject,
    })
}

fn engine() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_debug(true);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    env.set_syntax(syntax.expect("the delimiters are the default ones"));
    env.add_filter("date", |v: &str| day(v).map(calendar::date));
    env.add_filter("long_date", |v: &str| day(v).map(calendar::long_date));
    env.add_filter("dates", |v: Vec<String>| {
        v.iter().map(|d| day(d)).collect::<Result<Vec<_>, _>>().map(|days| calendar::dates(&days))
    });
    env.add_filter("time", |v: &str| time(v).map(calendar::time));
    env.add_filter("euros", |v: i64| Cents(v).to_string());
    env.add_filter("hours", |v: i32| Minutes(v).to_string());
    env.add_filter("list", |v: Vec<String>| calendar::and(&v));
    env
}

fn invalid(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

/// A day, or the day in Paris of an instant.
fn day(value: &str) -> Result<NaiveDate, Error> {
    let instant = || value.parse::<DateTime<Utc>>().map(calendar::local_day);
    value.parse().or_else(|_| instant()).map_err(|_| invalid("expected a day such as 2026-03-02 or an instant"))
}

/// A time of day, or the time in Paris of an instant.
fn time(value: &str) -> Result<NaiveTime, Error> {
    let instant = || value.parse::<DateTime<Utc>>().map(|i| calendar::local(i).time());
    NaiveTime::parse_from_str(value, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(value, "%H:%M:%S%.f"))
        .or_else(|_| instant())
        .map_err(|_| invalid("expected a time such as 09:30 or an instant"))
}

fn run(
    engine: &Environment<'_>,
    source: &str,
    data: &serde_json::Value,
    first_line: usize,
) -> Result<String, TemplateError> {
    let wrong = |error: &Error| {
        let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        TemplateError::Wrong(first_line + error.line().unwrap_or(1) - 1, what)
    };
    let template = engine.template_from_str(source).map_err(|error| wrong(&error))?;
    template.render(Value::from(Serde(data))).map_err(|error| {
        // A filter that is given nothing complains of a wrong type: the missing name says more.
        let named = || missing(&template.undeclared_variables(true), &error, source, data);
        match error.kind() {
            ErrorKind::OutOfFuel => TemplateError::TooLong,
            ErrorKind::UndefinedError => TemplateError::Unknown(named().unwrap_or_else(|| pointed(&error, source))),
            _ => named().map_or_else(|| wrong(&error), TemplateError::Unknown),
        }
    })
}

/// The names on the line of the error that the data does not have.
fn missing(names: &HashSet<String>, error: &Error, source: &str, data: &serde_json::Value) -> Option<String> {
    let line = source.lines().nth(error.line()?.checked_sub(1)?)?;
    let has = |name: &str| name.split('.').try_fold(data, |value, key| value.get(key)).is_some();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut lacking: Vec<&str> =
        line.split(|c| !is_word(c)).filter(|word| names.contains(*word) && !has(word)).collect();
    lacking.dedup();
    (!lacking.is_empty()).then(|| lacking.join(", "))
}

/// What the engine points at, for names that only exist inside a loop.
fn pointed(error: &Error, source: &str) -> String {
    let text = error.range().and_then(|range| source.get(range)).map(str::trim);
    text.filter(|text| !text.is_empty()).map_or_else(|| error.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    const CONVOCATION: &str = "Objet : Convocation à « {{ title }} »\n\nBonjour {{ first }},\n\n\
        Nous vous attendons {{ days | dates }} à {{ start | time }}, pour {{ length | hours }} au prix de {{ price | euros }}.\n\n\
        {% if bring %}\nÀ apporter :\n{% for thing in bring %}\n- {{ thing }}\n{% endfor %}\n{% endif %}\n\
        Votre lien : {{ link }}.\n\nBien cordialement,\n{{ people | list }}\n";

    fn data() -> Json {
        json!({
            "title": "Rust l'été", "first": "Hélène", "days": ["2026-03-02", "2026-03-03"], "start": "09:30", "length": 840,
            "price": 125_000, "bring": ["un ordinateur", "une pièce d'identité"],
            "link": "https://example.org/s/abc?x=1&y=2", "people": ["Paul", "Élodie", "Sam"],
        })
    }

    fn frame() -> Frame {
        Frame {
            brand: "Les Clairières".into(),
            identity: vec!["Coopérative des Clairières, 1 rue des Érables, 35000 Rennes".into()],
        }
    }

    #[test]
    fn a_convocation_reads_well_in_plain_text() {
        let mail = render(CONVOCATION, &data(), &frame()).unwrap();
        assert_eq!(mail.subject, "Convocation à «\u{a0}Rust l’été\u{a0}»");
        let seen = mail.text.replace('\u{a0}', "_").replace('\u{202f}', "~");
        assert_eq!(
            seen,
            "Bonjour Hélène,\n\n\
             Nous vous attendons les 2 et 3 mars 2026 à 9_h_30, pour 14_h au prix de\n1~250,00_€.\n\n\
             À apporter_:\n\n- un ordinateur\n- une pièce d’identité\n\n\
             Votre lien_: https://example.org/s/abc?x=1&y=2.\n\n\
             Bien cordialement,\nPaul, Élodie et Sam\n\n-- \n\
             Coopérative des Clairières, 1 rue des Érables, 35000_Rennes\n"
        );
    }

    #[test]
    fn the_page_says_the_same_with_links() {
        let html = render(CONVOCATION, &data(), &frame()).unwrap().html;
        assert!(html.contains("<a href=\"https://example.org/s/abc?x=1&amp;y=2\""), "{html}");
        assert!(
            html.contains("</a>.</p>") && html.contains(">un ordinateur</li>") && html.contains("lang=\"fr\""),
            "{html}"
        );
        assert!(html.contains("Bien cordialement,<br>\nPaul, Élodie et Sam"), "{html}");
        assert!(html.contains("Les Clairières</p>") && html.contains("35000\u{a0}Rennes"), "{html}");
    }

    #[test]
    fn whatever_people_write_is_escaped() {
        let mut data = data();
        data["first"] = json!("<script>alert('x')</script>");
        data["link"] = json!("https://example.org/\"onclick=\"x");
        data["title"] = json!("a\nBcc: eve@example.org");
        let mail = render(CONVOCATION, &data, &frame()).unwrap();
        assert!(!mail.html.contains("<script") && !mail.html.contains("\"onclick"), "{}", mail.html);
        assert!(!mail.subject.contains('\n'));
    }

    #[test]
    fn a_value_is_never_run_as_a_template() {
        let mail = render("Objet : {{ a }}\n{{ a }}", &json!({ "a": "{{ b }}" }), &Frame::default()).unwrap();
        assert_eq!(mail.text, "{{ b }}\n\n");
    }

    #[test]
    fn an_unknown_variable_is_named() {
        let fails = |body: &str| {
            render(&format!("Objet : x\n{body}"), &json!({ "a": { "b": 1 }, "n": [1] }), &Frame::default()).unwrap_err()
        };
        assert_eq!(fails("{{ prenom }}"), TemplateError::Unknown("prenom".into()));
        assert_eq!(fails("Bonjour {{ a.b }} {{ a.nom }}"), TemplateError::Unknown("a.nom".into()));
        assert_eq!(fails("{% if absent %}x{% endif %}"), TemplateError::Unknown("absent".into()));
        assert_eq!(fails("{{ jours | dates }}"), TemplateError::Unknown("jours".into()));
        assert_eq!(fails("{{ jour | date }}"), TemplateError::Unknown("jour".into()));
        assert!(fails("{% for i in n %}{{ i.nom }}{% endfor %}").to_string().contains("nom"));
    }

    #[test]
    fn a_wrong_template_says_where() {
        let fails = |source: &str| render(source, &json!({ "d": "demain" }), &Frame::default()).unwrap_err();
        assert_eq!(fails("Bonjour"), TemplateError::NoSubject);
        assert_eq!(fails("Objet : x\n\n"), TemplateError::Empty);
        assert!(matches!(fails("Objet : x\n\n{% if %}"), TemplateError::Wrong(3, _)));
        assert!(fails("Objet : x\n{{ d | date }}").to_string().starts_with("line 2: expected a day"));
        assert_eq!(
            fails("Objet : x\n{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}"),
            TemplateError::TooLong
        );
    }

    #[test]
    fn instants_are_told_in_paris() {
        let mail = render(
            "Objet : x\n{{ at | long_date }} à {{ at | time }}",
            &json!({ "at": "2026-03-01T23:30:00Z" }),
            &Frame::default(),
        );
        assert_eq!(mail.unwrap().text, "lundi 2 mars 2026 à 0\u{a0}h\u{a0}30\n\n");
    }
}
