//! Links inside mails: a text is written with a placeholder, and the token exists only in the mail that leaves.

use chrono::DateTime;
use uuid::Uuid;

use super::{NewLink, Purpose, held::give};
use crate::platform::{error::Result, seed::Seed, tx::Tx};

/// How a placeholder begins; it goes on with the purpose, the object and the end of the link, and the trainer whose day it
/// opens, parted by dots.
pub const MARK: &str = "lien-personnel.";

/// The address to write in a text, for a link that will be made when the mail leaves.
pub fn wanted(base_url: &str, purpose: Purpose, object: Uuid, expires_at: DateTime<chrono::Utc>) -> String {
    format!("{base_url}/{}/{MARK}{}.{object}.{}", purpose.path(), purpose.name(), expires_at.timestamp())
}

/// The same for the link of a trainer's day.
pub fn wanted_day(base_url: &str, slot: Uuid, trainer: Uuid, expires_at: DateTime<chrono::Utc>) -> String {
    format!("{}.{trainer}", wanted(base_url, Purpose::RunDay, slot, expires_at))
}

/// Whether a text waits for links.
pub fn awaits(text: &str) -> bool {
    text.contains(MARK)
}

/// A placeholder: as it stands in a text, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Placeholder {
    whole: String,
    purpose: Purpose,
    object: Uuid,
    expires_at: DateTime<chrono::Utc>,
    trainer: Option<Uuid>,
}

/// The placeholders of a text, each once.
fn found(text: &str) -> Vec<Placeholder> {
    let mut all: Vec<Placeholder> = vec![];
    for (at, _) in text.match_indices(MARK) {
        let rest = &text[at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
        let whole = rest[..end].trim_end_matches('.');
        let Some(said) = whole.strip_prefix(MARK) else { continue };
        let parts: Vec<&str> = said.split('.').collect();
        let (purpose, object, end, trainer) = match parts[..] {
            [purpose, object, end] => (purpose, object, end, None),
            [purpose, object, end, trainer] => (purpose, object, end, Some(trainer)),
            _ => continue,
        };
        let (Ok(purpose), Ok(object)) = (Purpose::of(purpose), object.parse()) else { continue };
        let Ok(trainer) = trainer.map(str::parse).transpose() else { continue };
        let Some(expires_at) = end.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else {
            continue;
        };
        let one = Placeholder { whole: whole.to_owned(), purpose, object, expires_at, trainer };
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// Put a token in place of each placeholder of these texts; another attempt, from the same seed, puts the same.
pub async fn fulfil(
    tx: &mut Tx<'_>,
    activity: Uuid,
    message: Uuid,
    session: Option<Uuid>,
    holder: &str,
    seed: &Seed,
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
    // The longest first: a placeholder may begin another, and would take its place.
    asked.sort_by_key(|one| std::cmp::Reverse(one.whole.len()));
    for (number, Placeholder { whole, purpose, object, expires_at, trainer }) in asked.into_iter().enumerate() {
        let cause = format!("message:{message}:{number}");
        let token = seed.token(&cause);
        let new = NewLink { purpose, object, session, trainer, holder: holder.to_owned(), cause, expires_at };
        give(tx, activity, new, &token).await?;
        for text in texts.iter_mut() {
            **text = text.replace(&whole, &token);
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
        let one = &found[0];
        assert_eq!((one.purpose, one.object, one.expires_at, one.trainer), (Purpose::SignSession, object, end, None));
        assert!(!text.replace(&one.whole, "TOKEN").contains("lien-personnel"));
    }

    #[test]
    fn the_link_of_a_day_says_whose_it_is() {
        let end = Utc.with_ymd_and_hms(2026, 4, 1, 8, 0, 0).single().expect("a plain instant");
        let (slot, trainer) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let found = found(&format!("Votre journée : {}.", wanted_day("https://example.org", slot, trainer, end)));
        assert_eq!(found.len(), 1, "{found:?}");
        let one = &found[0];
        assert_eq!((one.purpose, one.object, one.expires_at, one.trainer), (Purpose::RunDay, slot, end, Some(trainer)));
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        assert!(found("lien-personnel. lien-personnel.other.x.1 lien-personnel.run_day.x.y").is_empty());
        let object = Uuid::from_u128(7);
        assert!(
            found(&format!("lien-personnel.run_day.{object}.1.x lien-personnel.run_day.{object}.1.{object}.1"))
                .is_empty()
        );
    }
}
