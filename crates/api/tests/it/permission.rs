//! What each role may do, route by route, as a golden file. A new route of an org fails here until it has a row, and a
//! change of rights is seen in review.

use std::collections::{BTreeMap, BTreeSet};

use plinth_testkit::app::{self, Client, Org, TestApp};
use serde_json::{Value, json};

use crate::action::Agent;
use crate::etl::{copy, files, named, text};
use crate::openapi::{document, operations};

/// Concerns nobody.
const FORBIDDING: &str =
    r#"forbid (principal, action == Action::"org:delete", resource) when { principal.name == "nobody at all" };"#;

const ROLES: [&str; 5] = ["owner", "admin", "developer", "viewer", "billing"];

/// Routes of an org with a body that is in order.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub fn bodies() -> BTreeMap<&'static str, Value> {
    let range = json!({"name": "m", "aggregate": "sum", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "bucket_secs": 3600});
    let connection = json!({"spec": files("changed")});
    let pipeline = json!({"spec": copy("source", "sink"), "properties": {"changed": "yes"}});
    let properties = json!({"properties": {"team": "data"}});
    [
        ("GET /v1/orgs/{org}", Value::Null),
        ("PATCH /v1/orgs/{org}", json!({"name": "Renamed"})),
        ("GET /v1/orgs/{org}/permissions", Value::Null),
        ("GET /v1/orgs/{org}/members", Value::Null),
        (
            "PATCH /v1/orgs/{org}/members/{user_id}",
            json!({"roles": ["developer"]}),
        ),
        ("DELETE /v1/orgs/{org}/members/{user_id}", Value::Null),
        ("GET /v1/orgs/{org}/invitations", Value::Null),
        (
            "POST /v1/orgs/{org}/invitations",
            json!({"email": "{fresh}@example.com", "roles": ["viewer"]}),
        ),
        ("DELETE /v1/orgs/{org}/invitations/{id}", Value::Null),
        ("GET /v1/orgs/{org}/service-accounts", Value::Null),
        (
            "POST /v1/orgs/{org}/service-accounts",
            json!({"name": "{fresh}", "roles": ["viewer"]}),
        ),
        ("GET /v1/orgs/{org}/service-accounts/{id}", Value::Null),
        (
            "PATCH /v1/orgs/{org}/service-accounts/{id}",
            json!({"roles": ["developer"]}),
        ),
        ("DELETE /v1/orgs/{org}/service-accounts/{id}", Value::Null),
        ("GET /v1/orgs/{org}/service-accounts/{id}/tokens", Value::Null),
        ("POST /v1/orgs/{org}/service-accounts/{id}/tokens", json!({"name": "t"})),
        (
            "DELETE /v1/orgs/{org}/service-accounts/{id}/tokens/{token_id}",
            Value::Null,
        ),
        ("GET /v1/orgs/{org}/service-accounts/{id}/sql-logins", Value::Null),
        (
            "POST /v1/orgs/{org}/service-accounts/{id}/sql-logins",
            json!({"name": "s"}),
        ),
        (
            "DELETE /v1/orgs/{org}/service-accounts/{id}/sql-logins/{login_id}",
            Value::Null,
        ),
        ("GET /v1/orgs/{org}/events", Value::Null),
        ("GET /v1/orgs/{org}/usage", Value::Null),
        ("POST /v1/orgs/{org}/usage", json!({"records": []})),
        ("GET /v1/orgs/{org}/bill", Value::Null),
        ("POST /v1/orgs/{org}/metrics", json!({"points": []})),
        ("POST /v1/orgs/{org}/metrics/query", range),
        ("GET /v1/orgs/{org}/metrics/query", Value::Null),
        ("GET /v1/orgs/{org}/policies", Value::Null),
        (
            "POST /v1/orgs/{org}/policies",
            json!({"name": "{fresh}", "text": FORBIDDING}),
        ),
        ("POST /v1/orgs/{org}/policies/check", json!({"text": FORBIDDING})),
        ("GET /v1/orgs/{org}/policies/{id}", Value::Null),
        (
            "PUT /v1/orgs/{org}/policies/{id}",
            json!({"name": "{fresh}", "text": FORBIDDING}),
        ),
        ("DELETE /v1/orgs/{org}/policies/{id}", Value::Null),
        ("GET /v1/orgs/{org}/policies/{id}/versions", Value::Null),
        ("POST /v1/orgs/{org}/policies/{id}/revert", json!({"version": 1})),
        ("GET /v1/orgs/{org}/refusals", Value::Null),
        ("GET /v1/orgs/{org}/roles", Value::Null),
        ("GET /v1/orgs/{org}/signals", Value::Null),
        (
            "POST /v1/orgs/{org}/authorize",
            json!({"questions": [{"action": "pipelines:create"}]}),
        ),
        ("GET /v1/orgs/{org}/connections", Value::Null),
        ("POST /v1/orgs/{org}/connections", named("{fresh}", files("new"))),
        ("GET /v1/orgs/{org}/connections/{key}", Value::Null),
        ("PUT /v1/orgs/{org}/connections/{key}", connection.clone()),
        ("PATCH /v1/orgs/{org}/connections/{key}", properties.clone()),
        ("DELETE /v1/orgs/{org}/connections/{key}", Value::Null),
        ("POST /v1/orgs/{org}/connections/{key}/undelete", Value::Null),
        ("POST /v1/orgs/{org}/connections/actions/{action}", connection),
        ("POST /v1/orgs/{org}/connections/{key}/actions/{action}", json!({})),
        ("GET /v1/orgs/{org}/pipelines", Value::Null),
        (
            "POST /v1/orgs/{org}/pipelines",
            named("{fresh}", copy("source", "sink")),
        ),
        ("GET /v1/orgs/{org}/pipelines/{key}", Value::Null),
        ("PUT /v1/orgs/{org}/pipelines/{key}", pipeline),
        ("PATCH /v1/orgs/{org}/pipelines/{key}", properties),
        ("DELETE /v1/orgs/{org}/pipelines/{key}", Value::Null),
        ("POST /v1/orgs/{org}/pipelines/{key}/undelete", Value::Null),
        ("POST /v1/orgs/{org}/pipelines/{key}/pause", Value::Null),
        ("POST /v1/orgs/{org}/pipelines/{key}/resume", Value::Null),
    ]
    .into_iter()
    .collect()
}

