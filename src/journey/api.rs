//! Operations that span features.

use poem_openapi::{Object, OpenApi, param::Path};
use uuid::Uuid;

use super::{
    facts::gather,
    todo::{Todo, todo},
};
use crate::{
    api::Tag,
    platform::{access::Allow, answer::View, error::Result, permission::SessionsRead},
};

/// What a session lacks.
#[derive(Debug, Object)]
pub struct TodoList {
    /// What is missing, what blocks first.
    pub items: Vec<Todo>,
    /// Whether something blocks the next step.
    pub blocked: bool,
}

/// Calls that span features.
pub struct JourneyApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl JourneyApi {
    /// What a session still lacks: why it matters (article), who does it, the call that does it.
    #[oai(path = "/sessions/:id/todo", method = "get", operation_id = "get_session_todo")]
    async fn get_session_todo(&self, auth: Allow<SessionsRead>, id: Path<Uuid>) -> Result<View<TodoList>> {
        let items = todo(&gather(&auth.ctx, id.0).await?);
        Ok(View(TodoList { blocked: items.iter().any(|todo| todo.blocking), items }))
    }
}
