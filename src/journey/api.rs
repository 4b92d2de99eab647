//! Operations that span features.

use poem_openapi::{Object, OpenApi, param::Path};
use uuid::Uuid;

use super::{
    convoke::{Convoked, convoke},
    facts::gather,
    papers::issue_due,
    todo::{Todo, todo},
    training::{self, NewTraining, TrainingOut},
};
use crate::{
    api::Tag,
    document::DocumentOut,
    platform::{
        access::Allow,
        answer::View,
        contract::Valid,
        error::Result,
        permission::{BookingsManage, DocumentsIssue, SessionsManage, SessionsRead},
    },
};

/// The convocations of a session.
#[derive(Debug, Object)]
pub struct Convocations {
    /// The convocations that were issued now; each leaves by mail to its trainee.
    pub issued: Vec<DocumentOut>,
    /// How many trainees had a convocation already that still says the same.
    pub unchanged: u32,
    /// What is handed over with them, as far as it was issued now: livret d'accueil, règlement intérieur.
    pub handouts: Vec<DocumentOut>,
}

/// What a session lacks.
#[derive(Debug, Object)]
pub struct TodoList {
    /// What is missing, what blocks first.
    pub items: Vec<Todo>,
    /// Whether something blocks the next step.
    pub blocked: bool,
}

/// The papers that a session was due.
#[derive(Debug, Object)]
pub struct SessionPapers {
    /// The papers that were issued now; attestations leave by mail to their trainee.
    pub issued: Vec<DocumentOut>,
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

    /// Issue a convocation for every enrolled trainee who has none, or whose half-days changed since; each leaves by
    /// mail with the programme, the livret d'accueil and the règlement intérieur, and the client is told who was convoked.
    #[oai(path = "/sessions/:id/convocations", method = "post", operation_id = "convoke_session")]
    async fn convoke_session(&self, mut auth: Allow<DocumentsIssue>, id: Path<Uuid>) -> Result<View<Convocations>> {
        let Convoked { issued, unchanged, handouts } = convoke(&mut auth.ctx, id.0).await?;
        let out =
            |rows: Vec<entity::document::Model>| rows.into_iter().map(DocumentOut::try_from).collect::<Result<_>>();
        Ok(View(Convocations { issued: out(issued)?, unchanged, handouts: out(handouts)? }))
    }

    /// Make a whole training: the session with its half-days, what is sold of it, who follows. All or nothing; a fault
    /// says where it is.
    #[oai(path = "/trainings", method = "post", operation_id = "create_training")]
    async fn create_training(
        &self,
        mut auth: Allow<SessionsManage>,
        body: Valid<NewTraining>,
    ) -> Result<View<TrainingOut>> {
        auth.ctx.require::<BookingsManage>()?;
        Ok(View(training::create(&mut auth.ctx, body.0).await?))
    }

    /// Issue the papers of the end that are due: for each buyer the attendance sheet of its trainees, for each evaluated
    /// trainee the attestation. Certificates are the cooperative's: see `certify_session`.
    #[oai(path = "/sessions/:id/papers", method = "post", operation_id = "issue_session_papers")]
    async fn issue_session_papers(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
    ) -> Result<View<SessionPapers>> {
        let issued = issue_due(&mut auth.ctx, id.0).await?;
        Ok(View(SessionPapers { issued: issued.into_iter().map(DocumentOut::try_from).collect::<Result<_>>()? }))
    }
}
