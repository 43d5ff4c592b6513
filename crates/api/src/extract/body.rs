//! JSON bodies, with errors that name the field.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{StatusCode, header};
use plinth_control::{Code, ControlError};
use plinth_model::object::Object;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::problem::Problem;

/// A body of type `application/json`.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A JSON Merge Patch (RFC 7396): `application/merge-patch+json`, or plain JSON.
#[derive(Debug)]
pub struct MergePatch(pub Value);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read(request, state, &["application/json"]).await?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for MergePatch {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read(request, state, &["application/merge-patch+json", "application/json"]).await?;
        parse(&bytes).map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S, kinds: &[&str]) -> Result<Bytes, Problem> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let known = kinds.iter().any(|known| kind.eq_ignore_ascii_case(known));
    let bytes = read_whole(request, state).await?;
    if !known {
        let detail = format!("send the body as `Content-Type: {}`", kinds.join("` or `"));
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    Ok(bytes)
}

/// The body as it came, within the limit of the router.
pub(super) async fn read_whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::new(Code::BodyTooLarge, "the body is larger than 8 MiB: send it in parts")
            }
            _ => Problem::new(Code::InvalidRequest, "the body could not be read"),
        })
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list that is no JSON is told from one that is.
    if bytes.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| invalid_json(&error))?;
        return Err(ControlError::invalid_field("", "must be an object").into());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed: Object<T> = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| problem(&error))?;
    deserializer.end().map_err(|error| invalid_json(&error))?;
    Ok(parsed.0)
}

fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if error.inner().is_data() {
        invalid_field(error).into()
    } else {
        invalid_json(error.inner())
    }
}

fn invalid_json(error: &serde_json::Error) -> Problem {
    Problem::new(Code::InvalidJson, format!("the body is not JSON: {error}"))
}

fn invalid_field(error: &serde_path_to_error::Error<serde_json::Error>) -> ControlError {
    use serde_path_to_error::Segment;
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let pointer: String = error
        .path()
        .iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect();
    ControlError::invalid_field(&pointer, error.inner().to_string())
}
