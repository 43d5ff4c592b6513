//! What a policy is to say: read, in Cedar or in the easy form, checked and compiled.

use plinth_model::permission::Kind;
use plinth_policy::{Finding, Form, FormError, MOST_STATEMENTS, Policy as Cedar, Refusal, Row, Vocabulary, compile};
use serde_json::Value;

use crate::error::{ControlError, FieldError, Result};
use crate::{Caller, Control};

/// What a policy says: in Cedar, or in the easy form, one for each statement.
#[derive(Debug, Clone)]
pub enum Says {
    Cedar(String),
    Forms(Vec<Value>),
}

/// What there is to say about a draft.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Cedar.
    pub text: String,
    /// Line, column, message and hint of each; none that is an error.
    pub warnings: Vec<Finding>,
    /// Each statement in the easy form, when all of them fit it.
    pub forms: Option<Vec<Form>>,
}

/// A draft that holds water.
pub(super) struct Ready {
    pub text: String,
    pub rows: Vec<Row>,
    warnings: Vec<Finding>,
    forms: Option<Vec<Form>>,
}

/// # Errors
/// `validation_failed` with each finding: of Cedar at `/text` with line and column, of a form at its field.
pub(super) fn read(control: &Control, says: &Says, vocabulary: &Vocabulary) -> Result<Ready> {
    let text = match says {
        Says::Cedar(text) => text.clone(),
        Says::Forms(forms) => written(forms, vocabulary)?.join("\n\n"),
    };
    let place = |error: FieldError, line, column| match says {
        Says::Cedar(_) => error.at(line, column),
        // Nobody sent the text.
        Says::Forms(_) => FieldError {
            pointer: "/statements".to_owned(),
            ..error
        },
    };
    let said = |finding: Finding| {
        let error = FieldError::new("/text", finding.message).with_hint(finding.hint);
        place(error, finding.line, finding.column)
    };
    let cannot = |refusal: Refusal| {
        let error = FieldError::new("/text", why(&refusal)).with_hint(Some(refusal.hint));
        place(error, refusal.line, refusal.column)
    };
    let policy = Cedar::parse(&text, vocabulary)
        .map_err(|findings| ControlError::invalid(findings.into_iter().map(said).collect()))?;
    let rows = compile(&policy, vocabulary)
        .map_err(|refusals| ControlError::invalid(refusals.into_iter().map(cannot).collect()))?;
    if let Some(error) = asks_in_vain(control, says, &policy) {
        return Err(ControlError::invalid(vec![error]));
    }
    let forms = policy
        .statements()
        .iter()
        .map(|statement| Form::of(statement, vocabulary));
    Ok(Ready {
        forms: forms.collect(),
        warnings: policy.warnings().to_vec(),
        text,
        rows,
    })
}

/// Each statement as Cedar. What is wrong is told where it stands in the form, since nobody sent the Cedar of it.
fn written(forms: &[Value], vocabulary: &Vocabulary) -> Result<Vec<String>> {
    if forms.is_empty() {
        return Err(ControlError::invalid_field(
            "/statements",
            "needs at least one statement",
        ));
    }
    if forms.len() > MOST_STATEMENTS {
        let message = format!("has {} statements, {MOST_STATEMENTS} is the most", forms.len());
        let error = FieldError::new("/statements", message);
        let hint = "make several policies of it".to_owned();
        return Err(ControlError::invalid(vec![error.with_hint(Some(hint))]));
    }
    let mut errors = Vec::new();
    let mut texts = Vec::new();
    for (at, form) in forms.iter().enumerate() {
        let below = |error: FieldError| error.below(&format!("/statements/{at}"));
        match of_form(form, vocabulary) {
            Ok(text) => texts.push(text),
            Err(found) => errors.extend(found.into_iter().map(below)),
        }
    }
    if errors.is_empty() {
        Ok(texts)
    } else {
        Err(ControlError::invalid(errors))
    }
}

fn of_form(form: &Value, vocabulary: &Vocabulary) -> std::result::Result<String, Vec<FieldError>> {
    let form = Form::from_json(form, vocabulary).map_err(|errors| {
        let told = |error: FormError| FieldError::new(error.pointer, error.message).with_hint(error.hint);
        errors.into_iter().map(told).collect::<Vec<_>>()
    })?;
    let text = form.to_cedar(vocabulary);
    let whole = |message: String, hint: Option<String>| FieldError::new("", message).with_hint(hint);
    let policy = Cedar::parse(&text, vocabulary).map_err(|findings| {
        let found = findings.into_iter().map(|finding| whole(finding.message, finding.hint));
        found.collect::<Vec<_>>()
    })?;
    compile(&policy, vocabulary).map_err(|refusals| {
        let found = refusals
            .into_iter()
            .map(|refusal| whole(why(&refusal), Some(refusal.hint)));
        found.collect::<Vec<_>>()
    })?;
    Ok(text)
}

fn why(refusal: &Refusal) -> String {
    format!(
        "{} cannot be enforced by the database: {}",
        refusal.construct, refusal.why
    )
}

/// Without a file of countries, everybody would be outside of each of them: that is hardly what a policy means.
fn asks_in_vain(control: &Control, says: &Says, policy: &Cedar) -> Option<FieldError> {
    let (line, column) = policy
        .place_of("country")
        .filter(|_| control.config().countries.is_none())?;
    let hint = "whoever operates it has to give it a file of countries in the setting `country_file`; use `ip` with \
                networks until then";
    let message = "`context.country` is never known on this server";
    let error = |pointer: String| FieldError::new(pointer, message).with_hint(Some(hint.to_owned()));
    Some(match says {
        Says::Cedar(_) => error("/text".to_owned()).at(line, column),
        Says::Forms(forms) => error(pointer_of_country(forms).unwrap_or_else(|| "/statements".to_owned())),
    })
}

/// Where the first country of a form is asked for.
fn pointer_of_country(forms: &[Value]) -> Option<String> {
    let asked = forms.iter().enumerate().flat_map(|(at, form)| {
        let when = form
            .get("when")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate();
        when.flat_map(move |(place, signal)| {
            let named = signal.as_object().into_iter().flat_map(serde_json::Map::keys);
            named.map(move |name| (at, place, name))
        })
    });
    let mut asked = asked.filter(|(.., name)| name.ends_with("_countries"));
    asked
        .next()
        .map(|(at, place, name)| format!("/statements/{at}/when/{place}/{name}"))
}

/// Looks at a draft and keeps nothing.
///
/// # Errors
/// `forbidden`, `validation_failed`.
pub fn check(control: &Control, caller: &Caller, says: &Says) -> Result<Checked> {
    caller.require_some(Kind::Policies, "view")?;
    let ready = read(control, says, &control.catalog().vocabulary)?;
    Ok(Checked {
        text: ready.text,
        warnings: ready.warnings,
        forms: ready.forms,
    })
}

/// The statements of a policy in the easy form; `None` when one of them says more.
pub fn forms(control: &Control, text: &str) -> Option<Vec<Form>> {
    let vocabulary = &control.catalog().vocabulary;
    let policy = Cedar::parse(text, vocabulary).ok()?;
    policy
        .statements()
        .iter()
        .map(|statement| Form::of(statement, vocabulary))
        .collect()
}
