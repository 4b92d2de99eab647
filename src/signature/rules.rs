//! Who signs what, in which order, until when; what a code is worth. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    document::Kind,
    platform::{
        calendar,
        error::{Error, Result},
        quota::{SENT, UsedUp},
    },
    words,
};

words! {
    /// For whom somebody signs.
    pub enum Party as "SigningParty" {
        /// The client who buys, or the individual of a contrat.
        Client = "client",
        /// A trainee, for papers that name them.
        Trainee = "trainee",
        /// The cooperative, by its legal representative or a delegate.
        Cooperative = "cooperative",
    }
}

words! {
    /// Where a request stands.
    pub enum State as "SignatureRequestState" {
        /// It waits for the signature.
        Requested = "requested",
        /// Signed.
        Signed = "signed",
        /// The signatory refused, with a reason.
        Refused = "refused",
        /// Not signed in time.
        Expired = "expired",
        /// Not asked any more: cancelled, or the paper was signed otherwise, replaced or taken back.
        Cancelled = "cancelled",
    }
}

words! {
    /// How it was signed.
    pub enum Means as "SignatureMeans" {
        /// Drawn on a screen.
        Drawn = "drawn",
        /// By typing one's name.
        Typed = "typed",
        /// By hand on the printed paper; its scan is kept.
        Paper = "paper",
    }
}

words! {
    /// By which way the signature came.
    pub enum Channel as "SignatureChannel" {
        /// The page of a personal link.
        Page = "page",
        /// The API, with a code.
        Api = "api",
        /// Written down from the printed paper.
        Paper = "paper",
    }
}

/// What is done to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Sign,
    Refuse,
    Expire,
    Cancel,
    Resend,
}

/// The state after a step; what is closed stays as it is for ever.
pub(super) fn moved(from: State, step: Step) -> Result<State> {
    match (from, step) {
        (State::Requested, Step::Sign) => Ok(State::Signed),
        (State::Requested, Step::Refuse) => Ok(State::Refused),
        (State::Requested, Step::Expire) => Ok(State::Expired),
        (State::Requested, Step::Cancel) => Ok(State::Cancelled),
        (State::Requested, Step::Resend) => Ok(State::Requested),
        (State::Signed, Step::Sign | Step::Refuse | Step::Expire | Step::Cancel | Step::Resend) => Err(Error::refused(
            "signature.already_signed",
            "Ce document est déjà signé : une signature ne se retire ni ne se refait.",
            "This is signed already: a signature is neither taken back nor given again.",
        )),
        (State::Expired, Step::Sign | Step::Refuse | Step::Expire | Step::Cancel | Step::Resend) => {
            Err(Error::refused(
                "signature.expired",
                "Cette demande de signature a expiré : faites-en une autre.",
                "This request has expired: make another one.",
            ))
        }
        (State::Refused, Step::Sign | Step::Refuse | Step::Expire | Step::Cancel | Step::Resend) => {
            Err(Error::refused(
                "signature.refused",
                "La signature a été refusée : le refus est conservé.",
                "The signature was refused: the refusal is kept.",
            ))
        }
        (State::Cancelled, Step::Sign | Step::Refuse | Step::Expire | Step::Cancel | Step::Resend) => {
            Err(Error::refused(
                "signature.cancelled",
                "Cette signature n’est plus demandée.",
                "This signature is not asked for any more.",
            ))
        }
    }
}

/// The parties without whom a paper is not signed; none for a paper that nobody signs on line.
pub fn parties(kind: Kind) -> &'static [Party] {
    match kind {
        Kind::Agreement | Kind::Amendment => &[Party::Client, Party::Cooperative],
        Kind::Quote => &[Party::Client],
        Kind::Certificate | Kind::Attestation | Kind::Assiduity => &[Party::Cooperative],
        Kind::Programme
        | Kind::Convocation
        | Kind::AttendanceSheet
        | Kind::WelcomeBooklet
        | Kind::InternalRules
        | Kind::DistanceRecord
        | Kind::SignatureEvidence => &[],
    }
}

/// Whether all whom a paper needs have signed and nobody is waited for.
pub(super) fn complete(kind: Kind, requests: &[(Party, State)]) -> bool {
    let needed = parties(kind);
    let signed = |party: &Party| requests.iter().any(|(one, state)| one == party && *state == State::Signed);
    !needed.is_empty() && needed.iter().all(signed) && requests.iter().all(|(_, state)| *state != State::Requested)
}

/// The place in the order whose turn it is: the first that still waits.
pub(super) fn turn(requests: &[(i32, State)]) -> Option<i32> {
    requests.iter().filter(|(_, state)| *state == State::Requested).map(|(position, _)| *position).min()
}

/// Days after the invitation on which somebody who has not signed is reminded.
const REMINDERS: [i64; 3] = [3, 7, 14];

