//! What an operator does to an installation: prove its log, and change its key.

use plinth_testkit::postgres::private_server;
use plinth_testkit::sabotage;

use crate::installation::{Installation, NEW_KEY, OLD_KEY};
use crate::support::{eventually, said, said_to};

#[tokio::test]
async fn a_changed_event_is_found_and_named() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    installation.said("org create other").done();
    let verify = |line: &str| said(&mut installation.on_databases(line));
    let proven = eventually("the events are numbered", || {
        let said = verify("audit verify -o json").done();
        let findings: serde_json::Value = serde_json::from_str(&said).unwrap();
        let events = |slug: &str| {
            let found = findings.as_array().unwrap().iter().find(|one| one["slug"] == slug);
            found.and_then(|one| one["events"].as_i64())
        };
        (events("acme") > Some(1) && events("other") > Some(0)).then_some(findings)
    });
    let org = proven[0]["org"].as_str().unwrap();
    assert!(
        verify("audit verify")
            .done()
            .contains("2 organizations, all logs are as they were written")
    );

    sabotage::change_event(&installation.postgres.cluster.url("plinth_cell"), org, 2)
        .await
        .unwrap();
    let said = verify("audit verify");
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(
        said.err.contains(&format!("error: event {org}/2 of `acme`")),
        "{said:#?}"
    );
    assert!(said.out.contains("other") && said.out.contains("intact"), "{said:#?}");
    assert_eq!(verify("audit verify --org acme").code, Some(1));
    assert_eq!(verify(&format!("audit verify --org {org}")).code, Some(1));
    verify("audit verify --org other").done();
    let unknown = verify("audit verify --org nobody");
    assert_eq!(
        (unknown.code, unknown.err.trim()),
        (Some(1), "error: there is no organization `nobody`")
    );
}

#[tokio::test]
async fn a_key_is_changed_while_servers_go_on_and_then_not_needed_any_more() {
    let mut installation = Installation::start(&[]).await;
    installation.populate();
    let connection = installation.connection("db", "127.0.0.1");
    said_to(&mut installation.client("apply -f -"), &connection).done();
    opens(&installation);

    let both = [("PLINTH_KEY", NEW_KEY), ("PLINTH_PREVIOUS_KEY", OLD_KEY)];
    let rotate = |installation: &Installation| {
        let mut command = installation.on_databases("keys rotate");
        said(command.envs(both)).done()
    };
    installation.serve(&both);
    opens(&installation);
    let told = rotate(&installation);
    assert!(told.contains("1 data keys wrapped anew, 0 were already."), "{told}");
    let told = rotate(&installation);
    assert!(told.contains("0 data keys wrapped anew, 1 were already."), "{told}");
    opens(&installation);

    installation.serve(&[("PLINTH_KEY", NEW_KEY)]);
    opens(&installation);

    let mut lost = installation.on_databases("keys rotate");
    let wrong = "c3".repeat(32);
    lost.env("PLINTH_KEY", NEW_KEY);
    let none = said(&mut lost);
    assert!(
        none.err
            .contains("give the one that was in use before as --previous-key-file"),
        "{none:#?}"
    );
    // With keys that have nothing to do with it, nothing is changed, and the org is named.
    installation.serve(&[("PLINTH_KEY", &wrong), ("PLINTH_PREVIOUS_KEY", OLD_KEY)]);
    let mut lost = installation.on_databases("keys rotate");
    let lost = said(lost.env("PLINTH_KEY", &wrong).env("PLINTH_PREVIOUS_KEY", OLD_KEY));
    assert_eq!(lost.code, Some(1), "{lost:#?}");
    assert!(lost.err.contains("opens with neither key"), "{lost:#?}");
    installation.serve(&[("PLINTH_KEY", NEW_KEY)]);
    opens(&installation);
}

/// The connection's password reaches a worker, which logs in with it.
fn opens(installation: &Installation) {
    let mut worker = installation.worker();
    let told = installation.said("check connections db").done();
    assert!(told.contains("ok  PostgreSQL "), "{told}");
    worker.end();
}

#[tokio::test]
async fn a_worker_connects_to_no_host_of_its_own_network_unless_told_so() {
    let installation = Installation::start(&[]).await;
    installation.populate();
    let hosts = [
        ("v4", "127.0.0.1"),
        ("name", "localhost"),
        ("v6", "::1"),
        ("metadata", "169.254.169.254"),
    ];
    let documents: Vec<String> = hosts
        .iter()
        .map(|(name, host)| installation.connection(name, host))
        .collect();
    said_to(&mut installation.client("apply -f -"), &documents.join("---\n")).done();
    let pipeline = "{type: pipeline, name: inside, spec: {mode: snapshot, source: {connection: name}, \
        destination: {connection: v4, schema: copy}}}";
    said_to(&mut installation.client("apply -f -"), pipeline).done();
    let mut worker = installation.worker_with(&[]);
    for (name, host) in hosts {
        let said = installation.said(&format!("check connections {name}"));
        assert_eq!(said.code, Some(1), "{host}: {said:#?}");
        assert!(
            said.out.contains("is in a network that connections may not lead into"),
            "{host}: {said:#?}"
        );
    }
    let failed = installation
        .said("watch pipelines inside --until failed --timeout 60s -o json")
        .done();
    assert!(failed.contains("host_not_allowed"), "{failed}");
    worker.end();

    let allowed = [
        ("PLINTH_ALLOWED_NETWORKS", "127.0.0.0/8,::1"),
        ("PLINTH_DENIED_NETWORKS", "0.0.0.0/0,::/0"),
    ];
    let mut worker = installation.worker_with(&allowed);
    for name in ["v4", "name"] {
        installation.said(&format!("check connections {name}")).done();
    }
    assert_eq!(installation.said("check connections metadata").code, Some(1));
    worker.end();
}

#[tokio::test]
async fn no_sql_login_is_made_where_its_transactions_would_outlive_it() {
    let postgres = private_server(&[("max_prepared_transactions", "5")]).await.unwrap();
    let mut installation = Installation::on(postgres);
    let migrated = said(&mut installation.on_databases("migrate"));
    assert!(migrated.err.contains("`max_prepared_transactions`"), "{migrated:#?}");
    migrated.done();
    installation.serve(&[]);
    installation.populate();
    installation.said("service-account create reports --role viewer").done();
    let refused = installation.said("sql-access create reports");
    assert!(
        refused.code == Some(1) && refused.err.contains("set `max_prepared_transactions` to 0"),
        "{refused:#?}"
    );
}
