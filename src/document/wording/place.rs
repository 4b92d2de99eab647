//! Where a text stands on a paper: which kinds of paper have which places.

use super::super::Kind;
use crate::{
    platform::error::{Error, Result},
    words,
};

words! {
    /// Where an added text stands on a paper.
    pub enum Place as "TextPlace" {
        /// Below the title.
        Introduction = "introduction",
        /// What both sides agree on besides (clauses particulières), before they sign.
        Clauses = "clauses",
        /// At the end.
        Closing = "closing",
    }
}

impl Place {
    /// The places that a kind of paper has: one that is a contract takes clauses, and those that prove or whose model
    /// is given by the administration take nothing but closing words.
    pub fn on(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Quote | Kind::Agreement => &[Self::Introduction, Self::Clauses, Self::Closing],
            Kind::Programme
            | Kind::Convocation
            | Kind::Attestation
            | Kind::Amendment
            | Kind::WelcomeBooklet
            | Kind::InternalRules
            | Kind::Assiduity => &[Self::Introduction, Self::Closing],
            Kind::AttendanceSheet | Kind::Certificate | Kind::DistanceRecord | Kind::SignatureEvidence => {
                &[Self::Closing]
            }
        }
    }

    /// The paper has this place.
    pub fn stands_on(self, kind: Kind, pointer: &str) -> Result<()> {
        if Self::on(kind).contains(&self) {
            return Ok(());
        }
        let names: Vec<&str> = Self::on(kind).iter().map(|place| place.name()).collect();
        Err(Error::invalid(
            pointer,
            "paper_text.place",
            format!("Ce document n’a pas cette place. Places possibles : {}.", names.join(", ")),
            format!("This paper has no such place. Possible places: {}.", names.join(", ")),
        ))
    }
}
