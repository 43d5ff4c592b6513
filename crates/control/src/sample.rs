//! What a new org begins with, so that a first look needs no data of one's own.

use plinth_model::Scope;
use plinth_model::id::OrgId;

use crate::error::Code;
use crate::resource::{self, Draft, Mode, NewOwner};
use crate::{Caller, Control, Standing, config};

/// Creates the configured samples; one that is there already stays as it is. An org is worth having without them.
pub async fn seed(control: &Control, org: OrgId) {
    for sample in &control.config().samples {
        match create(control, org, sample).await {
            Ok(()) => {}
            Err(error) if error.code == Code::Conflict => {}
            Err(error) => {
                tracing::warn!(%error, errors = ?error.errors, name = sample.name, "no sample in the new org")
            }
        }
    }
}

async fn create(control: &Control, org: OrgId, sample: &config::Sample) -> crate::Result<()> {
    let scope = Scope::system("sample", org);
    let caller = Caller::new(control, scope, Standing::default(), None).await?;
    let draft = Draft {
        name: sample.name.clone(),
        properties: sample.properties.clone(),
        owner: NewOwner::Unsaid,
        spec: sample.spec.clone(),
    };
    resource::create(control, &caller, &sample.plural, draft, Mode::Commit, None).await?;
    Ok(())
}
