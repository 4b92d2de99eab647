//! Closed lists of words: the same in the contract, in the database and in the rules.

/// Declare a list of words: an enum of the contract that knows its name in the database. `as "BookingState"` gives it
/// another name in the contract, where all features meet.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident $(as $published:literal)? { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, poem_openapi::Enum, serde::Serialize, serde::Deserialize)]
        $(#[oai(rename = $published)])?
        pub enum $name { $($(#[$vdoc])* #[oai(rename = $text)] #[serde(rename = $text)] $variant),* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in the database and in the contract.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The value of a stored name.
            pub fn of(name: &str) -> $crate::platform::error::Result<Self> {
                match name {
                    $($text => Ok(Self::$variant),)*
                    other => Err($crate::platform::error::Error::internal(format!(
                        concat!("unknown ", stringify!($name), " {}"), other
                    ))),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.name().to_owned()
            }
        }
    };
}

/// Declare the events of a feature: facts and identifiers, past tense. The first field is the subject.
#[macro_export]
macro_rules! events {
    ($kind:literal; $($(#[$doc:meta])* $variant:ident { $subject:ident $(, $field:ident: $type:ty)* } = $name:literal),* $(,)?) => {
        /// What happened here.
        #[derive(Debug, Clone, serde::Serialize)]
        #[serde(untagged)]
        pub enum Event {
            $($(#[$doc])* $variant {
                /// The subject.
                $subject: uuid::Uuid,
                $(
                    /// A fact.
                    $field: $type,
                )*
            }),*
        }

        impl Event {
            /// Its name, stable for ever.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => concat!($kind, ".", $name)),* }
            }

            /// What it happened to.
            pub fn subject(&self) -> (&'static str, Option<uuid::Uuid>) {
                match self { $(Self::$variant { $subject, .. } => ($kind, Some(*$subject))),* }
            }
        }
    };
}

/// Read JSON that this program stored.
pub fn stored<T: serde::de::DeserializeOwned>(text: &str) -> crate::platform::error::Result<T> {
    Ok(serde_json::from_str(text)?)
}

/// Write JSON to be stored: canonical, so that its hash is always the same.
pub fn store<T: serde::Serialize>(value: &T) -> crate::platform::error::Result<String> {
    Ok(super::audit::canonical(&serde_json::to_value(value)?))
}
