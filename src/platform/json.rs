//! JSON as it is read: a member that is there twice is refused with its place (two programs would believe two different
//! things), and so is what is too deep or made of too many values, before anything is made of it.

use std::cell::RefCell;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::error::{Error, Fault, MOST_FAULTS, Result};

/// Lists and objects inside each other, at most.
const DEEPEST: usize = 32;
/// Values of a body, at most. What is longer than the longest list of the contract allows in a body of 1 MiB is no
/// honest request, and a hundred bytes of memory stand behind each byte of `{"a":0}`.
const MOST_VALUES: usize = 60_000;

/// Read a body.
pub fn read(bytes: &[u8]) -> Result<Value> {
    let found = RefCell::new(Found::default());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Reading { found: &found, at: At::Whole, depth: 0 }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    let faults = found.into_inner().faults;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    read.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::invalid(
            "",
            "json",
            format!("Le corps n’est pas du JSON : ligne {line}, colonne {column}."),
            format!("The body is not JSON: line {line}, column {column}."),
        )
    })
}

#[derive(Default)]
struct Found {
    values: usize,
    faults: Vec<Fault>,
}

/// Where the reader is: a pointer is made only when it is needed.
#[derive(Clone, Copy)]
enum At<'a> {
    Whole,
    Member(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Member(parent, name) => format!("{}/{}", parent.pointer(), escaped(name)),
            Self::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

/// A name as a part of a JSON pointer.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[derive(Clone, Copy)]
struct Reading<'a> {
    found: &'a RefCell<Found>,
    at: At<'a>,
    depth: usize,
}

impl Reading<'_> {
    fn stop<E: serde::de::Error>(&self, fault: Fault) -> E {
        self.found.borrow_mut().faults.push(fault);
        E::custom("refused")
    }

    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        self.found.borrow_mut().values += 1;
        if self.found.borrow().values <= MOST_VALUES {
            return Ok(());
        }
        Err(self.stop(Fault::new(
            "",
            "too_many",
            format!("Ce corps compte plus de {MOST_VALUES} valeurs : envoyez-le en plusieurs demandes."),
            format!("This body has more than {MOST_VALUES} values: send it in several requests."),
        )))
    }

    fn go_in<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.depth < DEEPEST {
            return Ok(());
        }
        Err(self.stop(Fault::new(
            self.at.pointer(),
            "too_deep",
            format!("Plus de {DEEPEST} niveaux imbriqués."),
            format!("More than {DEEPEST} levels inside each other."),
        )))
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        self.go_in()?;
        let mut items = vec![];
        while let Some(item) = list.next_element_seed(Reading {
            at: At::Item(&self.at, items.len()),
            depth: self.depth + 1,
            found: self.found,
        })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.go_in()?;
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let at = At::Member(&self.at, &name);
            let value = members.next_value_seed(Reading { at, depth: self.depth + 1, found: self.found })?;
            if map.contains_key(&name) {
                let fault = Fault::new(
                    at.pointer(),
                    "duplicate",
                    "Ce champ est écrit deux fois : gardez celui qui convient.",
                    "This field is there twice: keep the one that is meant.",
                );
                self.found.borrow_mut().faults.push(fault);
                if self.found.borrow().faults.len() > MOST_FAULTS {
                    return Err(A::Error::custom("refused"));
                }
            } else {
                map.insert(name, value);
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn faults(text: &str) -> Vec<(String, String)> {
        match read(text.as_bytes()) {
            Err(Error::Invalid(faults)) => {
                faults.into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_member_that_is_there_twice_is_named_where_it_stands() {
        let told = faults(r#"{"a":1,"b":[{"x/y":1,"x/y":2}],"a":3}"#);
        let place = |pointer: &str| (pointer.to_owned(), "duplicate".to_owned());
        assert_eq!(told, [place("/b/0/x~1y"), place("/a")]);
        // The same name, written otherwise.
        assert_eq!(faults("{\"a\":1,\"\\u0061\":2}"), [place("/a")]);
    }

    #[test]
    fn what_is_too_deep_or_too_much_stops_the_reading() {
        let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
        assert_eq!(faults(&deep).len(), 1);
        assert_eq!(faults(&deep)[0].1, "too_deep");
        assert!(read(format!("{}{}", "[".repeat(32), "]".repeat(32)).as_bytes()).is_ok());
        let many = format!("[{}{{}}]", "{},".repeat(345_000));
        assert_eq!(faults(&many), [(String::new(), "too_many".to_owned())]);
        let twice = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(5_000));
        assert_eq!(faults(&twice).len(), MOST_FAULTS + 1);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_line() {
        for text in ["", "{", "{nope", "[1,]", "1e999", "\"a", "{} {}"] {
            assert_eq!(faults(text), [(String::new(), "json".to_owned())], "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_filter("JSON has no infinity", |number| number.is_finite()).prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(".{0,6}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn all_else_is_read_as_it_was_written(value in any_json()) {
            let text = value.to_string();
            prop_assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        }
    }

    #[test]
    fn an_object_of_each_kind() {
        assert_eq!(read(br#"{"a":[null,true,-1,1.5,"x"]}"#).unwrap(), json!({ "a": [null, true, -1, 1.5, "x"] }));
    }
}
