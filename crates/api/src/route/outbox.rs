//! What would have been mailed, shown while developing: there is no mail server on a developer's machine.

use axum::Json;
use axum::extract::State;
use plinth_control::mail::{self, Sent};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Outbox {
    items: Vec<OutboxMessage>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OutboxMessage {
    id: String,
    recipient: String,
    subject: String,
    /// Plain text.
    body: String,
    created_at: String,
}

/// The newest 200 messages, newest first; only on a development server.
#[utoipa::path(
    get, path = "/v1/dev/outbox", operation_id = "get_outbox", tag = "development", security(()),
    responses((status = 200, description = "Messages", body = Outbox), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn list(State(app): State<App>) -> Result<Json<Outbox>> {
    let sent = mail::outbox(&app.control).await?;
    Ok(Json(Outbox {
        items: sent.into_iter().map(OutboxMessage::from).collect(),
    }))
}

impl From<Sent> for OutboxMessage {
    fn from(sent: Sent) -> Self {
        Self {
            id: sent.id,
            recipient: sent.recipient,
            subject: sent.subject,
            body: sent.body,
            created_at: sent.created_at.to_string(),
        }
    }
}
