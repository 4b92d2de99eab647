//! Every kind of paper, made through the public API and read back: what the law asks for is there, nothing is frozen that
//! is not printed, and the longest data stays inside the margins.

mod extremes;
mod frozen;
mod making;
mod reader;
mod required;
