//! Lists: a cursor, a limit, words to search, and what changed since.

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions, Object,
    types::{ParseFromJSON, ToJSON},
};
use uuid::Uuid;

use super::error::{Error, Fault, Result};

/// One page of a list.
#[derive(Debug, Clone, Object)]
pub struct Page<T: ParseFromJSON + ToJSON> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Send it back as `after` to read the next page; absent on the last one.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

/// The parameters that every list takes. The contract's finishing step writes them on each list operation.
#[derive(Debug, Clone, Default)]
pub struct PageQuery {
    /// Rows per page, 1 to 200.
    pub limit: u64,
    /// The cursor of the previous page.
    pub after: Option<String>,
    /// Words to search, accents and case folded.
    pub q: Option<String>,
    /// Only what changed after this sequence number of the activity.
    pub updated_after: Option<i64>,
    /// Only this activity.
    pub activity_id: Option<Uuid>,
    /// Only the row with this external identifier.
    pub external_id: Option<String>,
}

/// Rows per page when nothing is said.
pub const DEFAULT_LIMIT: u64 = 50;
/// Rows per page at most.
pub const MAX_LIMIT: u64 = 200;

impl PageQuery {
    /// Everything, for lists that are short by nature.
    pub fn all() -> Self {
        Self { limit: MAX_LIMIT, ..Self::default() }
    }

    fn parse(query: &str) -> Result<Self> {
        let mut page = Self { limit: DEFAULT_LIMIT, ..Self::default() };
        let mut faults = vec![];
        let bad = |name: &str, fr: &str, en: &str| Fault::new(format!("?{name}"), "parameter", fr, en);
        for (name, value) in pairs(query) {
            match name.as_str() {
                "limit" => match value.parse() {
                    Ok(limit @ 1..=MAX_LIMIT) => page.limit = limit,
                    _ => faults.push(bad(
                        "limit",
                        "Un entier de 1 à 200 est attendu.",
                        "An integer from 1 to 200 is expected.",
                    )),
                },
                "after" if !value.is_empty() => page.after = Some(value),
                "q" if !value.trim().is_empty() => {
                    if value.chars().count() > 200 {
                        faults.push(bad("q", "200 caractères au plus.", "At most 200 characters."));
                    } else {
                        page.q = Some(value.replace('\0', ""));
                    }
                }
                "updated_after" => match value.parse() {
                    Ok(seq @ 0..) => page.updated_after = Some(seq),
                    _ => faults.push(bad(
                        "updated_after",
                        "Un entier positif ou nul est attendu.",
                        "An integer, zero or more, is expected.",
                    )),
                },
                "activity_id" => match value.parse() {
                    Ok(id) => page.activity_id = Some(id),
                    Err(_) => faults.push(bad("activity_id", "Un UUID est attendu.", "A UUID is expected.")),
                },
                "external_id" if value.chars().count() > 100 => {
                    faults.push(bad("external_id", "100 caractères au plus.", "At most 100 characters."));
                }
                "external_id" => page.external_id = Some(value.replace('\0', "")),
                _ => {}
            }
        }
        if page.updated_after.is_some() && page.q.is_some() {
            faults.push(bad("updated_after", "Incompatible avec « q ».", "Cannot be combined with “q”."));
        }
        if faults.is_empty() { Ok(page) } else { Err(Error::Invalid(faults)) }
    }

    /// The identifier after which this page begins.
    pub fn id_cursor(&self) -> Result<Option<Uuid>> {
        self.after.as_deref().map(|after| after.parse().map_err(|_| bad_cursor())).transpose()
    }

    pub(super) fn change_cursor(&self) -> Result<Option<(i64, Uuid)>> {
        let Some(after) = self.after.as_deref() else { return Ok(None) };
        let (seq, id) = after.split_once('.').ok_or_else(bad_cursor)?;
        Ok(Some((seq.parse().map_err(|_| bad_cursor())?, id.parse().map_err(|_| bad_cursor())?)))
    }
}

fn bad_cursor() -> Error {
    Error::invalid(
        "?after",
        "cursor",
        "Curseur illisible : renvoyez tel quel le « next » de la page précédente.",
        "Unreadable cursor: send back the “next” of the previous page as it is.",
    )
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let hex: Vec<u8> = rest.by_ref().take(2).collect();
                    std::str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(b'?')
                }
                other => other,
            });
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.split_once('=')
                .map_or_else(|| (decode(part), String::new()), |(name, value)| (decode(name), decode(value)))
        })
        .collect()
}

impl<'a> ApiExtractor<'a> for PageQuery {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::PoemExtractor];
    type ParamType = ();
    type ParamRawType = ();

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self::parse(request.uri().query().unwrap_or_default())?)
    }
}
