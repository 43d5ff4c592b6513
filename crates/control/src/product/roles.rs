//! The product's roles: those that it declares, and the standard ones for the rest.

use plinth_model::{Product, Role};
use plinth_policy::role::STANDARD;
use plinth_policy::{Policy, Vocabulary, compile};
use plinth_store::policy::CompiledRow;

use crate::access::{compiled, in_short};
use crate::error::FieldError;

/// Each role with its policy. An owner has the standard rights at least, so that no product leaves an org without anybody
/// who may act.
pub fn read(product: &Product, vocabulary: &Vocabulary, errors: &mut Vec<FieldError>) -> Vec<(String, Policy)> {
    let mut texts: Vec<(&str, &str)> = Vec::new();
    for (at, declared) in product.roles.iter().enumerate() {
        if let Err(error) = declared.name.parse::<Role>() {
            errors.push(FieldError::new(format!("/roles/{at}/name"), error.to_string()));
        }
        if texts.iter().any(|(name, _)| *name == declared.name) {
            errors.push(FieldError::new(format!("/roles/{at}/name"), "stands here twice"));
        }
        texts.push((&declared.name, &declared.policy));
    }
    let declared = texts.len();
    let standard = STANDARD
        .into_iter()
        .filter(|(name, text)| match texts.iter().find(|(known, _)| known == name) {
            None => true,
            Some((_, own)) => *name == Role::Owner.as_str() && own != text,
        });
    let standard: Vec<_> = standard.collect();
    texts.extend(standard);
    let mut roles = Vec::new();
    for (at, (name, text)) in texts.into_iter().enumerate() {
        let name = if at < declared {
            name.to_owned()
        } else {
            format!("{name} (standard)")
        };
        match Policy::parse(text, vocabulary) {
            Ok(policy) => roles.push((format!("role {name}"), policy)),
            Err(findings) => errors.push(FieldError::new(format!("/roles/{at}/policy"), in_short(&findings))),
        }
    }
    roles
}

/// The roles as the database wants them. They have been compiled before, for the catalog.
pub fn rows(roles: &[(String, Policy)], vocabulary: &Vocabulary) -> Vec<(String, Vec<CompiledRow>)> {
    let rows = |policy| compile(policy, vocabulary).unwrap_or_default();
    roles
        .iter()
        .map(|(name, policy)| (name.clone(), compiled(&rows(policy), vocabulary)))
        .collect()
}
