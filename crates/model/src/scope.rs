//! Who asks for what, extracted once at the edge and handed down as the first argument everywhere.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{Id, OrgId, ServiceAccountId, UserId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    User,
    ServiceAccount,
    /// A reconciler that holds the lease on one resource.
    Worker,
    /// The control plane itself.
    System,
    /// A login role of the database.
    Sql,
}

impl ActorKind {
    pub const ALL: [Self; 5] = [Self::User, Self::ServiceAccount, Self::Worker, Self::System, Self::Sql];
}

/// The one who does something, as events record it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    #[serde(rename = "type")]
    pub kind: ActorKind,
    pub id: String,
    /// What a person calls the actor: a user's or service account's name, the reason of background work.
    pub name: String,
}

impl Actor {
    pub fn user(id: UserId, name: &str) -> Self {
        Self {
            kind: ActorKind::User,
            id: id.to_string(),
            name: name.to_owned(),
        }
    }

    pub fn service_account(id: ServiceAccountId, name: &str) -> Self {
        Self {
            kind: ActorKind::ServiceAccount,
            id: id.to_string(),
            name: name.to_owned(),
        }
    }

    /// `resource_type` and `resource` are what the worker's lease is for.
    pub fn worker(resource_type: &str, resource: Id, agent: &str) -> Self {
        Self {
            kind: ActorKind::Worker,
            id: resource.text(resource_type),
            name: agent.to_owned(),
        }
    }

    /// The id of who owns what this actor makes: users and service accounts own, others do not.
    pub fn as_owner(&self) -> Option<&str> {
        matches!(self.kind, ActorKind::User | ActorKind::ServiceAccount).then_some(self.id.as_str())
    }

    pub fn system(reason: &str) -> Self {
        Self {
            kind: ActorKind::System,
            id: "system".to_owned(),
            name: reason.to_owned(),
        }
    }
}

/// Ties what one request does together: in logs, events and problem bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestId(pub String);

impl RequestId {
    pub fn generate() -> Self {
        Self(format!("req_{}", Uuid::now_v7().simple()))
    }
}

/// What is known about the way a request came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signals {
    /// The client's network address; empty when unknown.
    pub address: String,
    pub user_agent: String,
}

/// By whose rights something is done in an org.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Authority {
    /// The actor's own: policies say what there is for a user or a service account. Others need none.
    #[default]
    Actor,
    /// The control plane's, for what it has to know and do to serve the actor. Only the org is the limit.
    Plinth,
}

/// One actor in one org, for the length of one request or one step of background work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub actor: Actor,
    pub org: OrgId,
    pub request_id: RequestId,
    pub signals: Signals,
    pub authority: Authority,
    /// The circumstances as policies see them, as JSON: `view::Context` in crates/policy. Empty for background work.
    pub context: Arc<str>,
}

impl Scope {
    pub fn new(actor: Actor, org: OrgId, request_id: RequestId, signals: Signals) -> Self {
        Self {
            actor,
            org,
            request_id,
            signals,
            authority: Authority::Actor,
            context: Arc::from(""),
        }
    }

    /// Background work in one org.
    pub fn system(reason: &str, org: OrgId) -> Self {
        Self::new(Actor::system(reason), org, RequestId::generate(), Signals::default())
    }

    /// The same actor, with the control plane's own rights.
    #[must_use]
    pub fn as_plinth(&self) -> Self {
        Self {
            authority: Authority::Plinth,
            ..self.clone()
        }
    }
}
