//! The published contract is the validator: a body is checked against the very schema that the document publishes for
//! it, every fault at once, each with its place; `validator` then checks what a schema cannot say.

mod lists;

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use poem::{Request, RequestBody};
use poem_openapi::{
    payload::{ParsePayload, Payload},
    registry::{MetaSchemaRef, Registry},
    types::{ParseFromJSON, ToJSON, Type},
};
use serde_json::{Value, json};
use uuid::Uuid;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::{
    error::{Error, Fault, MOST_FAULTS, Result},
    json, lines,
};
use crate::pdf;

/// A schema as a validator, and what it was made of.
struct Checker {
    validator: jsonschema::Validator,
    whole: Value,
    items: lists::Items,
}

/// One for each type, as a whole or as a part of a list.
type Checkers = HashMap<(TypeId, bool), Arc<Checker>>;

static CHECKERS: LazyLock<RwLock<Checkers>> = LazyLock::new(RwLock::default);

/// Turn a schema of OpenAPI 3.0 into JSON Schema 2020-12, refusing members that are not declared.
fn to_2020(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.remove("nullable") == Some(Value::Bool(true)) {
                if let Some(kind) = map.get("type").cloned() {
                    map.insert("type".into(), json!([kind, "null"]));
                    if let Some(Value::Array(options)) = map.get_mut("enum")
                        && !options.contains(&Value::Null)
                    {
                        options.push(Value::Null);
                    }
                } else {
                    let inner = std::mem::take(map);
                    map.insert("anyOf".into(), json!([inner, { "type": "null" }]));
                }
            }
            for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                match map.remove(exclusive) {
                    Some(Value::Bool(true)) => {
                        if let Some(value) = map.remove(bound) {
                            map.insert(exclusive.into(), value);
                        }
                    }
                    Some(Value::Bool(false)) | None => {}
                    Some(value) => {
                        map.insert(exclusive.into(), value);
                    }
                }
            }
            for member in ["discriminator", "example", "externalDocs", "default", "title", "description"] {
                if map.get(member).is_some_and(|value| !value.is_object() || member == "discriminator") {
                    map.remove(member);
                }
            }
            if let Some(Value::String(format)) = map.get_mut("format")
                && format.as_str() == "naive-date"
            {
                "date".clone_into(format);
            }
            let closed = map.contains_key("properties") && !map.contains_key("additionalProperties");
            map.values_mut().for_each(to_2020);
            if closed {
                map.insert("additionalProperties".into(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(to_2020),
        _ => {}
    }
}

fn checker<T: Type + 'static>(partial: bool) -> Arc<Checker> {
    let key = (TypeId::of::<T>(), partial);
    if let Some(found) = CHECKERS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return found.clone();
    }
    let mut registry = Registry::new();
    T::register(&mut registry);
    let schema = serde_json::to_value(T::schema_ref()).unwrap_or_default();
    let built = build(schema, serde_json::to_value(&registry.schemas).unwrap_or_default(), partial);
    CHECKERS.write().unwrap_or_else(PoisonError::into_inner).insert(key, built.clone());
    built
}

fn build(schema: Value, mut schemas: Value, partial: bool) -> Arc<Checker> {
    if partial
        && let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(str::to_owned)
        && let Some(map) = schemas[&name].as_object_mut()
    {
        map.remove("required");
        for property in
            map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut())
        {
            let inner = property.take();
            *property = json!({ "anyOf": [inner, { "type": "null" }] });
        }
    }
    let whole = whole(&schema, &schemas);
    let validator = validator(&whole).expect("every published schema is a JSON Schema: a guard compiles them all");
    Arc::new(Checker { validator, whole, items: lists::Items::default() })
}

/// A schema of the contract as a validator of bodies.
pub fn compile(schema: &Value, schemas: &Value) -> Result<jsonschema::Validator, String> {
    validator(&whole(schema, schemas))
}

/// A schema that holds all those that it refers to.
fn whole(schema: &Value, schemas: &Value) -> Value {
    let mut whole = schema.clone();
    whole["components"] = json!({ "schemas": schemas });
    to_2020(&mut whole);
    whole
}

fn validator(whole: &Value) -> Result<jsonschema::Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(whole)
        .map_err(|error| error.to_string())
}

