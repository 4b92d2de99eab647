//! The evidence of one signature (fiche de preuve): who signed, how they were known, when, what they saw, and the digests
//! that make a change visible.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    organisation::Issuer,
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Paper},
    platform::calendar,
};

/// What the record prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The title of the action.
    pub title: String,
    /// The session's reference.
    pub session: String,
    /// The half-day.
    pub slot: Slot,
    /// Who signed.
    pub signer: Signer,
    /// The instant, by the server's clock.
    pub signed_at: DateTime<Utc>,
    /// The instant, by the clock of the device, when it told one.
    pub device: Option<Device>,
    /// From where.
    pub origin: Origin,
    /// The sentence that was agreed to.
    pub consent: String,
    /// The name that was typed, when one was.
    pub typed_name: Option<String>,
    /// Why it came late, when it was received after the half-day was closed.
    pub late: Option<String>,
    /// SHA-256 of what was shown to be signed.
    pub slot_digest: String,
    /// SHA-256 of the picture of the drawn signature.
    pub picture_digest: Option<String>,
    /// Its place in the chain of evidence.
    pub chain: Link,
}

/// The half-day that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its day.
    pub day: NaiveDate,
    /// Beginning, in Paris.
    pub from: NaiveTime,
    /// End, in Paris.
    pub to: NaiveTime,
    /// Where, or « à distance ».
    pub place: Option<String>,
}

/// Who signed, and how they were known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// First and last name.
    pub name: String,
    /// « stagiaire », « formatrice »…
    pub role: String,
    /// The employer or client, for a trainee.
    pub employer: Option<String>,
    /// How they were identified, in French.
    pub identified: String,
}

/// What the device told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its own time.
    pub told: DateTime<Utc>,
    /// How many seconds it was behind the server (negative: ahead).
    pub behind_seconds: i64,
}

/// Network traces, which are erased after a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// They are kept.
    Kept {
        /// IP address.
        ip: Option<String>,
        /// Browser and system.
        user_agent: Option<String>,
        /// A random name that the device keeps.
        device: Option<String>,
    },
    /// They were erased; their digest is still in the chain.
    Erased {
        /// When.
        on: NaiveDate,
    },
    /// There are none: signed on paper, or recorded by the trainer.
    None,
}

/// A place in a chain of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its number.
    pub number: i64,
    /// The digest of what came before.
    pub previous: String,
    /// Its own digest.
    pub digest: String,
}

/// The record on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content {
        issuer,
        title,
        session,
        slot,
        signer,
        signed_at,
        device,
        origin,
        consent,
        typed_name,
        late,
        slot_digest,
        picture_digest,
        chain,
    } = content;
    let hours =
        format!("{}, de {} à {}", calendar::long_date(slot.day), calendar::time(slot.from), calendar::time(slot.to));
    let mut what = vec![
        ("Action".to_owned(), title.clone()),
        ("Session".to_owned(), session.clone()),
        ("Demi-journée".to_owned(), hours),
    ];
    what.extend(slot.place.clone().map(|place| ("Lieu".to_owned(), place)));
    let mut who = vec![("Nom".to_owned(), format!("{}, {}", signer.name, signer.role))];
    who.extend(signer.employer.clone().map(|employer| ("Employeur ou client".to_owned(), employer)));
    who.push(("Identification".to_owned(), signer.identified.clone()));
    who.extend(typed_name.clone().map(|name| ("Nom saisi".to_owned(), name)));
    let mut when = vec![
        ("Heure de Paris".to_owned(), to_the_second(*signed_at)),
        ("Temps universel (UTC)".to_owned(), utc(*signed_at)),
    ];
    if let Some(Device { told, behind_seconds }) = device {
        when.push(("Horloge de l’appareil".to_owned(), format!("{} ({})", utc(*told), gap(*behind_seconds))));
    }
    when.extend(late.clone().map(|why| ("Reçue après la clôture".to_owned(), why)));
    when.extend(whence(origin));
    let mut proofs = vec![("Ce qui a été présenté".to_owned(), grouped(slot_digest))];
    proofs.extend(picture_digest.as_ref().map(|digest| ("Image de la signature".to_owned(), grouped(digest))));
    proofs.push(("Maillon précédent".to_owned(), grouped(&chain.previous)));
    proofs.push((format!("Maillon n° {}", chain.number), grouped(&chain.digest)));
    blocks::paper("Fiche de preuve d’une signature", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("Fiche de preuve d’une signature"))
        .push(Block::heading("Ce qui a été signé"))
        .push(Block::key_values(what))
        .push(Block::heading("Qui a signé"))
        .push(Block::key_values(who))
        .push(Block::heading("Quand et d’où"))
        .push(Block::key_values(when))
        .push(Block::heading("Consentement"))
        .push(Block::paragraph(format!("« {consent} »")))
        .push(Block::heading("Empreintes (SHA-256)"))
        // Before the digests: after them, it could be alone on a page.
        .push(Block::note(
            "Chaque signature est un maillon d’une chaîne : son empreinte dépend de la précédente. Une ligne modifiée, ajoutée \
             ou supprimée rompt la chaîne et se voit à la vérification.",
        ))
        .push(Block::key_values(proofs))
        .extend(blocks::closing(issuer))
}

fn whence(origin: &Origin) -> Vec<(String, String)> {
    match origin {
        Origin::Kept { ip, user_agent, device } => {
            let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "non transmis".to_owned());
            vec![
                ("Adresse IP".to_owned(), told(ip)),
                ("Navigateur".to_owned(), told(user_agent)),
                ("Appareil".to_owned(), told(device)),
            ]
        }
        Origin::Erased { on } => vec![(
            "Traces réseau".to_owned(),
            format!("effacées le {} ; leur empreinte reste dans la chaîne", calendar::date(*on)),
        )],
        Origin::None => vec![("Traces réseau".to_owned(), "aucune".to_owned())],
    }
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn to_the_second(instant: DateTime<Utc>) -> String {
    let local = calendar::local(instant);
    format!("{}, {}", calendar::long_date(local.date()), local.format("%H:%M:%S"))
}

/// « en retard de 3 s sur le serveur ».
fn gap(behind: i64) -> String {
    match behind {
        0 => "à l’heure du serveur".to_owned(),
        late if late > 0 => format!("en retard de {late} s sur le serveur"),
        ahead => format!("en avance de {} s sur le serveur", ahead.unsigned_abs()),
    }
}

/// Groups of eight, so that two digests can be compared by eye.
fn grouped(digest: &str) -> String {
    let letters: Vec<char> = digest.chars().collect();
    letters.chunks(8).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_digests_are_read_by_people() {
        assert_eq!(gap(3), "en retard de 3 s sur le serveur");
        assert_eq!(gap(-61), "en avance de 61 s sur le serveur");
        assert_eq!(grouped("0123456789abcdef01"), "01234567 89abcdef 01");
        assert_eq!(to_the_second("2026-07-01T07:00:05Z".parse().unwrap()), "mercredi 1er juillet 2026, 09:00:05");
    }

    #[test]
    fn erased_traces_say_when() {
        let said = whence(&Origin::Erased { on: "2027-03-01".parse().unwrap() });
        assert!(said[0].1.starts_with("effacées le 1er mars 2027"), "{said:?}");
    }
}
