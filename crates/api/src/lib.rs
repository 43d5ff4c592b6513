//! Floor 3: HTTP. Routes, extractors, problems and the OpenAPI document; thin.
//!
//! A handler takes apart what came in, calls one function of the floor below, and puts together what goes out. Who
//! asks is found out once, in [`extract`]; what went wrong becomes a status once, in [`problem`].

mod app;
mod extract;
mod metrics;
mod name;
mod openapi;
mod problem;
mod refusal;
mod request_id;
mod route;
mod router;
mod security;

pub use app::{App, AppConfig};
pub use router::{document, router};
