//! The caller's own logins, wherever they are.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::account::{self, Session, SessionKind};
use plinth_control::auth::Identity;
use plinth_control::{Code, ControlError};
use plinth_model::id::{SessionId, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::account::SessionKindWire;
use super::wire::List;
use crate::app::App;
use crate::extract::{Known, PathParams};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(revoke))
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnSession)]
pub struct SessionWire {
    id: String,
    kind: SessionKindWire,
    /// Where it began.
    address: String,
    user_agent: String,
    /// The one that this request came with.
    current: bool,
    created_at: String,
    expires_at: String,
}

/// The caller's sessions, newest first.
#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "list_sessions", tag = "account",
    responses((status = 200, description = "All of them, 500 at most", body = List<SessionWire>), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(State(app): State<App>, known: Known) -> Result<Json<List<SessionWire>>> {
    let (user, current) = person(&known.identity)?;
    let sessions = account::sessions(&app.control, user).await?;
    let items = sessions
        .into_iter()
        .map(|session| SessionWire::of(session, current))
        .collect();
    Ok(Json(List { items, next: None }))
}

/// Ends one of the caller's sessions.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", operation_id = "revoke_session", tag = "account",
    params(("id" = String, Path, description = "Id of the session")),
    responses((status = 204, description = "Ended"), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn revoke(State(app): State<App>, known: Known, PathParams(id): PathParams<String>) -> Result<StatusCode> {
    let (user, _) = person(&known.identity)?;
    let session: SessionId = id.parse().map_err(|_| ControlError::not_found("session"))?;
    account::revoke_session(&app.control, user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn person(identity: &Identity) -> std::result::Result<(UserId, SessionId), ControlError> {
    match identity {
        Identity::User { id, session, .. } => Ok((*id, *session)),
        _ => Err(ControlError::new(
            Code::Forbidden,
            "only a user has sessions: log in as one",
        )),
    }
}

impl SessionWire {
    fn of(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            kind: match session.kind {
                SessionKind::Cookie => SessionKindWire::Cookie,
                SessionKind::Bearer => SessionKindWire::Bearer,
            },
            address: session.address,
            user_agent: session.user_agent,
            current: session.id == current,
            created_at: session.created_at.to_string(),
            expires_at: session.expires_at.to_string(),
        }
    }
}
