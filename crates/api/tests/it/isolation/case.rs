//! One case for each route: who may reach it at all, and what somebody would send who wants another org's things.

use serde_json::{Value, json};

use crate::etl::{copy, files, named};

/// Ids of an org that is none of the caller's business.
#[derive(Debug, Default)]
pub struct Victim {
    pub org: String,
    pub slug: String,
    pub owner: String,
    pub owner_email: String,
    pub session: String,
    pub member: String,
    pub connection: String,
    pub pipeline: String,
    pub invitation: String,
    /// The secret in the invitation's mail.
    pub invited: String,
    pub program: String,
    pub token: String,
    pub sql_login: String,
    pub policy: String,
}

impl Victim {
    /// What must not be in an answer to anybody else.
    pub fn traces(&self) -> Vec<String> {
        let ids = [
            &self.org,
            &self.owner,
            &self.owner_email,
            &self.session,
            &self.member,
            &self.connection,
            &self.pipeline,
            &self.invitation,
            &self.invited,
            &self.program,
            &self.token,
            &self.sql_login,
            &self.policy,
        ];
        let names = ["vault", "hunter2", "The vault company"];
        ids.into_iter().cloned().chain(names.map(str::to_owned)).collect()
    }
}

/// Who can do something with a route.
#[derive(Debug, Clone, Copy)]
pub enum Reach {
    /// Members of the org in the path. `own` is the answer when the path leads into the caller's org, and all else is
    /// the victim's.
    Org { own: u16 },
    /// Everybody who is logged in, with their own things alone; the answer to a stranger.
    Personal { status: u16 },
    /// The holder of a lease, with its resource alone; the answer to a worker of another org.
    Lease { status: u16 },
    /// Operators and reconcilers.
    Business,
    /// Everybody; why.
    Public(&'static str),
    /// Everybody on a development server, which has no secrets; why.
    Development(&'static str),
}

#[derive(Debug)]
pub struct Case {
    /// As the OpenAPI document has it.
    pub route: &'static str,
    pub reach: Reach,
    /// What follows the path.
    query: String,
    pub body: Value,
    /// What stands for the parameters of the path.
    filled: Vec<(&'static str, String)>,
}

impl Case {
    pub fn method(&self) -> &'static str {
        self.route.split(' ').next().unwrap_or_default()
    }

    /// The path with the victim's ids in it, in this org.
    pub fn path(&self, org: &str) -> String {
        let (_, template) = self.route.split_once(' ').unwrap_or_default();
        let mut path = template.replace("{org}", org);
        for (name, value) in &self.filled {
            path = path.replace(name, value);
        }
        assert!(!path.contains('{'), "`{path}` is filled in");
        path + &self.query
    }

    fn body(self, body: Value) -> Self {
        Self { body, ..self }
    }

    fn query(self, query: String) -> Self {
        Self { query, ..self }
    }
}

/// Each route once.
pub fn cases(victim: &Victim) -> Vec<Case> {
    let case = |route: &'static str, reach: Reach| {
        let key = if route.contains("/pipelines") {
            &victim.pipeline
        } else {
            &victim.connection
        };
        let id = match route {
            _ if route.contains("/invitations") => &victim.invitation,
            _ if route.contains("/sessions") => &victim.session,
            _ if route.contains("/policies") => &victim.policy,
            _ if route.ends_with("/result") => &victim.pipeline,
            _ => &victim.program,
        };
        let filled = vec![
            ("{key}", key.clone()),
            ("{id}", id.clone()),
            ("{user_id}", victim.member.clone()),
            ("{token_id}", victim.token.clone()),
            ("{login_id}", victim.sql_login.clone()),
            ("{action}", "check".to_owned()),
        ];
        Case {
            route,
            reach,
            query: String::new(),
            body: Value::Null,
            filled,
        }
    };
    let mut cases = org(victim, &case);
    cases.extend(measured(victim, &case));
    cases.extend(policies(victim, &case));
    cases.extend(resources(&case));
    cases.extend(business(victim, &case));
    // At the end, since logging out ends the stranger's session.
    cases.extend(account(victim, &case));
    cases
}

type Make<'a> = &'a dyn Fn(&'static str, Reach) -> Case;

fn account(victim: &Victim, case: Make<'_>) -> Vec<Case> {
    use Reach::{Personal, Public};
    let wrong = json!({"token": "plinth_eml_unknown", "password": "a much better password"});
    vec![
        case("POST /v1/signup", Public("how one becomes a user"))
            .body(json!({"email": victim.owner_email, "name": "Eve", "password": "a much better password"})),
        case("POST /v1/login", Public("how one logs in"))
            .body(json!({"email": victim.owner_email, "password": "a wrong password"})),
        case(
            "POST /v1/email-verifications/confirm",
            Public("the secret of the mail is the login"),
        )
        .body(json!({"token": "plinth_eml_unknown"})),
        case(
            "POST /v1/password-resets",
            Public("who forgot the password cannot log in"),
        )
        .body(json!({"email": "nobody@elsewhere.example.com"})),
        case(
            "POST /v1/password-resets/confirm",
            Public("the secret of the mail is the login"),
        )
        .body(wrong),
        case(
            "GET /v1/invitations/preview",
            Public("the secret of the mail is the login"),
        )
        .query("?token=plinth_inv_unknown".to_owned()),
        case("GET /v1/me", Personal { status: 200 }),
        case("GET /v1/sessions", Personal { status: 200 }),
        case("DELETE /v1/sessions/{id}", Personal { status: 404 }),
        case("POST /v1/email-verifications", Personal { status: 202 }).body(json!({})),
        case("POST /v1/invitations/accept", Personal { status: 403 }).body(json!({"token": victim.invited})),
        case("GET /v1/orgs", Personal { status: 200 }),
        case("POST /v1/orgs", Personal { status: 409 }).body(json!({"slug": victim.slug, "name": "Mine now"})),
        case("POST /v1/logout", Personal { status: 204 }),
    ]
}

fn org(victim: &Victim, case: Make<'_>) -> Vec<Case> {
    let own = |status| Reach::Org { own: status };
    vec![
        case("GET /v1/orgs/{org}", own(200)),
        case("PATCH /v1/orgs/{org}", own(200)).body(json!({"name": "Renamed"})),
        case("GET /v1/orgs/{org}/permissions", own(200)),
        case("GET /v1/orgs/{org}/members", own(200)),
        case("PATCH /v1/orgs/{org}/members/{user_id}", own(404)).body(json!({"roles": ["owner"]})),
        case("DELETE /v1/orgs/{org}/members/{user_id}", own(404)),
        case("GET /v1/orgs/{org}/invitations", own(200)),
        case("POST /v1/orgs/{org}/invitations", own(201))
            .body(json!({"email": "friend@elsewhere.example.com", "roles": ["admin"]})),
        case("DELETE /v1/orgs/{org}/invitations/{id}", own(404)),
        case("GET /v1/orgs/{org}/service-accounts", own(200)),
        case("POST /v1/orgs/{org}/service-accounts", own(201)).body(json!({"name": "vault-ci", "roles": ["admin"]})),
        case("GET /v1/orgs/{org}/service-accounts/{id}", own(404)),
        case("PATCH /v1/orgs/{org}/service-accounts/{id}", own(404)).body(json!({"roles": ["viewer"]})),
        case("DELETE /v1/orgs/{org}/service-accounts/{id}", own(404)),
        case("GET /v1/orgs/{org}/service-accounts/{id}/tokens", own(404)),
        case("POST /v1/orgs/{org}/service-accounts/{id}/tokens", own(404)).body(json!({"name": "mine"})),
        case(
            "DELETE /v1/orgs/{org}/service-accounts/{id}/tokens/{token_id}",
            own(404),
        ),
        case("GET /v1/orgs/{org}/service-accounts/{id}/sql-logins", own(404)),
        case("POST /v1/orgs/{org}/service-accounts/{id}/sql-logins", own(404)).body(json!({"name": "mine"})),
        case(
            "DELETE /v1/orgs/{org}/service-accounts/{id}/sql-logins/{login_id}",
            own(404),
        ),
        case("GET /v1/orgs/{org}/events", own(200)).query(format!("?subject={}", victim.pipeline)),
    ]
}

fn policies(victim: &Victim, case: Make<'_>) -> Vec<Case> {
    let own = |status| Reach::Org { own: status };
    let open = "permit (principal, action, resource);";
    let body =
        json!({"name": "vault-policy", "text": "forbid (principal, action == Action::\"bill:view\", resource);"});
    let question = json!({"action": "pipelines:view", "resource": victim.pipeline});
    vec![
        case("GET /v1/orgs/{org}/policies", own(200)),
        case("POST /v1/orgs/{org}/policies", own(201)).body(body.clone()),
        case("POST /v1/orgs/{org}/policies/check", own(200)).body(json!({"text": open})),
        case("GET /v1/orgs/{org}/policies/{id}", own(404)),
        case("PUT /v1/orgs/{org}/policies/{id}", own(404)).body(body),
        case("DELETE /v1/orgs/{org}/policies/{id}", own(404)),
        case("GET /v1/orgs/{org}/policies/{id}/versions", own(404)),
        case("POST /v1/orgs/{org}/policies/{id}/revert", own(404)).body(json!({"version": 1})),
        case("GET /v1/orgs/{org}/refusals", own(200)),
        case("GET /v1/orgs/{org}/roles", own(200)),
        case("GET /v1/orgs/{org}/signals", own(404)).query(format!("?principal={}", victim.program)),
        case("POST /v1/orgs/{org}/authorize", own(200)).body(json!({"questions": [question]})),
    ]
}

fn measured(victim: &Victim, case: Make<'_>) -> Vec<Case> {
    let own = |status| Reach::Org { own: status };
    let (from, to) = ("2025-12-31T00:00:00Z", "2026-01-02T00:00:00Z");
    let query = json!({"name": "vault_metric", "aggregate": "sum", "from": from, "to": to, "bucket_secs": 3600,
        "resource": victim.pipeline});
    let url = format!(
        "?name=vault_metric&aggregate=sum&from={from}&to={to}&bucket_secs=3600&resource={}",
        victim.pipeline
    );
    vec![
        case("GET /v1/orgs/{org}/bill", own(200)).query(format!("?resource={}", victim.pipeline)),
        case("GET /v1/orgs/{org}/usage", own(200)).query(format!("?resource={}", victim.pipeline)),
        case("POST /v1/orgs/{org}/usage", own(422)).body(usage(victim)),
        case("POST /v1/orgs/{org}/metrics", own(422)).body(points(victim)),
        case("POST /v1/orgs/{org}/metrics/query", own(200)).body(query),
        case("GET /v1/orgs/{org}/metrics/query", own(200)).query(url),
    ]
}

fn usage(victim: &Victim) -> Value {
    json!({"records": [{"source": "s", "id": "1", "meter": "rows_copied", "resource": victim.pipeline,
        "quantity": "1000000", "at": "2026-01-01T00:00:00Z"}]})
}

fn points(victim: &Victim) -> Value {
    json!({"points": [{"name": "vault_metric", "resource": victim.pipeline, "at": "2026-01-01T01:00:00Z", "value": 1.0}]})
}

fn resources(case: Make<'_>) -> Vec<Case> {
    let own = |status| Reach::Org { own: status };
    let patch = json!({"properties": {"taken": "over"}});
    vec![
        case("GET /v1/orgs/{org}/connections", own(200)).query("?deleted=true".to_owned()),
        case("POST /v1/orgs/{org}/connections", own(201)).body(named("vault-source", files("mine"))),
        case("GET /v1/orgs/{org}/connections/{key}", own(404)),
        case("PUT /v1/orgs/{org}/connections/{key}", own(404)).body(json!({"spec": files("mine")})),
        case("PATCH /v1/orgs/{org}/connections/{key}", own(404)).body(patch.clone()),
        case("DELETE /v1/orgs/{org}/connections/{key}", own(404)),
        case("POST /v1/orgs/{org}/connections/{key}/undelete", own(404)),
        // Not a valid spec, so that in one's own org no agent is asked.
        case("POST /v1/orgs/{org}/connections/actions/{action}", own(422)).body(json!({"spec": {}})),
        case("POST /v1/orgs/{org}/connections/{key}/actions/{action}", own(404)).body(json!({})),
        case("GET /v1/orgs/{org}/pipelines", own(200)).query("?deleted=true".to_owned()),
        case("POST /v1/orgs/{org}/pipelines", own(422)).body(named("vault-pipe", copy("own-source", "vault-sink"))),
        case("GET /v1/orgs/{org}/pipelines/{key}", own(404)),
        case("PUT /v1/orgs/{org}/pipelines/{key}", own(404)).body(json!({"spec": copy("own-source", "own-sink")})),
        case("PATCH /v1/orgs/{org}/pipelines/{key}", own(404)).body(patch),
        case("DELETE /v1/orgs/{org}/pipelines/{key}", own(404)),
        case("POST /v1/orgs/{org}/pipelines/{key}/undelete", own(404)),
        case("POST /v1/orgs/{org}/pipelines/{key}/pause", own(404)),
        case("POST /v1/orgs/{org}/pipelines/{key}/resume", own(404)),
    ]
}

fn business(victim: &Victim, case: Make<'_>) -> Vec<Case> {
    use Reach::{Business, Development, Lease, Public};
    let claim = json!({"agent": "eve", "types": ["pipeline", "connection"], "capacity": 100});
    vec![
        case("GET /healthz", Public("balancers ask")),
        case("GET /readyz", Public("balancers ask")),
        case(
            "GET /metrics",
            Public("Prometheus asks; counts by route, nothing of an org"),
        ),
        case("GET /openapi.json", Public("the API is no secret")),
        case("GET /docs", Public("the API is no secret")),
        case("GET /v1/product", Public("what is sold is no secret")),
        case(
            "GET /v1/dev/outbox",
            Development("no mail server on a developer's machine"),
        ),
        case("PUT /v1/product", Business).body(json!({"product": {"name": "mine", "title": "Mine"}})),
        case("POST /v1/work/claim", Business).body(claim.clone()),
        case("POST /v1/work/claim-actions", Business).body(claim),
        case("POST /v1/work/actions/{id}/result", Business).body(json!({"token": "plinth_act_unknown", "result": {}})),
        case("GET /v1/work/self", Lease { status: 200 }),
        case("POST /v1/work/self/renew", Lease { status: 200 }).body(json!({})),
        case("PUT /v1/work/self/status", Lease { status: 204 })
            .body(json!({"observed_generation": 1, "status": {"state": "pending"}})),
        case("POST /v1/work/self/metrics", Lease { status: 422 }).body(points(victim)),
        case("POST /v1/work/self/usage", Lease { status: 422 }).body(usage(victim)),
        case("POST /v1/work/self/finalize", Lease { status: 409 }).body(json!({})),
        // The last one, since it ends the lease.
        case("POST /v1/work/self/release", Lease { status: 204 })
            .body(json!({"outcome": "done", "observed_generation": 1})),
    ]
}
