//! Hosts in networks that the operator closed are refused at the address that would be connected to.

use plinth_etl::network::Networks;
use plinth_etl::session;
use plinth_etl::spec::{ConnectionSpec, PostgresSpec};
use plinth_etl::status::State;
use serde_json::json;

use crate::support::{connection_of, job, spec_of, start};

#[tokio::test]
async fn a_host_is_judged_by_the_address_that_it_resolves_to() {
    let server = plinth_testkit::postgres::server().await;
    let database = server.database("networks").await;
    let spec = spec_of(&database.url());
    let local = || {
        ["127.0.0.0/8", "::1/128"]
            .map(|network| network.parse().unwrap())
            .to_vec()
    };
    let (closed, open) = (Networks::new(Vec::new(), Vec::new()), Networks::new(local(), local()));
    let hosts = [
        "localhost",
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "::ffff:127.0.0.1",
        "2130706433",
        "/var/run/postgresql",
    ];
    for host in hosts {
        let spec = PostgresSpec {
            host: host.to_owned(),
            networks: closed.clone(),
            ..spec.clone()
        };
        let error = session::check(&spec).await.unwrap_err();
        // What the resolver does not take for an address is no address.
        assert!(
            ["host_not_allowed", "unknown_host"].contains(&error.code),
            "{host}: {error:?}"
        );
        assert!(
            host == "2130706433" || error.code == "host_not_allowed",
            "{host}: {error:?}"
        );
        assert!(error.hint.is_some(), "{error:?}");
    }
    for host in ["localhost", "127.0.0.1"] {
        let spec = PostgresSpec {
            host: host.to_owned(),
            networks: open.clone(),
            ..spec.clone()
        };
        session::check(&spec).await.unwrap();
    }
    let metadata = PostgresSpec {
        host: "169.254.169.254".to_owned(),
        port: 80,
        networks: open,
        ..spec.clone()
    };
    assert_eq!(session::check(&metadata).await.unwrap_err().code, "host_not_allowed");

    let source = ConnectionSpec::Postgres(PostgresSpec {
        networks: closed,
        ..spec
    });
    let running = start(job(source, connection_of(&database.url()), json!({})));
    let status = running.until(|status| status.state == State::Failed).await;
    assert!(status.message.unwrap().contains("host_not_allowed"));
    running.stop().await;
}
