//! What policies cost: the same requests by somebody whom they restrict and by somebody whom they do not, and what one
//! row costs in SQL.
//!
//! 1,000 orgs with 100 pipelines and 20 policies each, and an org with 100,000 pipelines of which the restricted caller
//! may see 100. Through HTTP the two callers take turns on one connection each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use bytes::Bytes;
use http::{Method, StatusCode};
use plinth_model::Product;
use plinth_policy::role::STANDARD;
use plinth_policy::vocabulary::Labels;
use plinth_policy::{Decider, Policy, Question, Vocabulary};
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::http::Connection;
use crate::report::{Limit, Verdict, median, setting};
use crate::stage::{CELL, Server, Stage};
use crate::tenant::{self, Tenant};

const ORGS: u64 = 1_000;
const MANY: i64 = 100_000;
const FEW: usize = 100;

/// Pipelines as in the bench of lists, with two properties; without triggers, since their events are not measured.
const FILL: &str = r#"
set session_replication_role = replica;
insert into plinth.resources (org_id, id, type, name, properties, spec, status, created_by, created_at, updated_at)
select '$ORG', gen_random_uuid(), 'pipeline', 'pipeline-' || number,
    jsonb_build_object('team', case when number <= $RARE then 'rare' else 'data' end, 'environment', 'production'),
    '{"source": {"connection": "shop", "tables": [{"name": "public.customers"}, {"name": "public.orders"}]},
      "destination": {"connection": "warehouse", "schema": "copied"}, "mode": "incremental", "interval_secs": 10}',
    '{"state": "streaming", "tables": [
      {"name": "public.customers", "state": "streaming", "rows": 10000, "bytes": 734003, "rows_total": 10000}]}',
    '{"type": "user", "id": "user_01jd0000000000000000000000", "name": "ann@example.com"}', at, at
from generate_series(1, $COUNT) as number, lateral (select now() - random() * interval '90 days' as at) as instant;
insert into plinth.resource_labels (org_id, label, resource_id)
select distinct r.org_id, plinth.label(p.key, p.value), r.id
from plinth.resources r, jsonb_each_text(r.properties) as p (key, value) where r.org_id = '$ORG';
reset session_replication_role;
"#;

/// The other orgs are copies of the one that was made through the API.
const COPY_ORGS: &str = r#"
set session_replication_role = replica;
insert into plinth.orgs (org_id, slug, name, plan)
select gen_random_uuid(), 'org-' || number, 'Org ' || number, 'standard' from generate_series(1, $ORGS) as number;
insert into plinth.policies (org_id, id, name, text, created_by, updated_by)
select o.org_id, p.id, p.name, p.text, p.created_by, p.updated_by
from plinth.orgs o, plinth.policies p where o.slug like 'org-%' and p.org_id = '$ORG';
insert into plinth.policy_rows
select o.org_id, p.policy_id, p.class, p.number, p.permits, p.principal_kind, p.within, p.predicate,
    p.requires_property, p.requires_text, p.requires_attribute
from plinth.orgs o, plinth.policy_rows p where o.slug like 'org-%' and p.org_id = '$ORG';
insert into plinth.resources (org_id, id, type, name, properties, spec, status, created_by, created_at, updated_at)
select o.org_id, gen_random_uuid(), r.type, r.name, r.properties, r.spec, r.status, r.created_by, r.created_at, r.updated_at
from plinth.orgs o, plinth.resources r where o.slug like 'org-%' and r.org_id = '$ORG' and r.type = 'pipeline';
reset session_replication_role;
vacuum (freeze, analyze) plinth.resources;
vacuum (freeze, analyze) plinth.resource_labels;
vacuum (freeze, analyze) plinth.policies;
vacuum (freeze, analyze) plinth.policy_rows;
"#;

/// Twenty policies: one that lets the group do what is measured, nine that judge it as well, ten for others.
fn policies(team: &str) -> Vec<String> {
    let mut texts = vec![format!(
        r#"permit (principal in Group::"restricted", action in Action::"resources:*", resource)
           when {{ resource.properties has team && resource.properties.team == "{team}" }};"#
    )];
    for number in 0..9 {
        texts.push(format!(
            r#"forbid (principal in Group::"restricted", action in Action::"resources:*", resource)
               when {{ resource.properties has environment && resource.properties.environment == "secret-{number}" }};"#
        ));
    }
    for number in 0..10 {
        texts.push(format!(
            r#"permit (principal in Group::"team-{number}", action in Action::"resources:*", resource)
               when {{ resource.properties has team && resource.properties.team == "team-{number}" }};"#
        ));
    }
    texts
}

