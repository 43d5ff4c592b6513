//! Circumstances that the server fills in: where a request comes from, the org's clocks, and how unusual it is. Policies
//! that ask for them hold for the API and for SQL logins alike.

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plinth_control::country::Loader;
use plinth_control::{Countries, housekeeping};
use plinth_testkit::app::{self, Answer, Client, Org, PASSWORD, Person, ServiceAccount, Setup, TestApp, wait_until};
use plinth_testkit::mmdb;
use serde_json::{Value, json};
use tokio_postgres::Client as Sql;

use crate::etl::{each, pointers, text};
use crate::sql_access::{column, connect, furnish, harden, names, opened};

const GERMAN: &str = "203.0.113.7";
const FRENCH: &str = "198.51.100.7";
const NETWORKS: [(&str, &str); 2] = [("203.0.113.0/24", "DE"), ("198.51.100.0/24", "FR")];
const CONNECTIONS: &str = "select name from connections order by name";

/// A server that knows two networks, and believes what a request says of its address.
async fn start() -> TestApp {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countries.mmdb");
    write(&file, &NETWORKS, 0);
    start_with(&file).await
}

/// Of a moment that many seconds from now.
fn write(file: &Path, networks: &[(&str, &str)], secs: i64) {
    std::fs::write(file, mmdb::countries(networks)).unwrap();
    let at = Timestamp::now() + SignedDuration::from_secs(secs);
    let file = std::fs::File::options().write(true).open(file).unwrap();
    file.set_modified(at.into()).unwrap();
}

/// The networks that are known in any case, and those from which the SQL connections of tests come.
fn with_loopback(country: &str) -> Vec<(&str, &str)> {
    [&NETWORKS[..], &[("127.0.0.0/8", country)]].concat()
}

async fn start_with(file: &Path) -> TestApp {
    let app = app::start_with(Setup {
        countries: Some(Countries::open(file).unwrap()),
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Setup::default()
    })
    .await;
    harden(&app).await;
    app
}

async fn get_from(client: &Client, address: &str, path: &str) -> Answer {
    client.call("GET", path).header("x-forwarded-for", address).send().await
}

/// The names of the connections that somebody sees from an address.
async fn seen_from(client: &Client, org: &Org<'_>, address: &str) -> Vec<String> {
    names(&get_from(client, address, &org.path("/connections")).await.expect(200))
}

/// Nobody sees connections when this is so.
async fn forbid(org: &Org<'_>, name: &str, when: Value) {
    let statement =
        json!({"effect": "forbid", "subject": "everybody", "actions": ["connections:view"], "when": [when]});
    let policy = json!({"name": name, "statements": [statement]});
    let made = org.owner.client.post(&org.path("/policies"), policy).await.expect(201);
    assert_eq!(made["statements"][0]["when"], json!([when]), "the form is read back");
}

/// What an owner sees of the signals of a principal.
async fn signals(org: &Org<'_>, principal: &str) -> Value {
    let path = org.path(&format!("/signals?principal={principal}"));
    org.owner.client.get(&path).await.expect(200)
}

fn kinds(signals: &Value) -> Vec<String> {
    let mut kinds: Vec<String> = each(signals, "kind").into_iter().map(text).collect();
    kinds.sort();
    kinds
}

fn both() -> Vec<String> {
    vec!["sink".to_owned(), "source".to_owned()]
}

