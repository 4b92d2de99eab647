//! What a programme says: the items of public information, of the convention and of the contrat.

use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{platform::money::Minutes, words};

words! {
    /// How a training is given.
    pub enum Modality {
        /// In one place (présentiel).
        FaceToFace = "face_to_face",
        /// At a distance (formation ouverte ou à distance).
        Distance = "distance",
        /// Both (mixte).
        Mixed = "mixed",
    }
}

impl Modality {
    /// As papers print it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::FaceToFace => "en présentiel",
            Self::Distance => "à distance",
            Self::Mixed => "mixte, en présentiel et à distance",
        }
    }
}

/// An operational objective, and how it is assessed.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Objective {
    /// What the trainee will be able to do: begins with an action verb.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub text: String,
    /// How it is assessed (modalité d'évaluation).
    #[oai(validator(min_length = 3, max_length = 500))]
    pub assessment: String,
}

/// A part of the training.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Module {
    /// Its title.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: String,
    /// Its length, in minutes.
    #[oai(validator(minimum(value = "1"), maximum(value = "60000")))]
    pub minutes: Option<i32>,
    /// What it deals with, point by point.
    #[oai(default, validator(max_items = 50))]
    #[serde(default)]
    #[validate(custom(function = short_points))]
    pub points: Vec<String>,
}

/// What is used to teach (moyens prévus, art. D6353-1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Means {
    /// Teaching means (moyens pédagogiques).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub teaching: Option<String>,
    /// Technical means (moyens techniques).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub technical: Option<String>,
    /// Staffing (moyens d'encadrement): who teaches, with which titles.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub staffing: Option<String>,
}

/// What is certified (art. L6313-7).
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Certification {
    /// Exact title of the certification.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub title: String,
    /// Its code: RNCP or RS, then digits.
    #[oai(validator(pattern = "^(RNCP|RS)[0-9]{1,6}$"))]
    pub code: String,
    /// Who certifies (certificateur).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub certifier: String,
    /// The day of its registration.
    pub registered_on: NaiveDate,
}

/// What a distance training promises (art. D6313-3-1).
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct DistanceAssistance {
    /// Technical and teaching assistance: who, how, within which delay.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub assistance: String,
    /// Teaching activities at a distance.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub activities: String,
    /// The average length of these activities, in minutes.
    #[oai(validator(minimum(value = "1"), maximum(value = "60000")))]
    pub average_minutes: i32,
    /// Evaluations that mark out or conclude the training.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub evaluations: String,
}

/// What a programme says. A draft may lack anything; a published version lacks nothing.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
#[validate(schema(function = coherent))]
pub struct Content {
    /// Title of the training (intitulé de l'action).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: String,
    /// Operational objectives, each assessable.
    #[oai(default, validator(max_items = 20))]
    #[serde(default)]
    #[validate(nested)]
    pub objectives: Vec<Objective>,
    /// For whom (public visé).
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub audience: Option<String>,
    /// What one must know before (prérequis); « aucun » when nothing.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub prerequisites: Option<String>,
    /// The content, part by part.
    #[oai(default, validator(max_items = 50))]
    #[serde(default)]
    #[validate(nested)]
    pub modules: Vec<Module>,
    /// Length of the training, in minutes; the sum of the modules when each has its own.
    #[oai(validator(minimum(value = "1"), maximum(value = "600000")))]
    pub duration_minutes: Option<i32>,
    /// Teaching methods (méthodes mobilisées).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub methods: Option<String>,
    /// Teaching, technical and staffing means (moyens prévus).
    #[oai(default)]
    #[serde(default)]
    pub means: Means,
    /// How it is given.
    pub modality: Option<Modality>,
    /// What is given at a distance, in minutes.
    #[oai(validator(minimum(value = "0"), maximum(value = "600000")))]
    pub distance_minutes: Option<i32>,
    /// Assistance at a distance; required as soon as a part is (art. D6313-3-1).
    pub distance_assistance: Option<DistanceAssistance>,
    /// How what was learnt is evaluated (modalités d'évaluation).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub evaluation: Option<String>,
    /// How attendance and progress are followed (modalités de suivi).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub follow_up: Option<String>,
    /// What the trainee receives at the end (modalités de sanction): attestation…
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub outcome: Option<String>,
    /// How one enrols (modalités d'accès).
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub access: Option<String>,
    /// Estimated time between the request and the start (délai d'accès).
    #[oai(validator(min_length = 1, max_length = 500))]
    pub access_delay: Option<String>,
    /// How disabled people are welcomed (accessibilité).
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub accessibility: Option<String>,
    /// Whom to ask (contacts).
    #[oai(validator(min_length = 1, max_length = 500))]
    pub contacts: Option<String>,
    /// Price for a group, in cents of euro, before tax.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub price_per_group_cents: Option<i64>,
    /// Price for one trainee, in cents of euro, before tax.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub price_per_head_cents: Option<i64>,
    /// The least trainees for the training to take place.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub min_heads: Option<i32>,
    /// The most trainees.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub max_heads: Option<i32>,
    /// Whether it leads to a certification (formation certifiante, art. L6313-7).
    #[oai(default)]
    #[serde(default)]
    pub certifying: bool,
    /// The certification, for a certifying training.
    pub certification: Option<Certification>,
}

