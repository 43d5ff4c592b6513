//! What the caller, or somebody else, may do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use plinth_control::ControlError;
use plinth_control::authorize::{self, Answer, Authentication, Change, Question, Subject, Supposed};
use plinth_control::country::is_code;
use plinth_control::resource::NewOwner;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::policy::values;
use crate::app::App;
use crate::extract::{Body, CallerIn};
use crate::problem::{ProblemBody, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(authorize))
}

/// Questions that are answered together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizeBody {
    /// The id of a member's user or of a service account, who is then asked about in the place of the caller. Only for
    /// those who may see policies, and members or service accounts.
    #[schema(example = "user_01m82x10m4erxvdpr5ze0zh8pp")]
    principal: Option<String>,
    /// At most 100.
    questions: Vec<QuestionBody>,
}

/// May I do this?
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionBody {
    #[schema(example = "members:view")]
    action: String,
    /// Name or id of a resource of the action's type.
    resource: Option<String>,
    /// A resource that does not exist yet. Beside `resource`: what that one would become.
    draft: Option<DraftBody>,
    /// Circumstances in the place of the real ones. Only for those who may see policies.
    context: Option<ContextBody>,
}

/// A resource that does not exist yet, or what one would become. What is left out is empty, or stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorizeDraft)]
pub struct DraftBody {
    #[schema(nullable = false)]
    name: Option<String>,
    /// All of its properties.
    #[schema(value_type = Option<Object>, nullable = false)]
    properties: Option<Map<String, Value>>,
    /// Id of a user or service account, or `null` for nobody. Left out of what does not exist yet: who asks, or is asked
    /// about.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    owner: NewOwner,
    /// All of its desired state.
    #[schema(value_type = Option<Object>, nullable = false)]
    spec: Option<Map<String, Value>>,
}

/// Circumstances to suppose. What is left out is no address, now, and a login of this moment without any risk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorizeContext)]
pub struct ContextBody {
    /// Where the request comes from.
    #[schema(value_type = Option<String>, example = "203.0.113.7")]
    ip: Option<IpAddr>,
    /// In which country that is, as two capital letters; by default what the server knows of `ip`.
    #[schema(example = "DE", pattern = "^[A-Z]{2}$")]
    country: Option<String>,
    /// How unusual it is; 0 when left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    risk: i64,
    /// When it is made.
    #[schema(value_type = Option<String>, format = DateTime)]
    time: Option<Timestamp>,
    authentication: Option<AuthenticationBody>,
}

/// A login, or the making of a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorizeAuthentication)]
pub struct AuthenticationBody {
    /// Seconds since then.
    #[serde(default)]
    age_secs: u32,
    /// 1 for a password or a token, up to 3.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 3)]
    strength: i64,
}

fn one() -> i64 {
    1
}

/// The answers, in the order of the questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswersWire {
    answers: Vec<AnswerWire>,
}

/// An answer with its reasons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthorizeAnswer)]
pub struct AnswerWire {
    allowed: bool,
    /// Whether that holds for everything that the action can be done to.
    everything: bool,
    /// In words.
    reason: String,
    /// The statements that decided, or might have, with the attributes that they looked at. Only for those who may see
    /// policies.
    #[schema(value_type = Vec<Object>)]
    statements: Vec<Value>,
    /// Of a creation, a draft or a change: alternatives of what the properties have to be. Each has values by the names of
    /// properties; for one of the alternatives, each of its properties has to have one of its values. Empty when something
    /// could permit it whatever the properties are, and when nothing could.
    requires: Vec<BTreeMap<String, BTreeSet<String>>>,
}

impl From<Answer> for AnswerWire {
    fn from(answer: Answer) -> Self {
        Self {
            allowed: answer.allowed,
            everything: answer.everything,
            reason: answer.reason,
            statements: values(answer.statements),
            requires: answer.requires,
        }
    }
}

fn question(at: usize, body: QuestionBody) -> Result<Question> {
    let wrong = |field: &str, message: &str| ControlError::invalid_field(&format!("/questions/{at}/{field}"), message);
    let subject = match (body.resource, body.draft) {
        (None, None) => Subject::Anything,
        (Some(resource), None) => Subject::Resource(resource),
        (None, Some(draft)) => Subject::Draft {
            name: draft.name.unwrap_or_default(),
            properties: draft.properties.unwrap_or_default(),
            owner: draft.owner,
            spec: Value::Object(draft.spec.unwrap_or_default()),
        },
        (Some(resource), Some(draft)) => Subject::Change {
            resource,
            change: Change {
                name: draft.name,
                properties: draft.properties,
                owner: draft.owner,
                spec: draft.spec.map(Value::Object),
            },
        },
    };
    let supposed = |context: ContextBody| match context.authentication {
        Some(authentication) if !(1..=3).contains(&authentication.strength) => {
            Err(wrong("context/authentication/strength", "must be 1, 2 or 3"))
        }
        _ if !(0..=100).contains(&context.risk) => Err(wrong("context/risk", "must be 0 to 100")),
        _ if context.country.as_deref().is_some_and(|code| !is_code(code)) => {
            let message = "must be a code of two capital letters (ISO 3166), such as `DE`";
            Err(wrong("context/country", message))
        }
        authentication => Ok(Supposed {
            ip: context.ip,
            country: context.country,
            risk: context.risk,
            time: context.time,
            authentication: authentication.map(|login| Authentication {
                age_secs: login.age_secs.into(),
                strength: login.strength,
            }),
        }),
    };
    Ok(Question {
        action: body.action,
        subject,
        context: body.context.map(supposed).transpose()?,
    })
}

/// Answers whether the caller, or another principal of the org, may do this and that, with reasons. What the caller may
/// not see is answered like what is not there.
#[utoipa::path(
    post, path = "/v1/orgs/{org}/authorize", operation_id = "authorize", tag = "policies",
    params(("org" = String, Path, description = "Id or slug")), request_body = AuthorizeBody,
    responses((status = 200, description = "The answers", body = AnswersWire), (status = "4XX", description = "Refused", body = ProblemBody))
)]
async fn authorize(
    State(app): State<App>,
    CallerIn(caller): CallerIn,
    Body(body): Body<AuthorizeBody>,
) -> Result<Json<AnswersWire>> {
    let questions = body.questions.into_iter().enumerate();
    let questions: Vec<Question> = questions.map(|(at, body)| question(at, body)).collect::<Result<_>>()?;
    let principal = body.principal.as_deref();
    let answers = authorize::authorize(&app.control, &caller, principal, &questions).await?;
    Ok(Json(AnswersWire {
        answers: answers.into_iter().map(Into::into).collect(),
    }))
}
