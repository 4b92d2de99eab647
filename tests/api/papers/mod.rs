//! Every kind of paper, made through the public API and read back: what the law asks for is there, nothing is frozen that
//! is not printed, a signed paper bears its code once, and the longest data stays inside the margins.

mod extremes;
mod frozen;
mod making;
mod reader;
mod required;
mod signed;

/// With `PAPERS_DIR=folder`, papers are kept to be looked at and to be validated.
fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("PAPERS_DIR") {
        std::fs::write(format!("{folder}/{}.pdf", clairiere::platform::text::slug(name)), bytes).unwrap();
    }
}