/// An org, and two who ask in it.
struct Setting {
    tenant: Tenant,
    free: Connection,
    restricted: Connection,
    restricted_account: String,
}

async fn set_up(server: SocketAddr, tenant: Tenant, team: &str) -> Result<Setting> {
    let mut owner = Connection::open(server, &tenant.owner).await?;
    for (number, text) in policies(team).into_iter().enumerate() {
        let body = json!({"name": format!("policy-{number}"), "text": text});
        owner.call(Method::POST, &tenant.path("policies"), &body).await?;
    }
    let account = json!({"name": "restricted", "roles": ["billing"], "groups": ["restricted"]});
    let account = owner
        .call(Method::POST, &tenant.path("service-accounts"), &account)
        .await?;
    let account = account["id"].as_str().context("an id")?.to_owned();
    let tokens = tenant.path(&format!("service-accounts/{account}/tokens"));
    let token = owner.call(Method::POST, &tokens, &json!({"name": "bench"})).await?;
    Ok(Setting {
        free: Connection::open(server, &tenant.token).await?,
        restricted: Connection::open(server, token["token"].as_str().context("a token")?).await?,
        restricted_account: account,
        tenant,
    })
}

async fn fill(admin: &Client, statements: &str, replace: &[(&str, String)]) -> Result<()> {
    let mut statements = statements.to_owned();
    for (name, value) in replace {
        statements = statements.replace(name, value);
    }
    for statement in statements.split_inclusive(";\n") {
        admin.batch_execute(statement).await?;
    }
    Ok(())
}

pub async fn run() -> Result<Vec<Verdict>> {
    let stage = Stage::open().await?;
    let server = Server::start(&stage).await?;
    let admin = stage.connect(CELL).await?;
    let mut tenants = tenant::create(&stage, &server, 2).await?.into_iter();
    let (small, large) = (tenants.next().context("an org")?, tenants.next().context("an org")?);
    let mut small = set_up(server.address, small, "data").await?;
    let mut large = set_up(server.address, large, "rare").await?;
    for (setting, count, rare) in [(&small, 100, 0), (&large, MANY, FEW as i64)] {
        let replace = [
            ("$ORG", setting.tenant.id.to_string()),
            ("$COUNT", count.to_string()),
            ("$RARE", rare.to_string()),
        ];
        fill(&admin, FILL, &replace).await?;
    }
    let replace = [("$ORGS", ORGS.to_string()), ("$ORG", small.tenant.id.to_string())];
    fill(&admin, COPY_ORGS, &replace).await?;
    let mut verdicts = small.requests().await?;
    verdicts.push(large.few_of_many().await?);
    verdicts.push(large.hidden_or_absent().await?);
    verdicts.push(row(&stage, &large).await?);
    verdicts.push(decision()?);
    drop(server);
    stage.close().await?;
    Ok(verdicts)
}

/// How long a request takes, in microseconds; it must succeed.
async fn timed(connection: &mut Connection, method: &Method, path: &str, body: &Value) -> Result<(f64, Bytes)> {
    answered(connection, StatusCode::OK, method, path, body).await
}

/// How long a request takes, in microseconds; it must be answered so.
async fn answered(
    connection: &mut Connection,
    expected: StatusCode,
    method: &Method,
    path: &str,
    body: &Value,
) -> Result<(f64, Bytes)> {
    let body = if body.is_null() {
        Bytes::new()
    } else {
        Bytes::from(body.to_string())
    };
    let began = Instant::now();
    let (status, answer) = connection.exchange(method.clone(), path, body).await?;
    let micros = began.elapsed().as_secs_f64() * 1e6;
    ensure!(
        status == expected,
        "{method} {path}: {status} {}",
        String::from_utf8_lossy(&answer)
    );
    Ok((micros, answer))
}

fn items(answer: &[u8]) -> Result<usize> {
    let answer: Value = serde_json::from_slice(answer)?;
    Ok(answer["items"].as_array().context("a list")?.len())
}

const WARM_UP: usize = 100;

