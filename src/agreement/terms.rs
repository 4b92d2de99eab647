//! What both sides agree on, frozen when the agreement is drafted.

use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{session::Distance, words};

words! {
    /// From when an instalment is due, when it has no date of its own.
    pub enum After {
        /// The day after the withdrawal period (délai de rétractation).
        Withdrawal = "withdrawal",
        /// The first day of the training.
        Start = "start",
        /// The last day of the training.
        End = "end",
    }
}

/// One instalment of the price (échéance).
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Instalment {
    /// The day on which it is due.
    pub due_on: Option<NaiveDate>,
    /// Or what it follows.
    pub after: Option<After>,
    /// Its part of the price, in basis points: 3000 is 30 %.
    #[oai(validator(minimum(value = "1"), maximum(value = "10000")))]
    pub percent_basis_points: i32,
}

/// Somebody who teaches, with what entitles them to.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct NamedTrainer {
    /// First and last name.
    pub name: String,
    /// Diplomas, titles or references (art. L6353-4, 4°).
    pub titles: Vec<String>,
}

/// What both sides agree on: the twelve items of art. D6353-1, and what a contrat adds (art. L6353-4).
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Terms {
    /// Title of the training (intitulé de l'action).
    pub title: String,
    /// Objectives (objectif).
    pub objectives: Vec<String>,
    /// Content (contenu), part by part.
    pub content: Vec<String>,
    /// Teaching, technical and staffing means (moyens prévus).
    pub means: Vec<String>,
    /// Length (durée), in minutes.
    pub minutes: i32,
    /// Days (période de réalisation).
    pub days: Vec<NaiveDate>,
    /// Share at a distance of the whole length, in basis points; 0 is printed « 0 % ».
    pub distance_basis_points: i32,
    /// What goes with teaching at a distance, as soon as there is some (art. D6313-3-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub distance: Option<Distance>,
    /// Hours of each day (modalités de déroulement).
    pub schedule: Vec<String>,
    /// Places and links (modalités de déroulement).
    pub places: Vec<String>,
    /// How attendance and progress are followed (modalités de suivi).
    pub follow_up: Option<String>,
    /// What the trainee receives at the end (modalités de sanction).
    pub outcome: Option<String>,
    /// How what was learnt is evaluated.
    pub evaluation: Option<String>,
    /// Price without tax, in cents of euro.
    pub price_cents: i64,
    /// How it is paid (modalités de règlement).
    pub payment_terms: Option<String>,
    /// Instalments, in order; required of a contrat (art. L6353-6).
    pub instalments: Vec<Instalment>,
    /// What happens when one side cancels or leaves early.
    pub cancellation_terms: Option<String>,
    /// What one must know before (prérequis).
    pub prerequisites: Option<String>,
    /// Who teaches.
    pub trainers: Vec<NamedTrainer>,
    /// Who follows, when it is known.
    pub trainees: Vec<String>,
    /// How many follow (effectif).
    pub heads: i32,
    /// The buyer's order reference.
    pub order_reference: Option<String>,
}