/// The faults of a body: one more than an answer tells, at most.
fn faults_of(checker: &Checker, body: &Value) -> Vec<Fault> {
    if checker.validator.is_valid(body) {
        return vec![];
    }
    let lists = lists::lists(&checker.whole, body);
    if !lists.too_long.is_empty() {
        return lists.too_long.into_iter().take(MOST_FAULTS + 1).collect();
    }
    // All faults of a list are made before the first is told: a long one is judged item by item, and only what is right of
    // it is judged again with the rest.
    let (mut faults, mut rest) = (vec![], None);
    for (at, item) in lists.long {
        let validator = checker.items.of(item, || item_validator(checker, item));
        let rest = rest.get_or_insert_with(|| body.clone());
        let Some(Value::Array(items)) = rest.pointer_mut(&at) else { continue };
        let mut index = 0;
        items.retain(|item| {
            let place = format!("{at}/{index}");
            index += 1;
            let right = validator.is_valid(item);
            if !right && faults.len() <= MOST_FAULTS {
                faults.extend(told(&validator, item).into_iter().map(|fault| fault.under(&place)));
            }
            right
        });
    }
    if faults.len() <= MOST_FAULTS {
        faults.extend(told(&checker.validator, rest.as_ref().unwrap_or(body)));
    }
    faults.truncate(MOST_FAULTS + 1);
    faults
}

fn item_validator(checker: &Checker, item: &Value) -> jsonschema::Validator {
    let mut alone = item.clone();
    alone["components"] = checker.whole["components"].clone();
    validator(&alone).expect("a part of a schema that was compiled compiles")
}

fn told(validator: &jsonschema::Validator, value: &Value) -> Vec<Fault> {
    let errors = validator.iter_errors(value);
    errors.flat_map(|error| translate(error.instance_path().to_string(), error.kind())).take(MOST_FAULTS + 1).collect()
}

fn type_name(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(several) => several
            .iter()
            .filter(|one| one.to_string() != "null")
            .map(|one| one.to_string())
            .collect::<Vec<_>>()
            .join(" | "),
    }
}

/// Whether a rule accepts null and nothing else.
fn wants_null(kind: &Kind) -> bool {
    match kind {
        Kind::Type { kind: TypeKind::Single(one) } => one.to_string() == "null",
        Kind::Enum { options } => options.as_array().is_some_and(|all| all.iter().all(Value::is_null)),
        _ => false,
    }
}

/// A fault of the schema in words; the submitted value is never repeated.
fn translate(pointer: String, kind: &Kind) -> Vec<Fault> {
    let one = |code: &'static str, fr: String, en: String| vec![Fault::new(pointer.clone(), code, fr, en)];
    match kind {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Fault::new(
                format!("{pointer}/{name}"),
                "required",
                "Ce champ est obligatoire.",
                "This field is required.",
            )]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .take(MOST_FAULTS + 1)
            .map(|name| {
                Fault::new(
                    format!("{pointer}/{}", json::escaped(name)),
                    "unknown",
                    "Ce champ n’existe pas ici.",
                    "There is no such field here.",
                )
            })
            .collect(),
        Kind::MaxLength { limit } => one(
            "too_long",
            format!("Trop long : {limit} caractères au plus."),
            format!("Too long: at most {limit} characters."),
        ),
        Kind::MinLength { limit } => one(
            "too_short",
            format!("Trop court : {limit} caractère(s) au moins."),
            format!("Too short: at least {limit} character(s)."),
        ),
        Kind::Pattern { pattern } => {
            one("pattern", format!("La forme attendue est {pattern}"), format!("The expected form is {pattern}"))
        }
        Kind::Enum { options } => {
            one("unknown_value", format!("Valeurs possibles : {options}."), format!("Possible values: {options}."))
        }
        Kind::Type { kind } => {
            let name = type_name(kind);
            one("type", format!("Type attendu : {name}."), format!("Expected type: {name}."))
        }
        Kind::Format { format } => {
            one("format", format!("Format attendu : {format}."), format!("Expected format: {format}."))
        }
        Kind::Minimum { limit } => one("too_small", format!("Minimum : {limit}."), format!("Minimum: {limit}.")),
        Kind::Maximum { limit } => one("too_large", format!("Maximum : {limit}."), format!("Maximum: {limit}.")),
        Kind::ExclusiveMinimum { limit } => {
            one("too_small", format!("Strictement plus que {limit}."), format!("More than {limit}."))
        }
        Kind::ExclusiveMaximum { limit } => {
            one("too_large", format!("Strictement moins que {limit}."), format!("Less than {limit}."))
        }
        Kind::MinItems { limit } => {
            one("too_few", format!("Au moins {limit} élément(s)."), format!("At least {limit} item(s)."))
        }
        Kind::MaxItems { limit } => {
            vec![lists::too_many(&pointer, usize::try_from(*limit).unwrap_or(usize::MAX))]
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            // One branch says « or null »: the other one's faults are what the caller wants to read.
            let best = context.iter().filter(|branch| !branch.is_empty()).max_by_key(|branch| {
                let depth = branch.iter().map(|error| error.instance_path().to_string().len()).max();
                (!branch.iter().any(|error| wants_null(error.kind())), depth)
            });
            let faults: Vec<Fault> = best
                .into_iter()
                .flatten()
                .flat_map(|error| translate(error.instance_path().to_string(), error.kind()))
                .collect();
            if faults.is_empty() {
                one(
                    "shape",
                    "Aucune des formes possibles ne convient.".into(),
                    "None of the possible shapes fits.".into(),
                )
            } else {
                faults
            }
        }
        other => {
            let keyword = other.keyword();
            one("schema", format!("Règle non respectée : {keyword}."), format!("Broken rule: {keyword}."))
        }
    }
}

