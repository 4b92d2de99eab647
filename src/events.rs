//! The sum of all events.

use serde::Serialize;
use uuid::Uuid;

macro_rules! sum {
    ($($(#[$doc:meta])* $variant:ident($feature:path)),* $(,)?) => {
        /// Everything that can happen. Closed: reactions match it without a `_` arm.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Event { $($(#[$doc])* $variant($feature)),* }

        impl Event {
            /// Its name, stable for ever: `client.created`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(event) => event.name()),* }
            }

            /// What it happened to: a kind and an identifier.
            pub fn subject(&self) -> (&'static str, Option<Uuid>) {
                match self { $(Self::$variant(event) => event.subject()),* }
            }
        }

        $(impl From<$feature> for Event {
            fn from(event: $feature) -> Self {
                Self::$variant(event)
            }
        })*
    };
}

sum! {
    /// A user or a key.
    User(crate::access::events::Event),
    /// See `audit`.
    Audit(crate::audit::events::Event),
    /// An identity of the provider.
    Identity(crate::signin::events::Event),
    /// An activity.
    Activity(crate::activity::events::Event),
    /// A person.
    Person(crate::people::events::Event),
    /// A trainer.
    Trainer(crate::people::trainer::events::Event),
    /// A client.
    Client(crate::client::events::Event),
    /// See `organisation`.
    Organisation(crate::organisation::events::Event),
    /// See `file`.
    File(crate::file::events::Event),
    /// A personal link.
    Link(crate::link::events::Event),
    /// See `document`.
    Document(crate::document::events::Event),
    /// A text added to papers.
    PaperText(crate::document::wording::events::Event),
    /// See `catalogue`.
    Catalogue(crate::catalogue::events::Event),
    /// See `needs`.
    Needs(crate::needs::events::Event),
    /// See `quote`.
    Quote(crate::quote::events::Event),
    /// See `session`.
    Session(crate::session::events::Event),
    /// See `booking`.
    Booking(crate::booking::events::Event),
    /// See `enrolment`.
    Enrolment(crate::enrolment::events::Event),
    /// See `agreement`.
    Agreement(crate::agreement::events::Event),
    /// See `attendance`.
    Attendance(crate::attendance::events::Event),
    /// See `signing`.
    Signing(crate::signing::events::Event),
    /// See `signature`.
    Signature(crate::signature::events::Event),
    /// See `evaluation`.
    Evaluation(crate::evaluation::events::Event),
    /// See `funding`.
    Funding(crate::funding::events::Event),
    /// See `message`.
    Message(crate::message::events::Event),
    /// A job of the worker.
    Job(crate::audit::job::events::Event),
}
