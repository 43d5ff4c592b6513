//! A product document, checked as a whole and compiled once for all requests. Must not know where it is kept.

use std::sync::Arc;

use indexmap::IndexMap;
use plinth_model::{Product, ResourceType};
use plinth_policy::vocabulary::Labels;
use plinth_policy::{Policy, Vocabulary};
use plinth_rating::{CheckedPlan, Plan};
use serde_json::Value;

use super::rules::TypeRules;
use super::{check, roles};
use crate::access::Access;
use crate::error::{ControlError, FieldError, Result};

/// A revision of the product, ready for use.
#[derive(Debug)]
pub struct Catalog {
    pub revision: i64,
    pub product: Product,
    types: IndexMap<String, Arc<TypeRules>>,
    plans: IndexMap<String, CheckedPlan>,
    /// What policies may talk about.
    pub(crate) vocabulary: Arc<Vocabulary>,
    /// The roles, each with its policy.
    pub(crate) roles: Vec<(String, Policy)>,
    /// What holds in an org that has no policies of its own.
    pub(crate) access: Arc<Access>,
}

impl Catalog {
    /// Checks a document and compiles it.
    ///
    /// # Errors
    /// `validation_failed` with everything that is wrong with it.
    pub fn compile(revision: i64, product: Product) -> Result<Self> {
        let mut errors = check::names(&product);
        let mut types = IndexMap::new();
        for (at, declaration) in product.types.iter().enumerate() {
            match checked(revision, &product, declaration) {
                Ok(rules) => drop(types.insert(declaration.plural.clone(), Arc::new(rules))),
                Err(found) => errors.extend(found.into_iter().map(|error| error.below(&format!("/types/{at}")))),
            }
        }
        let mut plans = IndexMap::new();
        for (at, document) in product.plans.iter().enumerate() {
            let checked =
                Plan::from_value(document.clone()).and_then(|plan| Ok((plan.name.clone(), plan.check(&product)?)));
            match checked {
                Ok((name, plan)) => drop(plans.insert(name, plan)),
                Err(found) => {
                    errors.extend(found.into_iter().map(|violation| {
                        FieldError::new(format!("/plans/{at}{}", violation.pointer), violation.message)
                    }))
                }
            }
        }
        let vocabulary = Arc::new(Vocabulary::new(&product, &Labels::default()));
        let roles = roles::read(&product, &vocabulary, &mut errors);
        if !errors.is_empty() {
            return Err(ControlError::invalid(errors));
        }
        let access = Access::new(&vocabulary, roles.clone())
            .map_err(|message| ControlError::invalid_field("/roles", message))?;
        Ok(Self {
            revision,
            product,
            types,
            plans,
            vocabulary,
            roles,
            access: Arc::new(access),
        })
    }

    /// # Errors
    /// `not_found` when the product has no such type.
    pub fn by_plural(&self, plural: &str) -> Result<&Arc<TypeRules>> {
        self.types
            .get(plural)
            .ok_or_else(|| ControlError::not_found("resource type"))
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<TypeRules>> {
        self.types.values().find(|rules| rules.declaration.name == name)
    }

    pub fn types(&self) -> impl Iterator<Item = &Arc<TypeRules>> {
        self.types.values()
    }

    pub fn plan(&self, name: &str) -> Option<&CheckedPlan> {
        self.plans.get(name)
    }

    /// Most of something that an org of this plan may have, by its plural; `None` when the plan says nothing of it.
    pub fn quota(&self, plan: &str, plural: &str) -> Option<usize> {
        let named = |document: &&Value| document.get("name").and_then(Value::as_str) == Some(plan);
        let quotas = self.product.plans.iter().find(named)?.get("quotas")?;
        usize::try_from(quotas.get(plural)?.as_u64()?).ok()
    }

    /// The plan of a new org; `free` when the product sells none.
    pub fn default_plan(&self) -> &str {
        let named = self.product.product.default_plan.as_deref();
        named
            .or_else(|| self.plans.keys().next().map(String::as_str))
            .unwrap_or("free")
    }
}

fn checked(
    revision: i64,
    product: &Product,
    declaration: &ResourceType,
) -> std::result::Result<TypeRules, Vec<FieldError>> {
    let rules = TypeRules::compile(revision, product, declaration)?;
    let errors = check::marks(product, &rules);
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}
