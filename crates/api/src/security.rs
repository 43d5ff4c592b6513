//! How a caller shows who it is, as the OpenAPI document says it; [`crate::extract`] reads it.

use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::extract::SESSION_COOKIE;

/// The two ways to show it.
pub struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        let none: [&str; 0] = [];
        document.security = Some(vec![
            SecurityRequirement::new("bearer", none),
            SecurityRequirement::new("session", none),
        ]);
    }
}