fn routes_of_orgs() -> BTreeSet<String> {
    operations(&document())
        .into_keys()
        .filter(|route| route.contains("/v1/orgs/{org}"))
        .collect()
}

/// Makes what a route is tried on; each try gets one of its own.
pub struct Workshop<'a> {
    org: &'a Org<'a>,
    made: usize,
}

impl<'a> Workshop<'a> {
    /// With the connections that a pipeline refers to.
    pub async fn open(org: &'a Org<'a>) -> Self {
        let workshop = Self { org, made: 0 };
        for name in ["source", "sink"] {
            workshop.post("/connections", named(name, files(name))).await;
        }
        workshop
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("fresh-{}", self.made)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.org.owner.client.post(&self.org.path(path), body).await;
        assert!([200, 201].contains(&answer.status), "{}: {}", answer.asked, answer.text);
        answer.body
    }

    async fn resource(&mut self, route: &str) -> String {
        let (plural, spec) = match route.contains("/pipelines") {
            true => ("pipelines", copy("source", "sink")),
            false => ("connections", files("old")),
        };
        let body = named(&self.name(), spec);
        let made = self.post(&format!("/{plural}"), body).await;
        let id = text(&made["id"]);
        if route.ends_with("/undelete") {
            let answer = self
                .org
                .owner
                .client
                .delete(&self.org.path(&format!("/{plural}/{id}")))
                .await;
            assert!([200, 202].contains(&answer.status), "{}", answer.text);
        }
        id
    }