/// The next reminder after an instant; those that were not sent in their time are left out, never sent in a burst.
pub(super) fn next_reminder(
    invited_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    after: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    REMINDERS.into_iter().map(|days| invited_at + TimeDelta::days(days)).find(|at| *at > after && *at < expires_at)
}

/// Whether a reminder may still leave: what waited longer, the next one says.
pub(super) fn is_of_use(due: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - due <= TimeDelta::hours(24)
}

/// The papers that somebody ticked among those of a page. Where there is but one, nothing is ticked; where there are
/// several, a code is good for those that were, and for nobody's choice there is none.
pub(super) fn chosen<P>(papers: Vec<P>, name: impl Fn(&P) -> Uuid, ticked: &[Uuid]) -> Result<Vec<P>> {
    if papers.len() == 1 && ticked.is_empty() {
        return Ok(papers);
    }
    let chosen: Vec<P> = papers.into_iter().filter(|paper| ticked.contains(&name(paper))).collect();
    if chosen.is_empty() {
        return Err(Error::invalid(
            "/request",
            "signature.nothing_chosen",
            "Cochez au moins un document à signer.",
            "Tick at least one paper to sign.",
        ));
    }
    Ok(chosen)
}

/// How long a code may be used.
pub const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Tries of one code.
pub(super) const CODE_TRIES: i32 = 5;
/// Batches whose code was not used are held against the next ones for so long.
pub(super) const BATCHES_COUNT: TimeDelta = TimeDelta::days(30);

