//! Shapes that several routes share.

use plinth_control::page::PageRequest;
use plinth_model::{Actor, ActorKind, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::name::ActorKindName;

/// Which page of a list. Parameters are repeated in each list's own struct, since query strings do not nest.
pub fn page(limit: Option<u32>, cursor: Option<String>) -> PageRequest {
    PageRequest { limit, cursor }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

/// Parameters of a list without filters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    /// Items a page: 1 to 500, 50 when not given.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// Whoever did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorWire {
    #[serde(rename = "type")]
    #[schema(value_type = ActorKindName, example = "user")]
    pub kind: ActorKind,
    pub id: String,
    /// Empty for a member or service account that the reader may not see.
    pub name: String,
}

impl From<Actor> for ActorWire {
    fn from(actor: Actor) -> Self {
        Self {
            kind: actor.kind,
            id: actor.id,
            name: actor.name,
        }
    }
}

/// A resource as it goes out. Secrets never do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resource)]
pub struct ResourceWire {
    pub id: String,
    pub org: String,
    #[serde(rename = "type")]
    pub type_name: String,
    pub name: String,
    #[schema(value_type = Object)]
    pub properties: Value,
    /// Id of the user or service account that owns it, and may have left the org since; `null` for nobody.
    #[schema(required, example = "user_01m82x10m4erxvdpr5ze0zh8pp")]
    pub owner: Option<String>,
    #[schema(value_type = Object)]
    pub spec: Value,
    #[schema(value_type = Object)]
    pub status: Value,
    /// JSON pointers into `spec` of the secrets that are set.
    pub secrets_set: Vec<String>,
    /// Counts changes of the desired state.
    pub generation: i64,
    /// The generation that `status` speaks of.
    pub observed_generation: i64,
    /// Counts changes by users; the ETag.
    pub version: i64,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub updated_at: String,
    #[schema(required, format = DateTime)]
    pub deleted_at: Option<String>,
    /// When the reconciler had torn down what a deleted resource stood for: from then on there is no way back.
    #[schema(required, format = DateTime)]
    pub finalized_at: Option<String>,
    pub created_by: ActorWire,
    /// What the caller may do to it: `view`, `update`, `pause` ...; only when asked for by `include=actions`.
    #[serde(rename = "_actions", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub actions: Option<Vec<String>>,
}

impl From<Resource> for ResourceWire {
    fn from(resource: Resource) -> Self {
        Self {
            id: resource.id.text(&resource.type_name),
            org: resource.org.to_string(),
            type_name: resource.type_name,
            name: resource.name,
            properties: Value::Object(resource.properties),
            owner: resource.owner,
            spec: resource.spec,
            status: resource.status,
            secrets_set: resource.secrets_set,
            generation: resource.generation,
            observed_generation: resource.observed_generation,
            version: resource.version,
            created_at: resource.created_at.to_string(),
            updated_at: resource.updated_at.to_string(),
            deleted_at: resource.deleted_at.map(|at| at.to_string()),
            finalized_at: resource.finalized_at.map(|at| at.to_string()),
            created_by: resource.created_by.into(),
            actions: None,
        }
    }
}
