//! What a text may name, kind by kind: each variable is a place in the frozen content, so that a text never says what
//! the paper does not know.

use chrono::NaiveDate;
use serde_json::Value;

use super::super::Kind;
use crate::{
    platform::{
        calendar,
        money::{Cents, Minutes},
    },
    words,
};

words! {
    /// What a variable is, which says how it is printed.
    pub enum Form as "VariableForm" {
        /// Words.
        Text = "text",
        /// A number: « 12 ».
        Number = "number",
        /// A day: « 2 mars 2026 ».
        Day = "day",
        /// Several days: « 2 et 3 mars 2026 ».
        Days = "days",
        /// An amount: « 1 250,00 € ».
        Money = "money",
        /// A length of time: « 3 h 30 ».
        Duration = "duration",
        /// Several words: « Zoé, Paul et Ali ».
        List = "list",
    }
}

/// Something that a text may name.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its place in the content: a JSON pointer.
    at: &'static str,
    /// What it is.
    pub form: Form,
    /// Whether a paper may lack it.
    pub optional: bool,
    /// What it says, in French: staff read it.
    pub says: &'static str,
    /// As a sample prints it.
    pub example: &'static str,
}

impl Variable {
    /// The value as it is printed; none when the facts lack it.
    pub fn printed(&self, facts: &Value) -> Option<String> {
        let value = facts.pointer(self.at)?;
        let list = || value.as_array().filter(|items| !items.is_empty());
        match self.form {
            Form::Text => value.as_str().map(str::to_owned).filter(|text| !text.is_empty()),
            Form::Number => value.as_i64().map(|number| number.to_string()),
            Form::Day => self.day(facts).map(calendar::date),
            Form::Days => {
                let days: Option<Vec<NaiveDate>> =
                    list()?.iter().map(|day| day.as_str().and_then(|day| day.parse().ok())).collect();
                days.map(|days| calendar::dates(&days))
            }
            Form::Money => value.as_i64().map(|cents| Cents(cents).to_string()),
            Form::Duration => {
                value.as_i64().and_then(|all| i32::try_from(all).ok()).map(|all| Minutes(all).to_string())
            }
            Form::List => {
                let items: Option<Vec<String>> = list()?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                items.map(|items| calendar::and(&items))
            }
        }
    }

    /// The day that it is, when it is one.
    pub fn day(&self, facts: &Value) -> Option<NaiveDate> {
        facts.pointer(self.at).filter(|_| self.form == Form::Day)?.as_str()?.parse().ok()
    }
}

const fn v(name: &'static str, at: &'static str, form: Form, says: &'static str, example: &'static str) -> Variable {
    Variable { name, at, form, optional: false, says, example }
}

const fn maybe(
    name: &'static str,
    at: &'static str,
    form: Form,
    says: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, at, form, optional: true, says, example }
}

use Form::{Day, Days, Duration, List, Money, Number, Text};

/// What every paper knows: whoever it comes from, its number, its day.
static COMMON: &[Variable] = &[
    v("brand.name", "/issuer/brand", Text, "Nom commercial de l’activité", "Clairière"),
    maybe("brand.email", "/issuer/brand_email", Text, "Adresse électronique de l’activité", "bonjour@example.org"),
    maybe("brand.phone", "/issuer/brand_phone", Text, "Téléphone de l’activité", "01 23 45 67 89"),
    v("organisation.name", "/issuer/name", Text, "Dénomination de la coopérative", "Les Communs"),
    v("organisation.legal_form", "/issuer/legal_form", Text, "Forme juridique", "SCOP SA à capital variable"),
    v("organisation.city", "/issuer/city", Text, "Ville du siège", "Paris"),
    v("organisation.nda", "/issuer/nda", Text, "Numéro de déclaration d’activité", "11754370275"),
    maybe("organisation.email", "/issuer/email", Text, "Adresse électronique de la coopérative", "communs@example.org"),
    maybe("organisation.phone", "/issuer/phone", Text, "Téléphone de la coopérative", "01 98 76 54 32"),
    v("paper.reference", "/paper/reference", Text, "Numéro du document", "APERÇU"),
    v("paper.date", "/paper/issued_on", Day, "Jour d’émission", "2 mars 2026"),
];