#[tokio::test]
async fn a_token_that_is_used_elsewhere_is_a_risk_for_the_api_and_for_sql_until_it_has_passed() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    forbid(&org, "no-risk", json!({"risk_at_least": 70})).await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    // The first place of all is not new.
    assert_eq!(seen_from(&account.client, &org, GERMAN).await, both());
    assert_eq!(column(&sql, CONNECTIONS).await, both());
    assert_eq!(
        signals(&org, &account.id).await["risk"],
        json!({"score": 0, "parts": []})
    );

    // Another network in another country: from that request on.
    assert!(seen_from(&account.client, &org, FRENCH).await.is_empty());
    assert!(column(&sql, CONNECTIONS).await.is_empty());
    assert!(seen_from(&account.client, &org, FRENCH).await.is_empty());
    assert!(
        seen_from(&account.client, &org, GERMAN).await.is_empty(),
        "the account is at risk, not the address"
    );
    let noted = signals(&org, &account.id).await;
    assert_eq!(kinds(&noted), ["new_country", "new_network"]);
    assert_eq!(noted["risk"]["score"], 80);
    let parts: Vec<&Value> = noted["risk"]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["points"])
        .collect();
    assert_eq!(parts, [40, 40]);
    let network = noted["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "new_network")
        .unwrap();
    assert_eq!(
        network["principal"],
        json!({"type": "service_account", "id": account.id, "name": "reports"})
    );
    let detail = json!({"address": FRENCH, "network": "198.51.100.0/24", "country": "FR"});
    assert_eq!((&network["detail"], &network["weight"]), (&detail, &json!(40)));

    // A day later.
    let admin = app.store.cell.admin().await;
    let pass = "update plinth.signals set counts_until = now()";
    assert_eq!(admin.execute(pass, &[]).await.unwrap(), 2);
    assert_eq!(column(&sql, CONNECTIONS).await, both());
    wait_until("the server looks again", || async {
        (seen_from(&account.client, &org, FRENCH).await == both()).then_some(())
    })
    .await;
    let passed = signals(&org, &account.id).await;
    assert_eq!(passed["risk"]["score"], 0);
    assert_eq!(kinds(&passed).len(), 2, "the history stays");
}

#[tokio::test]
async fn a_sql_connection_from_a_new_network_counts_at_once_and_is_noted() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    forbid(&org, "no-risk", json!({"risk_at_least": 40})).await;
    let (known, unknown) = (
        org.service_account("known", "viewer").await,
        org.service_account("unknown", "viewer").await,
    );
    assert_eq!(seen_from(&known.client, &org, GERMAN).await, both());
    let session = async |account: &ServiceAccount| connect(&opened(&org, account, 3600).await).await;
    let (of_known, of_unknown) = (session(&known).await, session(&unknown).await);
    assert!(column(&of_known, CONNECTIONS).await.is_empty());
    assert_eq!(column(&of_unknown, CONNECTIONS).await, both(), "its first network");
    assert_eq!(
        signals(&org, &known.id).await["items"],
        json!([]),
        "a statement notes nothing"
    );

    housekeeping::step(&app.control).await.unwrap();
    let noted = signals(&org, &known.id).await;
    assert_eq!(
        (kinds(&noted), &noted["risk"]["score"]),
        (vec!["new_network".to_owned()], &json!(40))
    );
    assert_eq!(noted["items"][0]["detail"]["network"], "127.0.0.0/24");
    assert!(column(&of_known, CONNECTIONS).await.is_empty());
    assert_eq!(signals(&org, &unknown.id).await["risk"]["score"], 0);
    // Its first network is known by now: the API from elsewhere is new.
    assert!(seen_from(&unknown.client, &org, FRENCH).await.is_empty());
    assert!(column(&of_unknown, CONNECTIONS).await.is_empty());
}

#[tokio::test]
async fn a_policy_on_countries_asks_where_the_address_is() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let viewer = org.member("viewer").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    assert_eq!(column(&sql, CONNECTIONS).await, both());
    forbid(&org, "only-germany", json!({"outside_countries": ["DE"]})).await;
    assert_eq!(seen_from(&viewer.client, &org, GERMAN).await, both());
    for outside in [FRENCH, "192.0.2.1"] {
        assert!(seen_from(&viewer.client, &org, outside).await.is_empty(), "{outside}");
    }
    assert!(
        column(&sql, CONNECTIONS).await.is_empty(),
        "nobody knows where loopback is: it is outside"
    );

    // Questions may suppose where somebody is, and how unusual that is.
    forbid(&org, "no-risk", json!({"risk_at_least": 70})).await;
    let allowed = async |context: Value| {
        let question = json!({"action": "connections:view", "resource": "source", "context": context});
        let body = json!({"principal": viewer.id, "questions": [question]});
        let answers = org.owner.client.call("POST", &org.path("/authorize")).json(&body);
        let answers = answers.header("x-forwarded-for", GERMAN).send().await.expect(200);
        answers["answers"][0]["allowed"].as_bool().unwrap()
    };
    assert!(allowed(json!({"country": "DE"})).await);
    assert!(allowed(json!({"ip": GERMAN})).await);
    assert!(allowed(json!({"country": "DE", "risk": 69})).await);
    assert!(!allowed(json!({"country": "DE", "risk": 70})).await);
    assert!(!allowed(json!({"ip": GERMAN, "country": "FR"})).await);
    assert!(!allowed(json!({})).await);
}