/// Parse a value: schema, then type, then rules.
pub fn parse<T: ParseFromJSON + Validate + 'static>(mut value: Value) -> Result<T> {
    without_nulls(&mut value);
    let texts = lines::tidy::<T>(&mut value);
    if !texts.is_empty() {
        return Err(Error::Invalid(texts));
    }
    let faults = faults_of(&checker::<T>(false), &value);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut texts = vec![];
    text_faults(&value, String::new(), &mut texts);
    if !texts.is_empty() {
        return Err(Error::Invalid(texts));
    }
    let parsed = T::parse_from_json(Some(value)).map_err(|error| {
        let message = error.into_message();
        Error::invalid("", "unreadable", format!("Corps illisible : {message}"), format!("Unreadable body: {message}"))
    })?;
    parsed.validate().map_err(|errors| Error::Invalid(flatten(&errors, "")))?;
    Ok(parsed)
}

/// An optional member that is null is an absent one.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, member| !member.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Members that no paper prints: people write there as they speak.
const SPOKEN: &[&str] = &["comment", "comments", "note", "notes"];

/// What no text may be: PostgreSQL stores no NUL character, refused on both databases; a few spaces are no name; what no
/// paper could print is refused when it is typed, not mangled when it is printed, but in texts that no paper prints.
fn text_faults(value: &Value, pointer: String, found: &mut Vec<Fault>) {
    if found.len() > MOST_FAULTS {
        return;
    }
    match value {
        Value::String(text) if text.contains('\0') => found.push(Fault::new(
            pointer,
            "nul",
            "Le caractère U+0000 n’est pas accepté.",
            "The character U+0000 is not accepted.",
        )),
        Value::String(text) if lines::is_blank(text) => found.push(lines::blank(&pointer)),
        Value::String(text) if !SPOKEN.iter().any(|name| pointer.split('/').any(|part| part == *name)) => {
            found.extend(pdf::supports(text).err().map(|letter| unprintable(pointer, letter)));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                text_faults(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(map) => {
            for (name, item) in map {
                text_faults(item, format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
}

fn unprintable(pointer: String, letter: char) -> Fault {
    let code = u32::from(letter);
    Fault::new(
        pointer,
        "unprintable",
        format!(
            "Le caractère « {letter} » (U+{code:04X}) ne peut pas être imprimé sur les documents : écrivez en alphabet latin, sans émoji."
        ),
        format!(
            "The character “{letter}” (U+{code:04X}) cannot be printed on papers: write in the Latin alphabet, without emoji."
        ),
    )
}

/// Refuses a text that no paper could print. JSON bodies are checked whole by [`parse`]; forms call it for what they print.
pub fn printable(pointer: &str, text: &str) -> Result<()> {
    pdf::supports(text).map_err(|letter| Error::Invalid(vec![unprintable(pointer.to_owned(), letter)]))
}

/// The faults that `validator` found, with their places.
pub fn flatten(errors: &ValidationErrors, base: &str) -> Vec<Fault> {
    let mut faults = vec![];
    for (name, kind) in errors.errors() {
        let pointer = if name == "__all__" { base.to_owned() } else { format!("{base}/{name}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => faults.extend(flatten(inner, &pointer)),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    faults.extend(flatten(inner, &format!("{pointer}/{index}")));
                }
            }
            ValidationErrorsKind::Field(fields) => faults.extend(fields.iter().map(|field| {
                let fr = field.message.as_deref().unwrap_or("Valeur refusée.").to_owned();
                let en = field.params.get("en").and_then(Value::as_str).map_or_else(|| fr.clone(), str::to_owned);
                let at = field.params.get("at").and_then(Value::as_str).unwrap_or_default();
                Fault::new(format!("{pointer}{at}"), field.code.to_string(), fr, en)
            })),
        }
    }
    faults.sort_by(|left, right| left.pointer.cmp(&right.pointer));
    faults
}

pub(super) async fn json_body(request: &Request, body: &mut RequestBody) -> poem::Result<Value> {
    let bytes = <Vec<u8> as poem::FromRequest>::from_request(request, body).await?;
    Ok(json::read(&bytes)?)
}

/// A JSON body that keeps to its published schema and to its rules.
pub struct Valid<T>(pub T);

impl<T: Type> Payload for Valid<T> {
    const CONTENT_TYPE: &'static str = "application/json";
    fn check_content_type(content_type: &str) -> bool {
        poem_openapi::payload::Json::<T>::check_content_type(content_type)
    }
    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ParseFromJSON + Validate + 'static> ParsePayload for Valid<T> {
    const IS_REQUIRED: bool = T::IS_REQUIRED;
    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let value = json_body(request, body).await?;
        Ok(Self(parse(value)?))
    }
}
poem_openapi::impl_apirequest_for_payload!(Valid<T>, T: ParseFromJSON + Validate + 'static);

/// A merge patch (RFC 7396) of `T`: what is absent stays, what is null goes.
pub struct Patch<T> {
    changes: Value,
    of: std::marker::PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON + ToJSON + Validate + 'static> Patch<T> {
    /// What the resource becomes: the whole is checked, as a creation would be.
    pub fn apply(&self, present: &T) -> Result<T> {
        let mut value = present.to_json().unwrap_or_default();
        // A row never changes its activity: naming another one names a row that is not there.
        if let (Some(named), Some(owner)) = (self.changes.get("activity_id"), value.get("activity_id"))
            && !named.is_null()
            && !owner.is_null()
            && named != owner
        {
            return Err(Error::Missing("activity"));
        }
        merge(&mut value, &self.changes);
        parse(value)
    }

    /// The activity that the patch names.
    pub fn activity(&self) -> Option<Uuid> {
        self.changes.get("activity_id").and_then(Value::as_str).and_then(|id| id.parse().ok())
    }

    /// Whether the patch names this member.
    pub fn names(&self, member: &str) -> bool {
        self.changes.get(member).is_some()
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    if let Value::Object(map) = target {
        for (name, change) in changes {
            if change.is_null() {
                map.remove(name);
            } else {
                merge(map.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
    }
}

/// The name under which the patch of a type is published.
fn patch_name<T: Type>() -> String {
    format!("Change{}", T::name().trim_start_matches("New"))
}

impl<T: Type> Payload for Patch<T> {
    const CONTENT_TYPE: &'static str = "application/json";
    fn check_content_type(content_type: &str) -> bool {
        content_type.starts_with("application/merge-patch+json")
            || poem_openapi::payload::Json::<T>::check_content_type(content_type)
    }
    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(patch_name::<T>())
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
        let Some(mut schema) = registry.schemas.get(T::name().as_ref()).cloned() else { return };
        schema.required.clear();
        registry.create_schema::<Self, _>(patch_name::<T>(), |_| schema);
    }
}

impl<T: ParseFromJSON + ToJSON + Validate + 'static> ParsePayload for Patch<T> {
    const IS_REQUIRED: bool = true;
    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let mut changes = json_body(request, body).await?;
        let texts = lines::tidy::<T>(&mut changes);
        if !texts.is_empty() {
            return Err(Error::Invalid(texts).into());
        }
        let faults = faults_of(&checker::<T>(true), &changes);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults).into());
        }
        if !changes.is_object() {
            return Err(Error::invalid("", "type", "Un objet JSON est attendu.", "A JSON object is expected.").into());
        }
        Ok(Self { changes, of: std::marker::PhantomData })
    }
}
poem_openapi::impl_apirequest_for_payload!(Patch<T>, T: ParseFromJSON + ToJSON + Validate + 'static);
