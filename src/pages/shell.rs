//! From a template and its data to a page.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Serde};
use poem::{
    IntoResponse, Response,
    http::{StatusCode, header},
};
use serde::Serialize;

use super::{Asset, STYLE};
use crate::platform::error::{Error, Result};

/// Steps that a template may take.
const FUEL: u64 = 500_000;

/// What only this origin may do on a page: its own style, scripts and pictures, its own forms; no frame, no plug-in.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
                      img-src 'self' data: blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// A page about to be made.
#[derive(Debug, Clone)]
pub struct Page {
    /// What the tab and a screen reader say first.
    pub title: String,
    /// The name above the page; empty when none is known.
    pub brand: String,
    /// Scripts, all of them optional to the page's use.
    pub scripts: Vec<Asset>,
    /// After so many seconds the page is loaded again, where scripts do not run.
    pub refresh: Option<u32>,
}

impl Page {
    /// A page of a brand, without script.
    pub fn new(title: impl Into<String>, brand: impl Into<String>) -> Self {
        Self { title: title.into(), brand: brand.into(), scripts: vec![], refresh: None }
    }

    /// With a script.
    pub fn script(mut self, script: Asset) -> Self {
        self.scripts.push(script);
        self
    }

    /// Loaded again after so many seconds, where scripts do not run.
    pub fn refresh(mut self, seconds: u32) -> Self {
        self.refresh = Some(seconds);
        self
    }
}

/// A page that was made.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status it answers with.
    pub status: StatusCode,
    /// The HTML.
    pub html: String,
}

impl Reply {
    /// With another status than 200.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        Response::builder()
            .status(self.status)
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::CACHE_CONTROL, "no-store")
            .header("X-Robots-Tag", "noindex, nofollow")
            .body(self.html)
    }
}

static SHELL: &str = include_str!("shell.html");
/// What a form that is signed includes: `{% include "pad" %}`.
static PAD: &str = include_str!("pad.html");

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    env.set_syntax(syntax.expect("the delimiters are the default ones"));
    env.add_template("shell", SHELL).expect("the shell is part of the program, and tests read it");
    env.add_template("pad", PAD).expect("the pad is part of the program, and tests read it");
    env
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Make a page: the template's data stands at the top, `{{ name }}`; it is escaped where it is printed.
pub fn render(page: &Page, template: &str, data: impl Serialize) -> Result<Reply> {
    let body = ENVIRONMENT
        .template_from_str(template)
        .and_then(|template| template.render(Serde(&data)))
        .map_err(|error| Error::internal(format!("page {}: {error:#}", page.title)))?;
    let scripts: Vec<String> = page.scripts.iter().map(Asset::address).collect();
    let whole = context! {
        title => &page.title, brand => &page.brand, style => STYLE.address(), scripts,
        refresh => page.refresh,
        body => minijinja::Value::from_safe_string(body),
    };
    let shell = ENVIRONMENT.get_template("shell").and_then(|shell| shell.render(whole)).map_err(Error::internal)?;
    Ok(Reply { status: StatusCode::OK, html: shell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_stays_text() {
        let page = Page::new("<b>", "Clairière & compagnie");
        let data = serde_json::json!({ "name": "<script>alert(1)</script>" });
        let reply = render(&page, "<p>{{ name }}</p>", data).unwrap();
        assert!(reply.html.contains("&lt;script&gt;") && !reply.html.contains("<script>alert"), "{}", reply.html);
        assert!(reply.html.contains("Clairière &amp; compagnie") && !reply.html.contains("<title><b>"));
        assert!(reply.html.len() < 60_000 && STYLE.content.len() < 20_000);
    }

    #[test]
    fn a_hole_is_an_error() {
        assert!(render(&Page::new("Titre", ""), "{{ nobody }}", serde_json::json!({})).is_err());
    }
}
