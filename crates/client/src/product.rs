//! What the running control plane sells: resource types, meters, plans, dashboards.
//! The documents themselves stay JSON: their shape is the builder's and the server's matter.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, Result};

#[derive(Debug, Clone, Copy)]
pub struct Product<'a> {
    client: &'a Client,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProductView {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub dev: bool,
    #[serde(default)]
    pub revision: Value,
    #[serde(default)]
    pub types: Vec<ResourceType>,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResourceType {
    pub name: String,
    pub plural: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub reconciled: bool,
    #[serde(default)]
    pub verbs: Vec<Verb>,
    #[serde(default)]
    pub spec_schema: Value,
    #[serde(default)]
    pub status_schema: Value,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// A change of a resource under a name of its own: [`carry_out`](crate::resource::Resources::carry_out).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verb {
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// What a product document changed, or would change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProductChanges {
    #[serde(default)]
    pub revision: Value,
    #[serde(default)]
    pub changes: Vec<ProductChange>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProductChange {
    pub kind: String,
    pub name: String,
    pub change: String,
    #[serde(default)]
    pub detail: Value,
}

impl Client {
    pub fn product(&self) -> Product<'_> {
        Product { client: self }
    }
}

impl Product<'_> {
    pub async fn get(&self) -> Result<ProductView> {
        let call = self.client.call(Method::GET, &["v1", "product"]);
        call.receive().await
    }

    /// Loads a whole product document, all or nothing. Needs an operator's token.
    pub async fn apply(&self, document: &Value) -> Result<ProductChanges> {
        let call = self.client.call(Method::PUT, &["v1", "product"]);
        call.json(document).receive().await
    }

    /// What [`Product::apply`] would change, with all its checks.
    pub async fn plan(&self, document: &Value) -> Result<ProductChanges> {
        let call = self.client.call(Method::PUT, &["v1", "product"]);
        call.query("dry_run", true).json(document).receive().await
    }
}
