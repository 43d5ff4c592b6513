//! The resource that a point, a usage record or a line of the bill is about, as policies see it.

use std::collections::HashMap;

use plinth_model::Id;
use plinth_model::permission::Kind;
use plinth_store::usage as ledger;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::Reach;
use crate::error::Result;
use crate::{Caller, Control};

/// By the text of its id; without a name when nobody knows one.
pub(crate) fn subject(resource: Option<&str>, name: Option<&str>) -> Value {
    let Some((text, (type_name, _))) = resource.and_then(|text| Some((text, Id::split(text).ok()?))) else {
        return json!({});
    };
    let mut subject = json!({"type": type_name, "id": text});
    if let (Some(fields), Some(name)) = (subject.as_object_mut(), name) {
        fields.insert("name".to_owned(), name.into());
    }
    json!({"subject": subject})
}

/// What resources are called.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<Uuid, String>);

impl Names {
    /// Of the resources with these ids that the caller may see, when it depends on the subject, perhaps, whether the caller
    /// may do this: a name that no policy asks for is not looked up. The others are refused as not there later on.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn asked_for<'a>(
        control: &Control,
        caller: &Caller,
        (kind, action): (Kind<'_>, &str),
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<Self> {
        if caller.reach(kind, action) != Reach::Depends {
            return Ok(Self::default());
        }
        let ids: Vec<Uuid> = texts.filter_map(|text| Some(Id::split(text).ok()?.1.0)).collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let mut tx = control.store().begin(&caller.scope).await?;
        let found = ledger::resource_types(&mut tx, &caller.scope, &ids).await?;
        tx.rollback().await?;
        Ok(Self(found.into_iter().map(|named| (named.id, named.name)).collect()))
    }

    pub fn subject(&self, resource: Option<&str>) -> Value {
        let id = resource.and_then(|text| Id::split(text).ok());
        let name = id.and_then(|(_, id)| self.0.get(&id.0));
        subject(resource, name.map(String::as_str))
    }
}
