//! Operations on quotes.

use entity::quote::Entity;
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    actions,
    offer::{AcceptQuote, DeclineQuote, NewQuote, QuoteOut},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{QuotesManage, QuotesRead},
        resource::Whole,
    },
};

/// Quotes.
pub struct QuoteApi;

fn made(out: QuoteOut) -> Made<QuoteOut> {
    Made(format!("/v1/quotes/{}", out.id), out)
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Quotes")]
impl QuoteApi {
    /// List quotes, newest first; `q` searches clients, labels and references.
    #[oai(path = "/quotes", method = "get", operation_id = "list_quotes")]
    async fn list_quotes(&self, auth: Allow<QuotesRead>, page: PageQuery) -> Result<View<Page<QuoteOut>>> {
        Ok(View(actions::list(&auth.ctx.scope(), &page, auth.ctx.today()).await?))
    }

    /// Draft a quote with its lines; advice carries VAT, an exempt training none (CGI art. 261-4-4° a).
    #[oai(path = "/quotes", method = "post", operation_id = "create_quote")]
    async fn create_quote(&self, mut auth: Allow<QuotesManage>, body: Valid<NewQuote>) -> Result<Made<QuoteOut>> {
        Ok(made(actions::create(&mut auth.ctx, body.0).await?))
    }

    /// Read a quote, its lines and its totals.
    #[oai(path = "/quotes/:id", method = "get", operation_id = "get_quote")]
    async fn get_quote(&self, auth: Allow<QuotesRead>, id: Path<Uuid>) -> Result<Found<QuoteOut>> {
        let scope = auth.ctx.scope();
        let row = scope.get::<Entity>(id.0).await?;
        Ok(Found(actions::out(&scope, row, auth.ctx.today()).await?))
    }

    /// Change a draft; `lines`, when given, replaces them all.
    #[oai(path = "/quotes/:id", method = "patch", operation_id = "change_quote")]
    async fn change_quote(
        &self,
        mut auth: Allow<QuotesManage>,
        id: Path<Uuid>,
        body: Patch<NewQuote>,
    ) -> Result<Found<QuoteOut>> {
        Ok(Found(actions::change(&mut auth.ctx, id.0, &body).await?))
    }

    /// Delete a quote that was never sent.
    #[oai(path = "/quotes/:id", method = "delete", operation_id = "delete_quote")]
    async fn delete_quote(&self, mut auth: Allow<QuotesManage>, id: Path<Uuid>) -> Result<Gone> {
        actions::delete(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Create or replace the draft that you call by this name.
    #[oai(path = "/quotes/by-external-id/:external_id", method = "put", operation_id = "upsert_quote")]
    async fn upsert_quote(
        &self,
        mut auth: Allow<QuotesManage>,
        external_id: Path<String>,
        body: Whole<NewQuote>,
    ) -> Result<Upserted<QuoteOut>> {
        let (out, created) = actions::upsert(&mut auth.ctx, &external_id.0, body.0).await?;
        Ok(if created { Upserted::Made(format!("/v1/quotes/{}", out.id), out) } else { Upserted::Changed(out) })
    }

    /// Send a quote: its paper is issued under a number, its validity begins.
    #[oai(path = "/quotes/:id/send", method = "post", operation_id = "send_quote")]
    async fn send_quote(&self, mut auth: Allow<QuotesManage>, id: Path<Uuid>) -> Result<Found<QuoteOut>> {
        Ok(Found(actions::send(&mut auth.ctx, id.0).await?))
    }

    /// Record that the client accepted, within the validity; the paper may then stand for the convention (art. D6353-1 II).
    #[oai(path = "/quotes/:id/accept", method = "post", operation_id = "accept_quote")]
    async fn accept_quote(
        &self,
        mut auth: Allow<QuotesManage>,
        id: Path<Uuid>,
        body: Valid<AcceptQuote>,
    ) -> Result<Found<QuoteOut>> {
        Ok(Found(actions::accept(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Record that the client declined.
    #[oai(path = "/quotes/:id/decline", method = "post", operation_id = "decline_quote")]
    async fn decline_quote(
        &self,
        mut auth: Allow<QuotesManage>,
        id: Path<Uuid>,
        body: Valid<DeclineQuote>,
    ) -> Result<Found<QuoteOut>> {
        Ok(Found(actions::decline(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Make a new edition, a draft that says the same and takes the place of this one.
    #[oai(path = "/quotes/:id/revise", method = "post", operation_id = "revise_quote")]
    async fn revise_quote(&self, mut auth: Allow<QuotesManage>, id: Path<Uuid>) -> Result<Made<QuoteOut>> {
        Ok(made(actions::revise(&mut auth.ctx, id.0).await?))
    }
}