#[tokio::test]
async fn a_policy_on_countries_asks_where_a_sql_connection_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countries.mmdb");
    write(&file, &with_loopback("NL"), 0);
    let app = start_with(&file).await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let account = org.service_account("reports", "viewer").await;
    let text = "forbid (principal, action == Action::\"connections:view\", resource)
        unless { context has country && context.country == \"NL\" };";
    let policy = json!({"name": "only-netherlands", "text": text});
    org.owner.client.post(&org.path("/policies"), policy).await.expect(201);
    let sql = connect(&opened(&org, &account, 3600).await).await;
    wait_until("the countries are loaded", || async {
        (column(&sql, CONNECTIONS).await == both()).then_some(())
    })
    .await;
    assert!(seen_from(&account.client, &org, GERMAN).await.is_empty());
    // As for the API from there.
    assert_eq!(seen_from(&account.client, &org, "127.0.0.1").await, both());

    // With the next statement, when the file has changed.
    write(&file, &with_loopback("BE"), 60);
    Loader::new(&app.control).unwrap().step().await;
    assert!(column(&sql, CONNECTIONS).await.is_empty());
    sql.batch_execute("set plinth.context = '{\"country\": \"NL\"}'")
        .await
        .unwrap();
    assert!(
        column(&sql, CONNECTIONS).await.is_empty(),
        "what the session says is not asked"
    );
    assert!(seen_from(&account.client, &org, "127.0.0.1").await.is_empty());
}

#[tokio::test]
async fn a_sql_connection_from_a_new_country_counts_at_once_and_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countries.mmdb");
    write(&file, &with_loopback("NL"), 0);
    let app = start_with(&file).await;
    // So that nothing is noted before.
    Loader::new(&app.control).unwrap().step().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let (known, unknown) = (
        org.service_account("known", "viewer").await,
        org.service_account("unknown", "viewer").await,
    );
    // With a network alone it would be 40.
    forbid(&org, "no-risk", json!({"risk_at_least": 80})).await;
    assert_eq!(seen_from(&known.client, &org, GERMAN).await, both());
    let of_known = connect(&opened(&org, &known, 3600).await).await;
    let of_unknown = connect(&opened(&org, &unknown, 3600).await).await;
    let loaded = async || column(&of_known, CONNECTIONS).await.is_empty().then_some(());
    wait_until("the countries are loaded", loaded).await;
    assert_eq!(column(&of_unknown, CONNECTIONS).await, both(), "its first country");

    housekeeping::step(&app.control).await.unwrap();
    let noted = signals(&org, &known.id).await;
    assert_eq!(kinds(&noted), ["new_country", "new_network"]);
    assert_eq!(noted["risk"]["score"], 80);
    let items = noted["items"].as_array().unwrap();
    let of = |kind: &str| items.iter().find(|one| one["kind"] == kind).unwrap()["detail"].clone();
    assert_eq!(of("new_country"), json!({"address": "127.0.0.1", "country": "NL"}));
    let network = json!({"address": "127.0.0.1", "country": "NL", "network": "127.0.0.0/24"});
    assert_eq!(of("new_network"), network);
    assert_eq!(signals(&org, &unknown.id).await["items"], json!([]));
    // Its country is known by now: the API from elsewhere is new.
    assert!(seen_from(&unknown.client, &org, FRENCH).await.is_empty());
    assert_eq!(kinds(&signals(&org, &unknown.id).await), ["new_country", "new_network"]);
}

#[tokio::test]
async fn without_a_file_of_countries_a_policy_that_asks_for_them_is_refused() {
    let app = app::start().await;
    let org = app.org("acme").await;
    let statement = json!({"effect": "forbid", "subject": "everybody", "actions": ["view"], "when": [{"outside_countries": ["DE"]}]});
    let policy = json!({"name": "only-germany", "statements": [statement]});
    let refused = org.owner.client.post(&org.path("/policies"), policy).await;
    let problem = refused.problem(422, "validation_failed");
    assert_eq!(pointers(&problem), ["/statements/0/when/0/outside_countries"]);
    let message = text(&problem["errors"][0]["hint"]);
    assert!(message.contains("`country_file`"), "{message}");
}

