//! The people of the story. All invented; their addresses are at example.org.

/// A trainee: first name, birth name, status, whether they have an address of their own.
pub struct Trainee {
    /// First name.
    pub first_name: &'static str,
    /// Birth name.
    pub birth_name: &'static str,
    /// Civility.
    pub civility: &'static str,
    /// Status in the enrolment.
    pub status: &'static str,
    /// Whether they have an address of their own.
    pub has_address: bool,
}

const fn employee(civility: &'static str, first_name: &'static str, birth_name: &'static str) -> Trainee {
    Trainee { first_name, birth_name, civility, status: "employee", has_address: true }
}

const fn volunteer(
    civility: &'static str,
    first_name: &'static str,
    birth_name: &'static str,
    has_address: bool,
) -> Trainee {
    Trainee { first_name, birth_name, civility, status: "volunteer", has_address }
}

/// Who follows the Zourit training: ten employees, two volunteers, one of them without an address.
pub const ZOURIT: &[Trainee] = &[
    employee("mme", "Anaïs", "Lefèbvre-Garçon"),
    employee("m", "Benoît", "Kervella"),
    employee("mme", "Chloé", "Öztürk"),
    employee("m", "Damien", "N’Guessan"),
    employee("mme", "Éloïse", "Étienne-Dupré"),
    employee("m", "François", "D’Haüssonville"),
    employee("mme", "Gaëlle", "Le Bœuf"),
    employee("m", "Hugo", "Muñoz"),
    employee("mme", "Inès", "Abadie"),
    employee("m", "Joël", "Cœurderoy"),
    volunteer("m", "Killian", "Bernard", true),
    volunteer("m", "Lucien", "Ravel", false),
];

/// Who follows the four-day training: ten employees, two members of the board.
pub const ETHICAL: &[Trainee] = &[
    employee("mme", "Margaux", "Tellier"),
    employee("m", "Nassim", "Haddad"),
    employee("mme", "Ophélie", "Garnier"),
    employee("m", "Pierrick", "Le Goff"),
    employee("mme", "Quitterie", "d’Aubigny"),
    employee("m", "Rémi", "Chauvet"),
    employee("mme", "Solène", "Morvan"),
    employee("m", "Thibault", "Ferrand"),
    employee("mme", "Ulrique", "Wagner"),
    employee("m", "Victor", "Da Silva"),
    volunteer("mme", "Wendy", "Lacombe", true),
    volunteer("m", "Yves", "Prigent", true),
];

/// A trainee as the API takes them.
pub fn person(trainee: &Trainee, domain: &str) -> serde_json::Value {
    let mut person = serde_json::json!({
        "first_name": trainee.first_name,
        "birth_name": trainee.birth_name,
        "civility": trainee.civility,
    });
    if trainee.has_address {
        let local = crate::platform::text::slug(&format!("{} {}", trainee.first_name, trainee.birth_name));
        person["email"] = format!("{}@{domain}", local.replace('-', ".")).into();
    }
    person
}