impl Setting {
    /// The medians of the two callers, who take turns.
    async fn compare(
        &mut self,
        count: usize,
        method: &Method,
        path: &str,
        body: impl Fn(usize) -> Value,
    ) -> Result<(f64, f64)> {
        let (mut free, mut restricted) = (Vec::new(), Vec::new());
        for number in 0..count + WARM_UP {
            let (one, two) = if number % 2 == 0 {
                let one = timed(&mut self.free, method, path, &body(2 * number)).await?.0;
                (
                    one,
                    timed(&mut self.restricted, method, path, &body(2 * number + 1))
                        .await?
                        .0,
                )
            } else {
                let two = timed(&mut self.restricted, method, path, &body(2 * number)).await?.0;
                (timed(&mut self.free, method, path, &body(2 * number + 1)).await?.0, two)
            };
            if number >= WARM_UP {
                free.push(one);
                restricted.push(two);
            }
        }
        Ok((median(&free), median(&restricted)))
    }

    async fn requests(&mut self) -> Result<Vec<Verdict>> {
        let count = usize::try_from(setting("BENCH_QUERIES", 4_000) / 4).unwrap_or(1_000);
        let list = self.tenant.path("pipelines?limit=100&filter=properties.team%3Ddata");
        for connection in [&mut self.free, &mut self.restricted] {
            let (_, answer) = timed(connection, &Method::GET, &list, &Value::Null).await?;
            ensure!(items(&answer)? == 100, "the page has {} items", items(&answer)?);
        }
        let one = self.tenant.path("pipelines/pipeline-7");
        let patch = |number: usize| json!({"properties": {"team": "data", "step": number.to_string()}});
        let requests: [(&str, Method, &str, bool, f64); 3] = [
            ("list of 100", Method::GET, &list, false, 1.5),
            ("get", Method::GET, &one, false, 1.15),
            ("update", Method::PATCH, &one, true, 1.15),
        ];
        let mut verdicts = Vec::new();
        for (name, method, path, writes, limit) in requests {
            let body = |number| if writes { patch(number) } else { Value::Null };
            let (free, restricted) = self.compare(count, &method, path, body).await?;
            println!("{name}: unrestricted {free:.0} us, restricted {restricted:.0} us");
            let what = format!("{name} by HTTP, restricted by 20 policies ({restricted:.0} us) to unrestricted");
            verdicts.push(Verdict::ratio(what, restricted / free, Limit::AtMost(limit)));
        }
        Ok(verdicts)
    }

    async fn few_of_many(&mut self) -> Result<Verdict> {
        let path = self.tenant.path("pipelines?limit=100&sort=-updated_at");
        let (_, answer) = timed(&mut self.restricted, &Method::GET, &path, &Value::Null).await?;
        let found = items(&answer)?;
        ensure!(found == FEW, "{found} of {FEW} are found");
        let (free, restricted) = self.compare(200, &Method::GET, &path, |_| Value::Null).await?;
        println!("{FEW} of {MANY}: unrestricted first page {free:.0} us, the visible ones {restricted:.0} us");
        let what = format!("list of the {FEW} visible of {MANY} ({restricted:.0} us) to an unrestricted first page");
        Ok(Verdict::ratio(what, restricted / free, Limit::AtMost(5.0)))
    }

    /// Whether the time of a 404 tells what is hidden from what is not there.
    async fn hidden_or_absent(&mut self) -> Result<Verdict> {
        let count = usize::try_from(setting("BENCH_QUERIES", 4_000) / 2).unwrap_or(2_000);
        let (mut hidden, mut absent) = (Vec::new(), Vec::new());
        for number in 0..count + WARM_UP {
            // Another one each time: what is asked for often is found sooner.
            let place = FEW + 1 + number * 7;
            let mut asked = [("pipeline", &mut hidden), ("absentee", &mut absent)];
            if number % 2 == 1 {
                asked.reverse();
            }
            for (prefix, times) in asked {
                let path = self.tenant.path(&format!("pipelines/{prefix}-{place}"));
                let absence = StatusCode::NOT_FOUND;
                let (micros, _) = answered(&mut self.restricted, absence, &Method::GET, &path, &Value::Null).await?;
                if number >= WARM_UP {
                    times.push(micros);
                }
            }
        }
        let (hidden, absent) = (median(&hidden), median(&absent));
        println!("404: of what is hidden {hidden:.0} us, of what is not there {absent:.0} us");
        let what = "404 of what is hidden and of what is not there, the slower to the faster";
        Ok(Verdict::ratio(
            what,
            (hidden / absent).max(absent / hidden),
            Limit::AtMost(1.1),
        ))
    }
}