#[tokio::test]
async fn hours_are_those_of_the_clocks_of_the_org() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let owner = &org.owner.client;
    assert_eq!(owner.get(&org.path("")).await.expect(200)["time_zone"], "UTC");
    let account = org.service_account("reports", "viewer").await;
    let viewer = org.member("viewer").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    // Never the hour that it is in UTC, nor the one after that.
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let hour = Timestamp::now().to_zoned(zone).hour();
    let text = format!(
        "forbid (principal, action == Action::\"connections:view\", resource) when {{ [{hour}, {}].contains(context.local.hour) }};",
        (hour + 1) % 24
    );
    owner
        .post(&org.path("/policies"), json!({"name": "not-now", "text": text}))
        .await
        .expect(201);
    assert_eq!(column(&sql, CONNECTIONS).await, both());
    assert_eq!(seen_from(&viewer.client, &org, GERMAN).await, both());

    let changed = owner
        .patch(&org.path(""), json!({"time_zone": "asia/kolkata"}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["time_zone"], &changed["name"]),
        (&json!("Asia/Kolkata"), &json!("The acme company"))
    );
    assert!(column(&sql, CONNECTIONS).await.is_empty());
    assert!(seen_from(&viewer.client, &org, GERMAN).await.is_empty());

    for wrong in [
        "Mars/Olympus",
        "",
        "UTC+3",
        "../etc/passwd",
        "Asia/Kolkata\u{0}",
        "localtime",
        "Factory",
        "posixrules",
        "posix/Asia/Kolkata",
        "right/UTC",
    ] {
        let refused = owner.patch(&org.path(""), json!({"time_zone": wrong})).await;
        assert_eq!(
            pointers(&refused.problem(422, "validation_failed")),
            ["/time_zone"],
            "{wrong}"
        );
    }
    let refused = viewer.client.patch(&org.path(""), json!({"time_zone": "UTC"})).await;
    refused.problem(403, "forbidden");
    let kept = owner.patch(&org.path(""), json!({"name": "Acme"})).await.expect(200);
    assert_eq!(
        (&kept["time_zone"], &kept["name"]),
        (&json!("Asia/Kolkata"), &json!("Acme"))
    );
}

async fn log_in(app: &TestApp, person: &Person, password: &str, agent: &str) -> Answer {
    let body = json!({"email": person.email, "password": password});
    let call = app.anonymous().call("POST", "/v1/login").header("user-agent", agent);
    call.header("x-forwarded-for", GERMAN).json(&body).send().await
}

#[tokio::test]
async fn what_is_unusual_about_the_logins_of_a_member_is_told_to_its_orgs() {
    let app = start().await;
    let org = app.org("acme").await;
    furnish(&org).await;
    let viewer = org.member("viewer").await;
    forbid(&org, "no-risk", json!({"risk_at_least": 70})).await;
    assert_eq!(seen_from(&viewer.client, &org, GERMAN).await, both());
    // The same program in a newer version.
    log_in(&app, &viewer, PASSWORD, "plinth-test/9.1").await.expect(200);
    assert_eq!(signals(&org, &viewer.id).await["items"], json!([]));

    for _ in 0..5 {
        log_in(&app, &viewer, "a wrong password", "curl/8")
            .await
            .problem(401, "unauthenticated");
    }
    let failed = wait_until("the failures are told", || async {
        Some(signals(&org, &viewer.id).await).filter(|noted| kinds(noted).len() == 5)
    })
    .await;
    assert_eq!(kinds(&failed), ["failed_login"; 5]);
    assert_eq!(
        failed["risk"]["score"], 40,
        "anybody can type wrong passwords: alone they are not enough"
    );
    let detail = json!({"address": GERMAN, "country": "DE", "device": "curl/8"});
    assert_eq!(failed["items"][0]["detail"], detail);
    assert_eq!(seen_from(&viewer.client, &org, GERMAN).await, both());

    // With one that succeeds they are: already its first request is refused, and those of others by then.
    let session = log_in(&app, &viewer, PASSWORD, "Mozilla/5.0 (X11)").await.expect(200);
    let session = app.bearer(&text(&session["token"]));
    assert!(seen_from(&session, &org, GERMAN).await.is_empty());
    assert!(seen_from(&viewer.client, &org, GERMAN).await.is_empty());
    let noted = signals(&org, &viewer.id).await;
    assert_eq!(
        (&noted["risk"]["score"], &noted["items"][0]["kind"]),
        (&json!(70), &json!("new_device"))
    );
    assert_eq!(log_in(&app, &viewer, PASSWORD, "Mozilla/6.1 (X11)").await.status, 200);
    assert_eq!(kinds(&signals(&org, &viewer.id).await).len(), 6, "known by now");
}