static QUOTE: &[Variable] = &[
    v("client.name", "/client/name", Text, "Nom du client", "Les Lilas"),
    maybe("training.title", "/programme/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    maybe("training.period", "/period", Text, "Période de réalisation", "au printemps 2026"),
    maybe("training.place", "/place", Text, "Lieu", "dans vos locaux"),
    maybe("training.heads", "/heads", Number, "Effectif prévu", "8"),
    v("price.net", "/totals/net_cents", Money, "Total hors taxe", "2\u{202f}400,00\u{a0}€"),
    v("price.gross", "/totals/gross_cents", Money, "Total toutes taxes comprises", "2\u{202f}400,00\u{a0}€"),
    maybe("quote.valid_until", "/valid_until", Day, "Dernier jour de validité", "1er mai 2026"),
];

static PROGRAMME: &[Variable] = &[
    v("training.title", "/programme/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("programme.version", "/number", Number, "Numéro de la version", "2"),
    v("programme.date", "/dated", Day, "Jour de la version", "15 février 2026"),
];

static AGREEMENT: &[Variable] = &[
    v("client.name", "/client/name", Text, "Nom du client", "Les Lilas"),
    maybe("client.signatory", "/client/signatory/name", Text, "Qui signe pour le client", "Mme Agnès Petit"),
    v("training.title", "/terms/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("training.duration", "/terms/minutes", Duration, "Durée", "14\u{a0}h"),
    v("training.days", "/terms/days", Days, "Jours", "les 2 et 23 avril 2026"),
    v("training.heads", "/terms/heads", Number, "Effectif", "8"),
    v("price.net", "/terms/price_cents", Money, "Prix hors taxe", "2\u{202f}400,00\u{a0}€"),
    v("signatory.name", "/signatory/name", Text, "Qui signe pour la coopérative", "Claude Bernard"),
    v("signatory.quality", "/signatory/quality", Text, "En quelle qualité", "directrice générale"),
    maybe("order.reference", "/terms/order_reference", Text, "Référence de commande du client", "BC-2026-118"),
];

static CONVOCATION: &[Variable] = &[
    v("trainee.name", "/trainee", Text, "Nom du ou de la stagiaire", "Zoé Lefèvre"),
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("training.duration", "/minutes", Duration, "Durée", "7\u{a0}h"),
    v("training.first_day", "/half_days/0/day", Day, "Premier jour", "2 avril 2026"),
];

static SHEET: &[Variable] = &[
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("session.reference", "/session", Text, "Référence de la session", "SES-2026-0001"),
    maybe("client.name", "/client", Text, "Nom du client, quand la feuille ne montre que ses stagiaires", "Les Lilas"),
];

/// What certificate and attestation both know.
static ATTENDED: &[Variable] = &[
    v("trainee.name", "/trainee", Text, "Nom du ou de la stagiaire", "Zoé Lefèvre"),
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("training.first_day", "/first_day", Day, "Premier jour suivi", "2 avril 2026"),
    v("training.last_day", "/last_day", Day, "Dernier jour suivi", "23 avril 2026"),
    v("training.attended", "/attended", Duration, "Durée suivie", "14\u{a0}h"),
];

static AMENDMENT: &[Variable] = &[
    v("client.name", "/client/name", Text, "Nom du client", "Les Lilas"),
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("amendment.number", "/number", Number, "Numéro de l’avenant", "1"),
    v("agreement.reference", "/amended", Text, "Numéro du document modifié", "CNV-2026-0001"),
    v("agreement.signed_on", "/signed_on", Day, "Jour de sa signature", "9 mars 2026"),
    v("signatory.name", "/signatory/name", Text, "Qui signe pour la coopérative", "Claude Bernard"),
    v("signatory.quality", "/signatory/quality", Text, "En quelle qualité", "directrice générale"),
];

static BOOKLET: &[Variable] = &[
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("training.duration", "/minutes", Duration, "Durée", "14\u{a0}h"),
];

static RULES: &[Variable] = &[
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    maybe("training.days", "/days", Days, "Jours", "les 2 et 23 avril 2026"),
    v("rules.valid_from", "/valid_from", Day, "Premier jour du règlement", "1er janvier 2026"),
];

static DISTANCE: &[Variable] = &[
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("session.reference", "/session", Text, "Référence de la session", "SES-2026-0001"),
    maybe("client.name", "/client", Text, "Nom du client, quand le relevé ne montre que ses stagiaires", "Les Lilas"),
    maybe("training.trainers", "/trainers", List, "Qui assure la formation", "Marie Durand et Noé Garnier"),
];

static ASSIDUITY: &[Variable] = &[
    v("trainee.name", "/trainee", Text, "Nom du ou de la stagiaire", "Zoé Lefèvre"),
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("training.first_day", "/first_day", Day, "Premier jour de la période", "2 avril 2026"),
    v("training.last_day", "/last_day", Day, "Dernier jour de la période", "30 avril 2026"),
];

static EVIDENCE: &[Variable] = &[
    v("signer.name", "/signer/name", Text, "Qui a signé", "Zoé Lefèvre"),
    v("training.title", "/title", Text, "Intitulé de la formation", "Administrer Zourit"),
    v("session.reference", "/session", Text, "Référence de la session", "SES-2026-0001"),
    v("slot.day", "/slot/day", Day, "Jour de la demi-journée", "2 avril 2026"),
];

/// What a text of this kind may name.
pub fn of(kind: Kind) -> Vec<&'static Variable> {
    let own = match kind {
        Kind::Quote => QUOTE,
        Kind::Programme => PROGRAMME,
        Kind::Agreement => AGREEMENT,
        Kind::Convocation => CONVOCATION,
        Kind::AttendanceSheet => SHEET,
        Kind::Certificate | Kind::Attestation => ATTENDED,
        Kind::Amendment => AMENDMENT,
        Kind::WelcomeBooklet => BOOKLET,
        Kind::InternalRules => RULES,
        Kind::DistanceRecord => DISTANCE,
        Kind::Assiduity => ASSIDUITY,
        Kind::SignatureEvidence => EVIDENCE,
    };
    own.iter().chain(COMMON).collect()
}
