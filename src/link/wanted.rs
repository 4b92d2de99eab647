//! Links inside mails: a text is written with a placeholder, and the token exists only in the mail that leaves.

use chrono::DateTime;
use uuid::Uuid;

use super::{NewLink, Purpose, mint};
use crate::platform::{error::Result, tx::Tx};

/// How a placeholder begins; it goes on with the purpose, the object and the end of the link, parted by dots.
pub const MARK: &str = "lien-personnel.";

/// The address to write in a text, for a link that will be made when the mail leaves.
pub fn wanted(base_url: &str, purpose: Purpose, object: Uuid, expires_at: DateTime<chrono::Utc>) -> String {
    format!("{base_url}/{}/{MARK}{}.{object}.{}", purpose.path(), purpose.name(), expires_at.timestamp())
}

/// Whether a text waits for links.
pub fn awaits(text: &str) -> bool {
    text.contains(MARK)
}

/// A placeholder: as it stands in a text, and what it asks for.
type Placeholder = (String, Purpose, Uuid, DateTime<chrono::Utc>);

/// The placeholders of a text, each once.
fn found(text: &str) -> Vec<Placeholder> {
    let mut all: Vec<Placeholder> = vec![];
    for (at, _) in text.match_indices(MARK) {
        let rest = &text[at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
        let whole = rest[..end].trim_end_matches('.');
        let Some(said) = whole.strip_prefix(MARK) else { continue };
        let mut parts = said.split('.');
        let (Some(purpose), Some(object), Some(end), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let (Ok(purpose), Ok(object)) = (Purpose::of(purpose), object.parse()) else { continue };
        let Some(end) = end.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else { continue };
        if !all.iter().any(|(known, ..)| known == whole) {
            all.push((whole.to_owned(), purpose, object, end));
        }
    }
    all
}

/// Put a token in place of each placeholder of these texts; a second attempt gives the same links other tokens.
pub async fn fulfil(
    tx: &mut Tx<'_>,
    activity: Uuid,
    message: Uuid,
    session: Option<Uuid>,
    holder: &str,
    texts: &mut [&mut String],
) -> Result<()> {
    let mut asked = vec![];
    for text in texts.iter() {
        for one in found(text) {
            if !asked.contains(&one) {
                asked.push(one);
            }
        }
    }
    for (number, (placeholder, purpose, object, expires_at)) in asked.into_iter().enumerate() {
        let new = NewLink {
            purpose,
            object,
            session,
            holder: holder.to_owned(),
            cause: format!("message:{message}:{number}"),
            expires_at,
        };
        let made = mint(tx, activity, new).await?;
        for text in texts.iter_mut() {
            **text = text.replace(&placeholder, &made.token);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    #[test]
    fn a_placeholder_is_found_where_it_stands() {
        let end = Utc.with_ymd_and_hms(2026, 4, 1, 8, 0, 0).single().expect("a plain instant");
        let object = Uuid::from_u128(7);
        let address = wanted("https://example.org", Purpose::SignSession, object, end);
        let text = format!("Signez ici : {address}.\n<a href=\"{address}\">{address}</a>");
        let found = found(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].1, found[0].2, found[0].3), (Purpose::SignSession, object, end));
        assert!(!text.replace(&found[0].0, "TOKEN").contains("lien-personnel"));
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        assert!(found("lien-personnel. lien-personnel.other.x.1 lien-personnel.run_day.x.y").is_empty());
    }
}