#[tokio::test]
async fn where_a_member_was_is_known_to_that_org_alone() {
    let app = start().await;
    let (acme, globex) = (app.org("acme").await, app.org("globex").await);
    let bob = acme.member("developer").await;
    let invitation = json!({"email": bob.email, "roles": ["developer"]});
    let invited = globex.owner.client.post(&globex.path("/invitations"), invitation).await;
    invited.expect(201);
    let token = app.mailed_token(&bob.email, "invite").await;
    let accepted = bob.client.post("/v1/invitations/accept", json!({"token": token})).await;
    accepted.expect(200);

    for address in [GERMAN, FRENCH] {
        get_from(&bob.client, address, &acme.path("")).await.expect(200);
    }
    get_from(&bob.client, FRENCH, &globex.path("")).await.expect(200);
    // That somebody tries his password concerns both.
    let failed = log_in(&app, &bob, "a wrong password", "curl/8").await;
    failed.problem(401, "unauthenticated");
    let told = async |org: &Org<'_>| {
        wait_until("the org is told", || async {
            let noted = kinds(&signals(org, &bob.id).await);
            noted.contains(&"failed_login".to_owned()).then_some(noted)
        })
        .await
    };
    assert_eq!(told(&acme).await, ["failed_login", "new_country"]);
    assert_eq!(told(&globex).await, ["failed_login"]);

    // And nothing to those who are not in the org.
    let path = acme.path("/signals");
    globex.owner.client.get(&path).await.problem(404, "not_found");
    for unknown in [globex.owner.id.as_str(), "user_01jd0000000000000000000000"] {
        let asked = acme.owner.client.get(&format!("{path}?principal={unknown}")).await;
        asked.problem(404, "not_found");
    }
    let malformed = acme.owner.client.get(&format!("{path}?principal=bob")).await;
    malformed.problem(400, "invalid_request");
}

#[tokio::test]
async fn signals_are_for_those_who_see_policies_and_principals() {
    let app = start().await;
    let org = app.org("acme").await;
    let bob = org.member("developer").await;
    let account = org.service_account("ci", "viewer").await;
    for address in [GERMAN, FRENCH] {
        get_from(&bob.client, address, &org.path("")).await.expect(200);
        get_from(&account.client, address, &org.path("")).await.expect(200);
    }
    // Page by page, newest first.
    let path = org.path("/signals");
    let owner = &org.owner.client;
    let first = owner.get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!(
        (first["items"].as_array().unwrap().len(), &first["risk"]),
        (1, &Value::Null)
    );
    let next = format!("{path}?limit=2&cursor={}", text(&first["next"]));
    let second = owner.get(&next).await.expect(200);
    let mut all = [kinds(&first), kinds(&second)].concat();
    all.sort();
    assert_eq!(all, ["new_country", "new_country", "new_network"]);
    assert_eq!(
        (&second["next"], &second["items"][1]["principal"]["id"]),
        (&Value::Null, &json!(bob.id))
    );

    let viewer = org.member("viewer").await;
    let refused = viewer.client.get(&path).await.problem(403, "forbidden");
    assert_eq!(refused["permission"], "policies:view");

    // Who may not see a member sees nothing of him, and the rest.
    let hide = "forbid (principal in Role::\"admin\", action == Action::\"members:view\", resource)
        when { resource has name && resource.name like \"developer*\" };";
    let hide = owner
        .post(&org.path("/policies"), json!({"name": "hide", "text": hide}))
        .await;
    hide.expect(201);
    let admin = org.member("admin").await;
    let seen = admin.client.get(&path).await.expect(200);
    assert_eq!(kinds(&seen), ["new_country", "new_network"]);
    let asked = admin.client.get(&format!("{path}?principal={}", bob.id)).await;
    asked.problem(404, "not_found");
}

/// The signals that an account sees by SQL, which are those that the API shows it.
async fn seen_both_ways(org: &Org<'_>, account: &ServiceAccount, sql: &Sql) -> Vec<Value> {
    let select = "select jsonb_build_object('principal', principal, 'kind', kind, 'detail', detail, 'weight', weight,
        'at', (extract(epoch from at) * 1000000)::bigint,
        'until', (extract(epoch from counts_until) * 1000000)::bigint)::text from signals order by principal, kind";
    let rows = column(sql, select).await;
    let by_sql: Vec<Value> = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let micros = |at: &Value| text(at).parse::<Timestamp>().unwrap().as_microsecond();
    let answer = account.client.get(&org.path("/signals?limit=500")).await;
    let items = answer.body["items"].as_array().cloned().unwrap_or_default();
    let shown = |item: &Value| {
        json!({
            "principal": item["principal"]["id"], "kind": item["kind"], "detail": item["detail"],
            "weight": item["weight"], "at": micros(&item["at"]), "until": micros(&item["counts_until"]),
        })
    };
    let mut by_api: Vec<Value> = items.iter().map(shown).collect();
    by_api.sort_by_key(|signal| (text(&signal["principal"]), text(&signal["kind"])));
    assert_eq!(by_sql, by_api);
    by_sql
}

