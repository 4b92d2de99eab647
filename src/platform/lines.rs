//! What a text may hold, decided once for every body from its published schema: names, titles, addresses and labels are one
//! line, trimmed, with single spaces; longer texts keep their lines; in neither is there a control character, nor one that
//! turns the direction of reading, by which a name would show as another.
//!
//! A text of at most [`LINE`] characters is one line. What is not for people (a format, a pattern, a list of values, one's own
//! names for rows, files in base64, logs) is left as it is.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use poem_openapi::{registry::Registry, types::Type};
use serde_json::Value;

use super::error::Fault;

/// The longest text that is one line.
pub const LINE: u64 = 300;

/// Members that are not written for people, whatever their length: they are kept as they came.
pub const OPAQUE: &[&str] = &["external_id", "picture", "content", "device", "who", "sha256"];

/// Faults that are looked for, at most: whoever mends them sends the rest again.
const MOST: usize = 100;

/// A schema, and those that it names.
struct Published {
    schema: Value,
    schemas: Value,
}

static PUBLISHED: LazyLock<RwLock<HashMap<TypeId, Arc<Published>>>> = LazyLock::new(RwLock::default);

fn published<T: Type + 'static>() -> Arc<Published> {
    let key = TypeId::of::<T>();
    if let Some(found) = PUBLISHED.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return found.clone();
    }
    let mut registry = Registry::new();
    T::register(&mut registry);
    let built = Arc::new(Published {
        schema: serde_json::to_value(T::schema_ref()).unwrap_or_default(),
        schemas: serde_json::to_value(&registry.schemas).unwrap_or_default(),
    });
    PUBLISHED.write().unwrap_or_else(PoisonError::into_inner).insert(key, built.clone());
    built
}

/// Tidy the texts of a body of this type; answers those that cannot be tidied.
pub fn tidy<T: Type + 'static>(body: &mut Value) -> Vec<Fault> {
    let published = published::<T>();
    let mut faults = vec![];
    walk(body, &[&published.schema], &published.schemas, &mut String::new(), None, &mut faults);
    faults
}

/// The schema, what it refers to, and each of those that it is made of.
fn views<'a>(schema: &'a Value, schemas: &'a Value, found: &mut Vec<&'a Value>) {
    if found.len() > 64 {
        return;
    }
    found.push(schema);
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        views(&schemas[name], schemas, found);
    }
    for composed in ["allOf", "anyOf", "oneOf"] {
        for one in schema[composed].as_array().into_iter().flatten() {
            views(one, schemas, found);
        }
    }
}

