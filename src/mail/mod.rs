//! Mail: what goes out, how its text is made, how it leaves. The only importer of lettre.

pub mod message;
pub mod template;
pub mod transport;

pub use message::{Attachment, Automatic, Mailbox, Outgoing, Unsendable};
pub use template::{Frame, Rendered, TemplateError, render};
pub use transport::{Failure, Folder, Memory, Receipt, SendError, Smtp, SmtpLimits, Transport};