#[tokio::test]
async fn sql_shows_the_signals_that_the_api_shows() {
    let app = start().await;
    let (org, other) = (app.org("acme").await, app.org("globex").await);
    let bob = org.member("developer").await;
    let ci = org.service_account("ci", "viewer").await;
    let stranger = other.service_account("reports", "owner").await;
    for address in [GERMAN, FRENCH] {
        for client in [&bob.client, &ci.client] {
            get_from(client, address, &org.path("")).await.expect(200);
        }
    }
    let account = org.service_account("reports", "admin").await;
    let sql = connect(&opened(&org, &account, 3600).await).await;
    let of_stranger = connect(&opened(&other, &stranger, 3600).await).await;
    assert_eq!(seen_both_ways(&org, &account, &sql).await.len(), 3);
    assert!(seen_both_ways(&other, &stranger, &of_stranger).await.is_empty());

    // Whoever may not see a member, or service accounts, sees nothing of theirs.
    let owner = &org.owner.client;
    let add = async |name: &str, text: &str| {
        let policy = json!({"name": name, "text": text});
        owner.post(&org.path("/policies"), policy).await.expect(201);
    };
    add(
        "hide-bob",
        "forbid (principal in Role::\"admin\", action == Action::\"members:view\", resource)
         when { resource has name && resource.name like \"developer*\" };",
    )
    .await;
    let left = seen_both_ways(&org, &account, &sql).await;
    assert_eq!(left.len(), 2);
    assert!(
        left.iter().all(|signal| signal["principal"] == json!(ci.id)),
        "{left:?}"
    );
    add(
        "hide-ci",
        "forbid (principal in Role::\"admin\", action == Action::\"service-accounts:view\", resource)
         when { resource has name && resource.name == \"ci\" };",
    )
    .await;
    assert!(seen_both_ways(&org, &account, &sql).await.is_empty());

    // Nor does anybody who may not see policies, whomever else they see; an owner may at all times.
    let role = async |role: &str| {
        let path = org.path(&format!("/service-accounts/{}", account.id));
        owner.patch(&path, json!({"roles": [role]})).await.expect(200);
    };
    role("owner").await;
    assert_eq!(seen_both_ways(&org, &account, &sql).await.len(), 3);
    add(
        "no-policies",
        "forbid (principal, action == Action::\"policies:view\", resource);",
    )
    .await;
    assert_eq!(seen_both_ways(&org, &account, &sql).await.len(), 3);
    role("viewer").await;
    assert_eq!(column(&sql, "select count(*) from members").await, ["2"]);
    assert!(seen_both_ways(&org, &account, &sql).await.is_empty());

    // A principal that is gone is nobody's to see.
    role("owner").await;
    let path = org.path(&format!("/members/{}", bob.id));
    owner.delete(&path).await.expect(204);
    assert_eq!(seen_both_ways(&org, &account, &sql).await.len(), 2);
}
