//! What goes wrong is said clearly, and what passes by itself is survived.

use plinth_etl::run::Outcome;
use plinth_etl::session;
use plinth_etl::spec::Tls;
use plinth_etl::status::State;
use serde_json::json;

use crate::support::{connection_of, job, pair, spec_of, start};

#[tokio::test]
async fn connection_faults_have_codes_that_tell_them_apart() {
    let server = plinth_testkit::postgres::server().await;
    let database = server.database("faults").await;
    let good = spec_of(&database.url());
    assert!(session::check(&good).await.unwrap().starts_with("PostgreSQL "));
    let admin = database.admin().await;
    let role = format!("nobody_{}", database.name());
    admin
        .batch_execute(&format!(
            "create role \"{role}\" login password 'right'; create table secret (id int)"
        ))
        .await
        .unwrap();
    for (code, change) in [
        ("wrong_password", json!({"user": role, "password": "wrong"})),
        ("wrong_password", json!({"password": null})),
        ("wrong_password", json!({"user": "no such user"})),
        ("no_such_database", json!({"database": "no_such_database"})),
        ("unknown_host", json!({"host": "no-such-host.invalid"})),
        ("connection_refused", json!({"port": 1})),
        ("connection_refused", json!({"host": "/no/such/folder"})),
        ("tls_refused", json!({"tls": "require"})),
    ] {
        let mut value = serde_json::to_value(&good).unwrap();
        for (key, new) in change.as_object().unwrap() {
            value[key] = new.clone();
        }
        let error = session::check(&serde_json::from_value(value).unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.hint.is_some(), "{error:?}");
        assert!(!format!("{error:?}").contains("right"), "a secret in {error:?}");
    }
    let mut prefer = good.clone();
    prefer.tls = Tls::Prefer;
    session::check(&prefer).await.unwrap();
    let mut poor = good.clone();
    (poor.user, poor.password) = (role.clone(), Some("right".into()));
    let poor = plinth_etl::spec::ConnectionSpec::Postgres(poor);
    let running = start(job(
        poor,
        connection_of(&database.url()),
        json!({
            "source": {"tables": [{"name": "public.secret"}]}, "destination": {"schema": "copied"},
        }),
    ));
    let status = running.until(|status| status.state == State::Failed).await;
    assert!(status.message.unwrap().contains("permission_denied"));
    running.stop().await;
    admin.batch_execute(&format!("drop role \"{role}\"")).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_postgresql_is_named_as_such() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 8]).await;
            let answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
            let _ = socket.write_all(answer).await;
            let _ = socket.shutdown().await;
            // Until the other side has closed, so that it gets to read the answer.
            while socket.read(&mut [0; 64]).await.is_ok_and(|bytes| bytes > 0) {}
        }
    });
    for tls in [Tls::Disable, Tls::Prefer] {
        let mut spec = spec_of(&format!("postgres://user:secret@127.0.0.1:{port}/shop"));
        spec.tls = tls;
        let error = session::check(&spec).await.unwrap_err();
        assert_eq!(error.code, "not_postgresql", "{tls:?}: {error:?}");
        assert_eq!(error.retry, plinth_etl::error::Retry::AfterAction);
        assert!(error.hint.is_some_and(|hint| hint.contains("`host` and `port`")));
    }
}

#[tokio::test]
async fn an_unreachable_source_is_reported_and_found_again() {
    let pair = pair("unreachable").await;
    let mut job = pair.job(json!({}));
    if let plinth_etl::spec::ConnectionSpec::Postgres(spec) = &mut job.source {
        spec.port = 1;
    }
    let running = start(job);
    let status = running.until(|status| status.restarts >= 2).await;
    assert_eq!(status.state, State::Connecting);
    assert!(status.message.unwrap().contains("connection_refused"));
    assert!(!status.source.connected);
    assert_eq!(running.stop().await, Outcome::Cancelled);
}

#[tokio::test]
async fn a_destination_that_is_killed_in_the_middle_is_survived() {
    let server = plinth_testkit::postgres::server().await;
    let source = server.database("killed_destination").await;
    source
        .admin()
        .await
        .batch_execute(
            "create table t (id int primary key, v text, updated_at timestamptz not null default now());
        insert into t select g, repeat('v', 200) from generate_series(1, 200000) g",
        )
        .await
        .unwrap();
    let mut private = plinth_testkit::postgres::private_server(&[]).await.unwrap();
    let url = private.cluster.url("postgres");
    let running = start(job(
        connection_of(&source.url()),
        connection_of(&url),
        json!({
            "source": {"tables": [{"name": "public.t", "cursor": "updated_at"}]},
        }),
    ));
    running.until(|status| status.rows > 20_000).await;
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(i32::try_from(private.cluster.pid().unwrap()).unwrap()),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();
    running.until(|status| status.restarts >= 1).await;
    private.cluster.restart().await.unwrap();
    running.until(|status| status.state == State::Completed).await;
    assert_eq!(running.ended().await, Outcome::Completed);
    let table = "public.t".parse().unwrap();
    let copied = plinth_etl::content::of_table(&spec_of(&private.cluster.url("postgres")), &table)
        .await
        .unwrap();
    assert_eq!(
        copied,
        plinth_etl::content::of_table(&spec_of(&source.url()), &table)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn text_that_is_no_spec_is_refused_with_the_field() {
    for (spec, wanted) in [
        (
            json!({"source": {"connection": "a"}, "destination": {"connection": "b"}, "colour": 1}),
            "colour",
        ),
        (
            json!({"source": {"connection": "a", "tables": [{"nam": "x"}]}, "destination": {"connection": "b"}}),
            "nam",
        ),
    ] {
        let error = serde_json::from_value::<plinth_etl::spec::PipelineSpec>(spec).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let pair = pair("bad_table").await;
    let running = start(pair.job(json!({"source": {"tables": [{"name": "public.missing"}]}})));
    let status = running.until(|status| status.state == State::Failed).await;
    assert!(status.message.unwrap().contains("no_such_table"));
    running.stop().await;
}
