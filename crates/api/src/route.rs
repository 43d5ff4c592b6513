//! The routes, one module per noun.

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::name;
use crate::problem::{ProblemBody, ProblemField};
use crate::security::Security;

mod account;
mod action;
mod authorize;
mod bill;
mod docs;
mod event;
mod health;
mod invitation;
mod member;
mod metric;
mod org;
mod outbox;
mod policy;
mod product;
mod refusal;
mod resource;
mod service_account;
mod session;
mod signal;
mod sql_login;
mod usage;
mod wire;
mod work;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Plinth",
        description = "The control plane: orgs, resources, events, metrics, usage and bills.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    // Sets of names that stand in parameters alone are not found by themselves.
    components(schemas(
        ProblemBody,
        ProblemField,
        name::AggregateName,
        name::EventKind,
        name::IncludeName,
        name::OperationName,
        name::SortName
    )),
    modifiers(&Security)
)]
struct Document;

/// All routes with their descriptions.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(account::routes())
        .merge(action::routes())
        .merge(authorize::routes())
        .merge(bill::routes())
        .merge(docs::routes())
        .merge(event::routes())
        .merge(health::routes())
        .merge(invitation::routes())
        .merge(member::routes())
        .merge(metric::routes())
        .merge(org::routes())
        .merge(outbox::routes())
        .merge(policy::routes())
        .merge(product::routes())
        .merge(refusal::routes())
        .merge(resource::routes())
        .merge(service_account::routes())
        .merge(sql_login::routes())
        .merge(session::routes())
        .merge(signal::routes())
        .merge(usage::routes())
        .merge(work::routes())
}
