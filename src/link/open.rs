//! Open a link: whoever shows its token is its holder, and reaches its object's activity for its purpose alone.

use std::marker::PhantomData;

use entity::link::Model;
use poem::{FromRequest, Request, RequestBody};

use super::Purpose;
use crate::platform::{
    access::{Ctx, RequestFacts, by_link},
    app::App,
    error::{Error, Result},
};

/// A purpose, as the signature of a page says it.
pub trait Opens: Send + Sync + 'static {
    /// The purpose.
    const PURPOSE: Purpose;
}

/// A trainee's own half-days.
pub struct SignSession;
/// A trainer's device.
pub struct RunDay;
/// A paper to read and sign.
pub struct SignPaper;
/// A signature that may not be its owner's.
pub struct DisputeMark;

impl Opens for SignSession {
    const PURPOSE: Purpose = Purpose::SignSession;
}
impl Opens for RunDay {
    const PURPOSE: Purpose = Purpose::RunDay;
}
impl Opens for SignPaper {
    const PURPOSE: Purpose = Purpose::SignPaper;
}
impl Opens for DisputeMark {
    const PURPOSE: Purpose = Purpose::DisputeMark;
}

/// The holder of a link for purpose `P`, from the `:token` of the path.
///
/// Unknown, expired, revoked, made for something else: the same answer, by the same code.
pub struct Link<P> {
    /// The holder, as a caller.
    pub ctx: Ctx,
    /// The link.
    pub row: Model,
    /// The token, for the addresses of the page's own forms.
    pub token: String,
    purpose: PhantomData<P>,
}

impl<'a, P: Opens> FromRequest<'a> for Link<P> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let (ctx, row, token) = open(request, P::PURPOSE).await?;
        Ok(Self { ctx, row, token, purpose: PhantomData })
    }
}

async fn open(request: &Request, purpose: Purpose) -> Result<(Ctx, Model, String)> {
    let app = request.data::<App>().ok_or_else(|| Error::internal("no App in the request"))?;
    let token = request.raw_path_param("token").unwrap_or_default().to_owned();
    let facts = request.data::<RequestFacts>().cloned().unwrap_or_default();
    let (ctx, row) = by_link(app, purpose.name(), &token, facts).await?;
    Ok((ctx, row, token))
}
