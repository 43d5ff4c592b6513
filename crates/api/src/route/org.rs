//! Orgs: `/v1/orgs`, and what the caller may do in one.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use plinth_control::org::{self, NewOrg, Visitor};
use plinth_control::resource::TypeRules;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{List, PageParams, page};
use crate::app::App;
use crate::extract::{Body, CallerIn, Idempotent, Known, Origin, Params};
use crate::problem::{ProblemBody, Result};
