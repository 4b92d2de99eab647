//! What a trainer teaches, in their own activities or in another: dates, place, title, first names.

use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::{Object, OpenApi, param::Path};
use uuid::Uuid;

use super::{
    input::{Half, Modality, SlotState, State},
    out::place_of,
    place::Place,
};
use crate::{
    api::Tag,
    platform::{
        access::{Allow, Ctx},
        answer::View,
        error::{Error, Result},
        page::{Page, PageQuery},
        permission::TeachingRead,
        taught::{TaughtSession, TaughtSlot},
    },
};

/// A half-day that the caller teaches.
#[derive(Debug, Clone, Object)]
pub struct TeachingSlot {
    /// Identifier.
    pub id: Uuid,
    /// Its day.
    pub day: NaiveDate,
    /// Which half of the day.
    pub half: Half,
    /// The instant at which it starts.
    pub starts_at: DateTime<Utc>,
    /// The instant at which it ends.
    pub ends_at: DateTime<Utc>,
    /// How it is taught.
    pub modality: Modality,
    /// Its place, when it is not the session's.
    pub place: Option<Place>,
    /// Its video link, when it is not the session's.
    pub link: Option<String>,
    /// Where it is in its life.
    pub state: SlotState,
}

/// A session that the caller teaches, whichever activity it belongs to.
#[derive(Debug, Clone, Object)]
pub struct TeachingSession {
    /// Identifier.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The title of its programme.
    pub programme_title: String,
    /// Where it is in its life.
    pub state: State,
    /// First day of its half-days.
    pub first_day: Option<NaiveDate>,
    /// Last day of its half-days.
    pub last_day: Option<NaiveDate>,
    /// Where it takes place.
    pub place: Option<Place>,
    /// The video link of its distance half-days.
    pub link: Option<String>,
    /// The half-days that the caller teaches.
    pub slots: Vec<TeachingSlot>,
    /// Its trainees: first name and initial.
    pub trainees: Vec<String>,
}

fn slot(row: TaughtSlot) -> Result<TeachingSlot> {
    let TaughtSlot { id, session_id: _, day, half, starts_at, ends_at, modality, place, link, state } = row;
    Ok(TeachingSlot {
        id,
        day,
        half: Half::of(&half)?,
        starts_at,
        ends_at,
        modality: Modality::of(&modality)?,
        place: place_of(place.as_deref())?,
        link,
        state: SlotState::of(&state)?,
    })
}

async fn taught(
    ctx: &Ctx,
    activity: Option<Uuid>,
    only: Option<Uuid>,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<TeachingSession>> {
    let Some(user) = ctx.user() else { return Ok(vec![]) };
    let scope = ctx.scope();
    let rows = scope.taught_sessions(user, activity, only, before, limit).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let slots = scope.taught_slots(user, &ids).await?;
    let trainees = scope.taught_trainees(user, &ids).await?;
    let session = |row: TaughtSession| {
        let TaughtSession { id, title, programme_title, state, place, link, first_day, last_day } = row;
        let of_session = slots.iter().filter(|slot| slot.session_id == id).cloned();
        Ok(TeachingSession {
            id,
            title,
            programme_title,
            state: State::of(&state)?,
            first_day,
            last_day,
            place: place_of(place.as_deref())?,
            link,
            slots: of_session.map(slot).collect::<Result<_>>()?,
            trainees: trainees.iter().filter(|(of, _)| *of == id).map(|(_, name)| name.clone()).collect(),
        })
    };
    rows.into_iter().map(session).collect()
}

/// What the caller teaches.
pub struct TeachingApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl TeachingApi {
    /// List the sessions that the caller teaches, in whichever activity, newest first.
    #[oai(path = "/teaching/sessions", method = "get", operation_id = "list_teaching_sessions")]
    async fn list_teaching_sessions(
        &self,
        auth: Allow<TeachingRead>,
        page: PageQuery,
    ) -> Result<View<Page<TeachingSession>>> {
        let before = page.id_cursor()?;
        auth.ctx.scope().maybe::<entity::activity::Entity>(page.activity_id).await?;
        let mut items = taught(&auth.ctx, page.activity_id, None, before, page.limit + 1).await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = more.then(|| items.last().map(|last| last.id.to_string())).flatten();
        Ok(View(Page { items, next }))
    }

    /// Read a session that the caller teaches: dates, place, title, first names, and nothing else of it.
    #[oai(path = "/teaching/sessions/:id", method = "get", operation_id = "get_teaching_session")]
    async fn get_teaching_session(&self, auth: Allow<TeachingRead>, id: Path<Uuid>) -> Result<View<TeachingSession>> {
        let found = taught(&auth.ctx, None, Some(id.0), None, 1).await?;
        found.into_iter().next().map(View).ok_or(Error::Missing("session"))
    }
}