/// Whether another code may be asked for, from the instants of those before: a million codes, a hundred tries in all.
pub(super) fn may_ask(asked: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<()> {
    SENT.allows(asked, now).map_err(|_| {
        Error::refused(
            "signature.too_many_codes",
            "Trop de codes ont été demandés : attendez une heure, ou demandez une nouvelle invitation à signer.",
            "Too many codes were asked for: wait an hour, or ask to be invited again.",
        )
    })
}

/// Whether an invitation to sign may leave again, from the instants of those before.
pub(super) fn may_invite(before: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<()> {
    SENT.allows(before, now).map_err(|used| match used {
        UsedUp::Hour => Error::refused(
            "signature.too_many_invitations",
            "Cette invitation vient de partir plusieurs fois : attendez une heure.",
            "This invitation has just left several times: wait an hour.",
        ),
        UsedUp::All => Error::refused(
            "signature.too_many_invitations",
            "Cette invitation est partie trop de fois : vérifiez l’adresse, puis annulez la demande et faites-en une autre.",
            "This invitation has left too many times: check the address, then cancel the request and make another one.",
        ),
    })
}

/// What is known of a code when somebody tries one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried {
    /// When it stops being good; none before its mail has left.
    pub expires_at: Option<DateTime<Utc>>,
    /// Tries before this one.
    pub attempts: i32,
    /// Whether it was used.
    pub used: bool,
    /// Whether the right one was typed.
    pub right: bool,
}

/// Whether a code opens.
pub(super) fn open(tried: Tried, now: DateTime<Utc>) -> Result<()> {
    let Tried { expires_at, attempts, used, right } = tried;
    if used {
        return Err(Error::refused(
            "signature.code_used",
            "Ce code a déjà servi : demandez-en un autre.",
            "This code was used already: ask for another one.",
        ));
    }
    if attempts >= CODE_TRIES {
        return Err(spent());
    }
    match expires_at {
        Some(end) if now < end => {}
        Some(_) => {
            return Err(Error::refused(
                "signature.code_expired",
                "Ce code n’est plus valable : il l’est dix minutes. Demandez-en un autre.",
                "This code is no longer good: it lasts ten minutes. Ask for another one.",
            ));
        }
        None => {
            return Err(Error::refused(
                "signature.code_not_sent",
                "Le code n’est pas encore parti : attendez le mail, puis recommencez.",
                "The code has not left yet: wait for the mail, then try again.",
            ));
        }
    }
    match (right, CODE_TRIES - attempts - 1) {
        (true, _) => Ok(()),
        (false, 0) => Err(spent()),
        (false, 1) => Err(wrong("il reste un essai", "one try is left")),
        (false, left) => Err(wrong(&format!("il reste {left} essais"), &format!("{left} tries are left"))),
    }
}

fn spent() -> Error {
    Error::refused(
        "signature.code_spent",
        "Cinq codes faux ont été saisis : demandez un nouveau code.",
        "Five wrong codes were typed: ask for a new one.",
    )
}

fn wrong(fr: &str, en: &str) -> Error {
    Error::refused(
        "signature.code_wrong",
        format!("Ce n’est pas le bon code : {fr}."),
        format!("This is not the right code: {en}."),
    )
}

/// The words that a signatory agrees to.
pub(super) fn consent(what: &str, sha256: &str, name: &str, quality: Option<&str>) -> String {
    let quality = quality.map(|quality| format!(", {quality}")).unwrap_or_default();
    format!(
        "Je soussigné·e {name}{quality}, ai lu {what}, dont l’empreinte SHA-256 est {sha256}. J’en accepte les termes et \
         signe ce document par voie électronique (signature simple)."
    )
}

/// « le lundi 2 mars 2026 à 9 h 30 (heure de Paris) ».
pub(super) fn moment(at: DateTime<Utc>) -> String {
    format!("le {} (heure de Paris)", calendar::moment(at))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn noon(day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, day, 12, 0, 0).single().unwrap()
    }

    fn code(result: Result<()>) -> Option<String> {
        result.err().map(|error| error.code().into_owned())
    }

    #[test]
    fn a_code_is_for_the_papers_that_were_ticked() {
        let [one, two, other] = [1, 2, 3].map(Uuid::from_u128);
        let told = |papers: &[Uuid], ticked: &[Uuid]| match chosen(papers.to_vec(), |paper| *paper, ticked) {
            Ok(chosen) => chosen,
            Err(error) => {
                assert_eq!(error.code(), "invalid");
                vec![]
            }
        };
        assert_eq!(told(&[one], &[]), [one]);
        assert_eq!(told(&[one, two], &[two, other]), [two]);
        for (papers, ticked) in [(&[one, two][..], &[][..]), (&[one, two], &[other]), (&[one], &[other])] {
            assert!(told(papers, ticked).is_empty(), "{papers:?} {ticked:?}");
        }
    }

    #[test]
    fn what_is_closed_takes_no_step() {
        for (state, expected) in [
            (State::Signed, "signature.already_signed"),
            (State::Refused, "signature.refused"),
            (State::Expired, "signature.expired"),
            (State::Cancelled, "signature.cancelled"),
        ] {
            for step in [Step::Sign, Step::Refuse, Step::Expire, Step::Cancel, Step::Resend] {
                assert_eq!(moved(state, step).unwrap_err().code(), expected);
            }
        }
        assert_eq!(moved(State::Requested, Step::Sign).unwrap(), State::Signed);
    }

    #[test]
    fn an_agreement_is_complete_when_both_have_signed_in_whichever_order() {
        use {Party::*, State::*};
        assert!(!complete(Kind::Agreement, &[(Client, Signed)]), "nobody was asked for the cooperative");
        assert!(!complete(Kind::Agreement, &[(Cooperative, Signed), (Client, Requested)]));
        assert!(complete(Kind::Agreement, &[(Cooperative, Signed), (Client, Expired), (Client, Signed)]));
        assert!(complete(Kind::Quote, &[(Client, Signed)]));
        assert!(
            !complete(Kind::Quote, &[(Client, Signed), (Cooperative, Requested)]),
            "whoever was asked is waited for"
        );
        assert!(!complete(Kind::Convocation, &[]), "nobody signs it");
    }

    #[test]
    fn each_waits_for_those_before() {
        use State::*;
        assert_eq!(turn(&[(1, Requested), (2, Requested)]), Some(1));
        assert_eq!(turn(&[(1, Signed), (2, Requested)]), Some(2));
        assert_eq!(turn(&[(1, Signed), (2, Signed)]), None);
    }

    #[test]
    fn reminders_follow_the_invitation_and_end_with_the_request() {
        let next = |after| next_reminder(noon(2), noon(12), after);
        assert_eq!(next(noon(2)), Some(noon(5)));
        assert_eq!(next(noon(5)), Some(noon(9)));
        assert_eq!(next(noon(10)), None, "the third would come after the end");
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_and_five_tries() {
        let good = Tried { expires_at: Some(noon(2) + CODE_LIFE), attempts: 0, used: false, right: true };
        assert_eq!(code(open(good, noon(2))), None);
        assert_eq!(code(open(good, noon(2) + CODE_LIFE)).as_deref(), Some("signature.code_expired"));
        assert_eq!(code(open(Tried { expires_at: None, ..good }, noon(2))).as_deref(), Some("signature.code_not_sent"));
        assert_eq!(code(open(Tried { used: true, ..good }, noon(2))).as_deref(), Some("signature.code_used"));
        let wrong = |attempts| Tried { right: false, attempts, ..good };
        assert_eq!(code(open(wrong(3), noon(2))).as_deref(), Some("signature.code_wrong"));
        assert_eq!(code(open(wrong(4), noon(2))).as_deref(), Some("signature.code_spent"));
        assert_eq!(code(open(Tried { attempts: 5, ..good }, noon(2))).as_deref(), Some("signature.code_spent"));
    }

    #[test]
    fn codes_are_not_asked_for_without_end() {
        let minute = |n| noon(2) + TimeDelta::minutes(n);
        let asked: Vec<_> = (0..5).map(minute).collect();
        assert_eq!(code(may_ask(&asked, minute(6))).as_deref(), Some("signature.too_many_codes"));
        assert_eq!(code(may_ask(&asked, minute(61))), None);
        let many = vec![noon(1); 20];
        assert_eq!(code(may_ask(&many, noon(20))).as_deref(), Some("signature.too_many_codes"));
    }
}
