//! How papers are dressed: the logos, lines and texts in force, frozen with whoever they come from.

use entity::{activity, organisation, stored_file};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    pdf::Depicted,
    platform::{error::Result, scope::Scope},
};

/// What dresses a paper, as it is frozen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Letterhead {
    /// The logo of the brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand_logo: Option<Depicted>,
    /// The logo of the cooperative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Depicted>,
    /// One more line above the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_line: Option<String>,
    /// One more line below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer_line: Option<String>,
    /// What staff add to this kind of paper.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub texts: Texts,
}

/// The texts that staff add to a kind of paper, as it prints them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// Below the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// What both sides agree on besides: the cooperative's clauses, then the activity's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// At the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<String>,
}

impl Letterhead {
    /// Whether nothing dresses the paper: its content then keeps silent about it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Texts {
    /// Whether nothing is added.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What dresses the papers of an activity today; the cooperative's lines where the activity has none of its own.
pub(super) async fn letterhead(
    scope: &Scope<'_>,
    organisation: &organisation::Model,
    activity: &activity::Model,
) -> Result<Letterhead> {
    let line = |own: &Option<String>, common: &Option<String>| own.as_ref().or(common.as_ref()).cloned();
    Ok(Letterhead {
        brand_logo: depicted(scope, activity.logo_id).await?,
        logo: depicted(scope, organisation.logo_id).await?,
        header_line: line(&activity.header_line, &organisation.header_line),
        footer_line: line(&activity.footer_line, &organisation.footer_line),
        texts: Texts::default(),
    })
}

/// The picture of a stored file.
pub async fn depicted(scope: &Scope<'_>, file: Option<Uuid>) -> Result<Option<Depicted>> {
    Ok(scope.maybe::<stored_file::Entity>(file).await?.map(|file| Depicted::new(file.sha256)))
}