const TYPES: [&str; 2] = [
    include_str!("../../products/etl/types/connection.yaml"),
    include_str!("../../products/etl/types/pipeline.yaml"),
];
const DECISIONS: usize = 20_000;

/// Cedar's own decision about a pipeline, with what it takes to ask it, at twenty policies and the standard roles.
fn decision() -> Result<Verdict> {
    let types = TYPES.map(serde_yaml_ng::from_str::<Value>);
    let types = types
        .into_iter()
        .map(|read| Ok(serde_json::from_value(read?)?))
        .collect::<Result<_>>()?;
    let product = Product {
        types,
        ..Product::default()
    };
    let vocabulary = Arc::new(Vocabulary::new(&product, &Labels::default()));
    let roles = STANDARD
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
    let own = policies("data")
        .into_iter()
        .enumerate()
        .map(|(number, text)| (format!("policy-{number}"), text));
    let read = roles.chain(own).map(|(name, text)| {
        let policy = Policy::parse(&text, &vocabulary).map_err(|findings| anyhow!("{name}: {findings:?}"))?;
        Ok((name, policy))
    });
    let decider = Decider::new(Arc::clone(&vocabulary), read.collect::<Result<Vec<_>>>()?);
    let principal = json!({"uid": "ServiceAccount::sa_1", "id": "sa_1", "name": "restricted",
        "ancestors": ["Role::billing", "Group::restricted"], "attributes": {}});
    let row = json!({"id": "pipeline_1", "type": "pipeline", "name": "pipeline-7", "org": "org_1", "creator": "User::user_1",
        "properties": {"team": "data", "environment": "production"},
        "spec": {"source": {"connection": "shop"}, "destination": {"connection": "warehouse"}, "mode": "incremental"}});
    let context = json!({"time": 1_795_858_874_356_i64, "local": {"hour": 9, "minute": 41, "weekday": "saturday"},
        "ip": {"address": "192.0.2.7", "bits": "c0000207"}, "authentication": {"age_secs": 60, "strength": 1}, "risk": 0});
    let question = Question {
        principal: &principal,
        action: "pipelines:update",
        row: &row,
        context: &context,
    };
    let mut times = Vec::new();
    for _ in 0..DECISIONS {
        let began = Instant::now();
        let permitted = decider.permits(question)?;
        times.push(began.elapsed().as_secs_f64() * 1e6);
        ensure!(permitted, "it is not permitted");
    }
    Ok(Verdict {
        what: "decision in process at 20 policies".to_owned(),
        figure: median(&times),
        unit: " us",
        limit: Limit::AtMost(25.0),
    })
}

/// What the predicate costs for each row of the large org, by a statement that looks at all of them.
async fn row(stage: &Stage, large: &Setting) -> Result<Verdict> {
    let client = stage.connect(CELL).await?;
    client.batch_execute("set role plinth_api").await?;
    let account = tenant::uuid_of(&large.restricted_account)?;
    let actor = json!({"type": "service_account", "id": large.restricted_account, "name": "restricted"});
    let enter = "select set_config('plinth.org', $1, false), set_config('plinth.actor', $2, false),
        set_config('plinth.principal', $3, false)";
    // Nothing is read but what the predicate needs, and the same rows are counted by both.
    let count = client
        .prepare("select count(*) from plinth.resources where org_id = $1 and properties ->> 'team' = 'data'")
        .await?;
    let (mut free, mut restricted) = (Vec::new(), Vec::new());
    for _ in 0..setting("BENCH_ROUNDS", 5) * 2 {
        for (principal, times) in [
            ("plinth".to_owned(), &mut free),
            (format!("service_account:{account}"), &mut restricted),
        ] {
            let org = large.tenant.id.to_string();
            client.execute(enter, &[&org, &actor.to_string(), &principal]).await?;
            let began = Instant::now();
            client.query_one(&count, &[&large.tenant.id]).await?;
            times.push(began.elapsed().as_secs_f64() * 1e6);
        }
    }
    let (free, restricted) = (median(&free), median(&restricted));
    println!("{MANY} rows: without a predicate {free:.0} us, with it {restricted:.0} us");
    Ok(Verdict {
        what: "predicate of 20 policies in SQL, a row".to_owned(),
        figure: (restricted - free) / MANY as f64,
        unit: " us",
        limit: Limit::AtMost(2.0),
    })
}
