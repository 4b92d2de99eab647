//! Personal links: one object, one purpose, one holder. A token is shown once, in the mail or to whoever made the link;
//! only its hash is kept. Opening a link reads and changes nothing: scanners of mails open links too.

pub mod api;
pub mod events;
mod held;
mod open;
mod purpose;
mod wanted;

use held::revoke_with_alike;
pub use held::{Minted, NewLink, link_of, mint, revoke, revoke_all};
pub use open::{DisputeMark, Link, Opens, RunDay, SignPaper, SignSession};
pub use purpose::{LinkOut, Purpose};
pub use wanted::{MARK, awaits, fulfil, wanted, wanted_day};