    /// The path of a route to something fresh in the org.
    pub async fn path(&mut self, route: &str) -> String {
        let (_, template) = route.split_once(' ').unwrap();
        let mut path = template.replace("{org}", &self.org.slug).replace("{action}", "check");
        if path.contains("{key}") {
            path = path.replace("{key}", &self.resource(route).await);
        }
        if path.contains("{user_id}") {
            let email = format!("{}@example.com", self.name());
            path = path.replace("{user_id}", &self.org.invited("viewer", &email).await.id);
        }
        if path.contains("/invitations/{id}") {
            let invitation = json!({"email": format!("{}@example.com", self.name()), "roles": ["viewer"]});
            path = path.replace("{id}", &text(&self.post("/invitations", invitation).await["id"]));
        }
        if path.contains("/policies/{id}") {
            let policy = json!({"name": self.name(), "text": FORBIDDING});
            path = path.replace("{id}", &text(&self.post("/policies", policy).await["id"]));
        }
        if path.contains("/service-accounts/{id}") {
            let account = self.org.service_account(&self.name(), "viewer").await;
            path = path
                .replace("{id}", &account.id)
                .replace("{token_id}", &account.token_id);
        }
        if let Some((logins, _)) = path.split_once("/{login_id}") {
            let login = json!({"name": self.name()});
            let below = logins
                .split_once(&self.org.slug)
                .map_or("", |(_, below)| below)
                .to_owned();
            path = path.replace("{login_id}", &text(&self.post(&below, login).await["id"]));
        }
        if route == "GET /v1/orgs/{org}/metrics/query" {
            path += "?name=m&aggregate=sum&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&bucket_secs=3600";
        }
        path
    }

    /// A body with a name of its own.
    pub fn body(&mut self, body: &Value) -> Value {
        let body = body.to_string().replace("{fresh}", &self.name());
        serde_json::from_str(&body).unwrap()
    }

    async fn try_route(&mut self, client: &Client, route: &str, body: &Value) -> u16 {
        let (method, _) = route.split_once(' ').unwrap();
        let path = self.path(route).await;
        let mut call = client.call(method, &path);
        if !body.is_null() {
            call = call.json(&self.body(body));
        }
        let answer = call.send().await;
        if answer.status == 403 {
            let problem = answer.clone().problem(403, "forbidden");
            assert!(problem["permission"].is_string(), "{problem}");
        }
        assert!(
            answer.status < 400 || answer.status == 403,
            "{}: {}",
            answer.asked,
            answer.text
        );
        answer.status
    }
}

#[test]
fn each_route_of_an_org_has_a_row() {
    let rows: BTreeSet<String> = bodies().into_keys().map(str::to_owned).collect();
    assert_eq!(routes_of_orgs(), rows);
}

/// Somebody with each role, in the order of [`ROLES`].
async fn members(app: &TestApp, org: &Org<'_>) -> Vec<Client> {
    let mut clients = Vec::new();
    for role in ROLES {
        let person = org.invited(role, &format!("{role}@roles.example.com")).await;
        clients.push(app.bearer(person.client.token.as_deref().unwrap()));
    }
    clients
}

#[tokio::test]
async fn the_matrix_of_roles_and_routes_is_as_reviewed() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let _agent = Agent::start(&app);
    let mut workshop = Workshop::open(&org).await;
    let members = members(&app, &org).await;
    let mut table = format!("{:62}{}\n", "", ROLES.map(|role| format!("{role:>10}")).concat());
    for (route, body) in bodies() {
        let mut row = format!("{route:62}");
        for client in &members {
            let status = workshop.try_route(client, route, &body).await;
            let shown = if status == 403 {
                "-".to_owned()
            } else {
                status.to_string()
            };
            row += &format!("{shown:>10}");
        }
        table += &format!("{row}\n");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn what_the_permissions_route_lists_is_as_reviewed() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let mut told = String::new();
    for (role, client) in ROLES.iter().zip(members(&app, &org).await) {
        let listed = client.get(&org.path("/permissions")).await.expect(200);
        let listed: Vec<&str> = listed["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        told += &format!("{role}:\n  {}\n", listed.join("\n  "));
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_program_has_the_rights_of_its_role_and_loses_them_with_its_token() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let program = org.service_account("ci", "viewer").await;
    program.client.get(&org.path("/connections")).await.expect(200);
    let create = async || {
        program
            .client
            .post(&org.path("/connections"), named("shop", files("shop")))
            .await
    };
    assert_eq!(
        create().await.problem(403, "forbidden")["permission"],
        "connections:create"
    );
    let account = org.path(&format!("/service-accounts/{}", program.id));
    org.owner
        .client
        .patch(&account, json!({"roles": ["developer"]}))
        .await
        .expect(200);
    create().await.expect(201);
    org.owner
        .client
        .delete(&format!("{account}/tokens/{}", program.token_id))
        .await
        .expect(204);
    create().await.problem(401, "unauthenticated");
}
