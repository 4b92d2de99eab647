//! Every kind of paper, made through the public API and read back: what the law asks for is there, and nothing is
//! frozen that is not printed.

mod frozen;
mod making;
mod reader;
mod required;