impl Content {
    /// Length of the training.
    pub fn minutes(&self) -> Minutes {
        Minutes(self.duration_minutes.unwrap_or_default())
    }

    /// What is given at a distance: all of a distance training, nothing of a face-to-face one.
    pub fn at_a_distance(&self) -> Minutes {
        match self.modality {
            Some(Modality::Distance) => self.minutes(),
            Some(Modality::Mixed) => Minutes(self.distance_minutes.unwrap_or_default()),
            Some(Modality::FaceToFace) | None => Minutes::ZERO,
        }
    }

    /// The rate of distance teaching in the whole (art. D6353-1), in basis points, rounded.
    pub fn distance_rate(&self) -> crate::platform::money::Rate {
        let (part, whole) = (i64::from(self.at_a_distance().0), i64::from(self.minutes().0));
        let points = if whole == 0 { 0 } else { (part * 10_000 + whole / 2) / whole };
        crate::platform::money::Rate(i32::try_from(points).unwrap_or(10_000))
    }
}

fn fault(at: &'static str, code: &'static str, fr: String, en: String) -> ValidationError {
    let mut error = ValidationError::new(code).with_message(fr.into());
    error.add_param("at".into(), &at);
    error.add_param("en".into(), &en);
    error
}

fn short_points(points: &[String]) -> Result<(), ValidationError> {
    match points.iter().position(|point| point.chars().count() > 500) {
        Some(_) => Err(fault(
            "",
            "too_long",
            "Un point compte 500 caractères au plus.".into(),
            "A point has 500 characters at most.".into(),
        )),
        None => Ok(()),
    }
}

/// What must agree, draft or not.
fn coherent(content: &Content) -> Result<(), ValidationError> {
    let lengths: Option<Vec<i32>> = content.modules.iter().map(|module| module.minutes).collect();
    if let (Some(duration), Some(lengths)) = (content.duration_minutes, lengths)
        && !lengths.is_empty()
    {
        let sum: i32 = lengths.iter().sum();
        if sum != duration {
            let (sum, duration) = (Minutes(sum), Minutes(duration));
            return Err(fault(
                "/duration_minutes",
                "programme.duration",
                format!("La durée est de {duration}, mais les modules font {sum} en tout."),
                format!("The duration is {duration}, but the modules add up to {sum}."),
            ));
        }
    }
    if let (Some(least), Some(most)) = (content.min_heads, content.max_heads)
        && least > most
    {
        return Err(fault(
            "/min_heads",
            "programme.heads",
            format!("Le minimum de {least} dépasse le maximum de {most} stagiaires."),
            format!("The minimum of {least} is above the maximum of {most} trainees."),
        ));
    }
    if let (Some(distance), Some(whole)) = (content.distance_minutes, content.duration_minutes)
        && distance > whole
    {
        let (distance, whole) = (Minutes(distance), Minutes(whole));
        return Err(fault(
            "/distance_minutes",
            "programme.distance",
            format!("La part à distance ({distance}) dépasse la durée ({whole})."),
            format!("The part at a distance ({distance}) is longer than the training ({whole})."),
        ));
    }
    if content.modality == Some(Modality::FaceToFace) && content.distance_minutes.is_some_and(|minutes| minutes > 0) {
        return Err(fault(
            "/distance_minutes",
            "programme.face_to_face",
            "Une formation en présentiel n’a pas de temps à distance\u{a0}: choisissez « mixed ».".into(),
            "A face-to-face training has no time at a distance: choose “mixed”.".into(),
        ));
    }
    Ok(())
}
