//! The mail that tells a user that a key of theirs ends soon: of the cooperative, in no activity, so it is kept as no
//! message; the audit says that it was to be told.

use chrono::{DateTime, Utc};
use entity::legal_identity;
use sea_orm::{ColumnTrait, ExprTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access::{Ending, ending},
    mail::{self, Automatic, Frame, Mailbox, Outgoing},
    platform::{
        access::Ctx,
        calendar,
        error::{Error, Result},
        number::EmailAddress,
        scope::Scope,
    },
};

const TEXT: &str = include_str!("texts/key_ending.fr.txt");

/// Tell a user that their key ends soon. The job names the mail and its instant: a second attempt sends the same.
pub async fn tell_key_ending(ctx: &Ctx, job: Uuid, queued_at: DateTime<Utc>, key: Uuid) -> Result<()> {
    let Some(ending) = ending(ctx, key).await? else { return Ok(()) };
    let brand = cooperative(&ctx.scope(), ctx.today()).await?;
    let frame = Frame { brand: brand.clone(), identity: vec![] };
    let words = mail::render(TEXT, &facts(&ending, &brand), &frame)
        .map_err(|error| Error::internal(format!("text key_ending: {error}")))?;
    let address = |text: &str| {
        EmailAddress::parse(text).map_err(|fault| Error::refused("mail.address", fault.fr.clone(), fault.en))
    };
    let mail = Outgoing {
        id: job,
        from: Mailbox::new(&brand, address(&ctx.app().settings.mail_from)?),
        to: vec![Mailbox::new(&ending.name, address(&ending.address)?)],
        cc: vec![],
        reply_to: None,
        subject: words.subject,
        text: words.text,
        html: words.html,
        date: queued_at,
        thread: None,
        attachments: vec![],
        automatic: Automatic::Generated,
        headers: vec![],
    };
    match ctx.app().mail.send(&mail).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_permanent() => {
            Err(Error::refused("mail.refused", failure.reason.clone(), failure.reason))
        }
        Err(failure) => Err(Error::Unavailable(failure.reason)),
    }
}

fn facts(ending: &Ending, brand: &str) -> Value {
    json!({
        "brand": brand,
        "hello": format!("Bonjour {},", ending.name),
        "label": ending.label,
        "prefix": ending.prefix,
        "day": calendar::date(calendar::local_day(ending.ends_at)),
        "end": calendar::moment(ending.ends_at),
        "renewable": ending.renewable,
    })
}

/// The cooperative's name, or the program's while it has entered none.
async fn cooperative(scope: &Scope<'_>, day: chrono::NaiveDate) -> Result<String> {
    use legal_identity::Column as L;
    let found = scope
        .find::<legal_identity::Entity>()
        .filter(L::ValidFrom.lte(day))
        .filter(L::ValidTo.is_null().or(L::ValidTo.gte(day)))
        .descending(L::ValidFrom)
        .one()
        .await?;
    Ok(found.map_or_else(|| "Clairière".to_owned(), |row| row.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_says_which_key_when_and_what_to_do() {
        let ending = Ending {
            name: "Nadia Roche".into(),
            address: "nadia@example.org".into(),
            label: "portable".into(),
            prefix: "clairiere_AbC123".into(),
            ends_at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            renewable: true,
        };
        let frame = Frame { brand: "Les Communs".into(), identity: vec![] };
        let told = |renewable: bool| {
            let facts = facts(&Ending { renewable, ..ending.clone() }, "Les Communs");
            mail::render(TEXT, &facts, &frame).unwrap()
        };
        let mail = told(true);
        assert!(mail.subject.starts_with("Les Communs") && mail.subject.contains("portable"), "{}", mail.subject);
        assert!(mail.text.contains("Bonjour Nadia Roche,") && mail.text.contains("clairiere_AbC123…"), "{}", mail.text);
        assert!(mail.text.contains("/v1/me/key/rotate") && mail.text.contains("2026"), "{}", mail.text);
        assert!(told(false).text.contains("ne se prolonge pas"));
    }
}
