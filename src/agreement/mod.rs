//! Agreements: convention with a legal person, contrat with an individual, or the quote or order that stands for them;
//! how they are signed, what changes in them, when the training may begin.

#[expect(clippy::module_inception, reason = "a folder's main noun bears its name")]
mod agreement;
mod amendment;
pub mod amendment_paper;
pub mod amendments_api;
pub mod api;
mod contract;
mod convention;
mod drafting;
pub mod events;
mod items;
mod paper;
mod rules;
mod signing;
mod start;
mod terms;

pub use agreement::{AgreementOut, Kind};
pub use amendment::{amend_by_both, amendment_awaits, propose_amendment};
pub use drafting::who_follows;
pub use items::{ITEMS, Item};
pub use paper::{Content, layout};
pub use rules::State;
pub use signing::{SignedByBoth, awaits_signature, sign_by_both};
pub use start::{live, may_start};
pub use terms::{Instalment, Terms};