fn walk(
    value: &mut Value,
    schemas_of: &[&Value],
    schemas: &Value,
    pointer: &mut String,
    limit: Option<u64>,
    faults: &mut Vec<Fault>,
) {
    if faults.len() > MOST {
        return;
    }
    let mut found = vec![];
    for schema in schemas_of {
        views(schema, schemas, &mut found);
    }
    match value {
        Value::String(text) => {
            let for_people = |view: &&&Value| {
                view["type"] == "string" && ["enum", "format", "pattern"].iter().all(|word| view[word].is_null())
            };
            if let Some(view) = found.iter().find(for_people) {
                if is_blank(text) {
                    faults.push(blank(pointer));
                    return;
                }
                let limit = view["maxLength"].as_u64().or(limit);
                match cleaned(text, limit.is_some_and(|limit| limit <= LINE)) {
                    Ok(clean) => *text = clean,
                    Err(letter) => faults.push(refused(pointer, letter)),
                }
            }
        }
        Value::Array(items) => {
            let of: Vec<&Value> = found.iter().map(|view| &view["items"]).filter(|items| items.is_object()).collect();
            // A list that is too long is refused whole: its items are not looked at.
            let most = found.iter().find_map(|view| view["maxItems"].as_u64());
            if of.is_empty() || most.is_some_and(|most| items.len() as u64 > most) {
                return;
            }
            let limit = found.iter().find_map(|view| view["maxLength"].as_u64());
            for (index, item) in items.iter_mut().enumerate() {
                within(pointer, &index.to_string(), |pointer| walk(item, &of, schemas, pointer, limit, faults));
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if OPAQUE.contains(&name.as_str()) {
                    continue;
                }
                let of: Vec<&Value> =
                    found.iter().map(|view| &view["properties"][name.as_str()]).filter(|one| one.is_object()).collect();
                if !of.is_empty() {
                    within(pointer, name, |pointer| walk(member, &of, schemas, pointer, None, faults));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn within(pointer: &mut String, name: &str, then: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(name);
    then(pointer);
    pointer.truncate(length);
}

/// Whether a character turns the direction of reading.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// Whether a character shows nothing, and is no space either.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}')
}

/// Whether a text is not empty and yet nobody sees anything of it.
pub fn is_blank(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_whitespace() || is_invisible(letter))
}

/// A text as it is kept; the error is the character that it may not hold. One that shows nothing is left: it is refused as
/// blank.
fn cleaned(text: &str, one_line: bool) -> Result<String, char> {
    let lines = |letter: char| matches!(letter, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}');
    // U+0000 has its own refusal.
    let wrong = |letter: &char| turns(*letter) || (letter.is_control() && !lines(*letter) && *letter != '\0');
    if let Some(letter) = text.chars().find(wrong) {
        return Err(letter);
    }
    if !one_line || is_blank(text) {
        return Ok(text.to_owned());
    }
    let mut clean = String::with_capacity(text.len());
    let mut space = None;
    // Marks of pasted texts that show nothing and part nothing.
    for letter in text.chars().filter(|letter| !matches!(letter, '\u{200B}' | '\u{2060}' | '\u{FEFF}')) {
        if letter.is_whitespace() {
            // A space that is not broken stays so beside others.
            let one = if lines(letter) { ' ' } else { letter };
            space = Some(if space.is_none() || one != ' ' { one } else { space.unwrap_or(' ') });
            continue;
        }
        if let Some(space) = space.take().filter(|_| !clean.is_empty()) {
            clean.push(space);
        }
        clean.push(letter);
    }
    Ok(clean)
}

/// A text of which nobody sees anything.
pub fn blank(pointer: &str) -> Fault {
    Fault::new(
        pointer,
        "blank",
        "Ce texte n’est fait que d’espaces ou de caractères invisibles : écrivez-le, ou ne l’envoyez pas.",
        "This text is made of spaces or invisible characters only: write it, or do not send it.",
    )
}

fn refused(pointer: &str, letter: char) -> Fault {
    let code = u32::from(letter);
    if turns(letter) {
        return Fault::new(
            pointer,
            "direction",
            format!(
                "Ce texte contient un caractère invisible (U+{code:04X}) qui retourne le sens de lecture : retapez-le."
            ),
            format!(
                "This text holds an invisible character (U+{code:04X}) that turns the direction of reading: type it again."
            ),
        );
    }
    Fault::new(
        pointer,
        "control",
        format!("Ce texte contient un caractère de commande (U+{code:04X}) : retapez-le."),
        format!("This text holds a control character (U+{code:04X}): type it again."),
    )
}

/// What somebody typed on a page, as one line of so many characters at most: on a phone, nobody sees what is wrong with an
/// invisible character, so they are left out.
pub fn typed(text: &str, most: usize) -> String {
    let kept: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .filter(|letter| !turns(*letter))
        .collect();
    if is_blank(&kept) {
        return String::new();
    }
    cleaned(&kept, true).unwrap_or_default().chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use poem_openapi::Object;
    use serde_json::json;

    use super::*;

    #[derive(Object)]
    struct Inner {
        #[oai(validator(max_length = 100))]
        city: String,
    }

    #[derive(Object)]
    struct Body {
        #[oai(validator(max_length = 100))]
        name: String,
        #[oai(validator(max_length = 2000))]
        note: Option<String>,
        external_id: Option<String>,
        #[oai(validator(max_length = 100))]
        skills: Vec<String>,
        inner: Option<Inner>,
        id: Option<uuid::Uuid>,
    }

    #[test]
    fn a_line_is_trimmed_and_a_long_text_keeps_its_lines() {
        let mut body = json!({
            "name": "  Zoé \t Lefèvre\n", "note": "- un\r\n- deux  \n", "external_id": " a  b ",
            "skills": [" Zourit ", "Next\u{feff}cloud"], "inner": { "city": " Lyon\u{a0} 3 " }, "id": " x ",
        });
        assert_eq!(tidy::<Body>(&mut body), vec![]);
        assert_eq!(
            body,
            json!({
                "name": "Zoé Lefèvre", "note": "- un\r\n- deux  \n", "external_id": " a  b ",
                "skills": ["Zourit", "Nextcloud"], "inner": { "city": "Lyon\u{a0}3" }, "id": " x ",
            })
        );
    }

    #[test]
    fn what_turns_the_reading_or_commands_is_refused_where_it_stands() {
        let mut body = json!({
            "name": "Zoé\u{202e}", "note": "a\u{7}", "skills": ["b", "c\u{2067}"], "inner": { "city": "L\u{9b}yon" },
        });
        let mut told: Vec<(String, String)> =
            tidy::<Body>(&mut body).into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect();
        told.sort();
        let expected =
            [("/inner/city", "control"), ("/name", "direction"), ("/note", "control"), ("/skills/1", "direction")];
        assert_eq!(told, expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        assert_eq!(typed(" Zoé\u{202e}\n\tLefèvre\u{7} ", 100), "Zoé Lefèvre");
        assert_eq!((typed("\u{200b} ", 9), typed("abcdef", 3)), (String::new(), "abc".to_owned()));
        assert!(is_blank(" \u{200b}\u{feff}") && !is_blank("") && !is_blank("é"));
    }
}
