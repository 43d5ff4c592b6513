//! Folders as destination and as source.

use plinth_etl::spec::ConnectionSpec;
use plinth_etl::status::{PipelineStatus, State};
use serde_json::json;

use crate::support::{complete, connection_of, job, pair, start};
use crate::types::EVERY_TYPE;

fn files(folder: &std::path::Path, format: &str) -> ConnectionSpec {
    serde_json::from_value(json!({"kind": "files", "directory": folder, "format": format})).unwrap()
}

/// There and back again: the text of each value is the same, whatever type the file gave it.
async fn round_trip(format: &str) {
    let pair = pair(&format!("trip_{format}")).await;
    let more = "create table empty (id int, t text);
        create table nan (id int primary key, n numeric(10,2)); insert into nan values (1, 1.50), (2, 'NaN');
        alter table everything drop column ti";
    pair.from.batch_execute(EVERY_TYPE).await.unwrap();
    pair.from.batch_execute(more).await.unwrap();
    if format == "parquet" {
        // Parquet has no microsecond timestamps that early or late.
        let beyond = "delete from everything where ts < '4000-01-01 BC' or tsz > '290000-01-01'";
        pair.from.batch_execute(beyond).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    complete(&job(
        connection_of(&pair.source.url()),
        files(folder.path(), format),
        json!({}),
    ))
    .await;
    complete(&job(
        files(folder.path(), format),
        connection_of(&pair.destination.url()),
        json!({}),
    ))
    .await;
    let columns = "select attname::text from pg_attribute where attrelid = 'everything'::regclass
                    and attnum > 0 and not attisdropped";
    for row in pair.from.query(columns, &[]).await.unwrap() {
        let column: &str = row.get(0);
        let (there, back) = (texts(&pair.from, column).await, texts(&pair.to, column).await);
        assert_eq!(back, there, "{format} column {column}");
    }
    for table in ["empty", "nan"] {
        let sql = format!("select coalesce(string_agg(t::text, ';' order by t::text), 'none') from {table} t");
        let (there, back) = (pair.from.query_one(&sql, &[]).await, pair.to.query_one(&sql, &[]).await);
        assert_eq!(
            back.unwrap().get::<_, &str>(0),
            there.unwrap().get::<_, &str>(0),
            "{format} {table}"
        );
    }
}

/// All values of a column as text. `char(n)::text` drops trailing blanks in PostgreSQL, the file keeps them.
async fn texts(client: &tokio_postgres::Client, column: &str) -> Vec<Option<String>> {
    let sql = format!("select rtrim(\"{column}\"::text, ' ') from everything order by id::int");
    client
        .query(&sql, &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect()
}

#[tokio::test]
async fn every_type_survives_parquet() {
    round_trip("parquet").await;
}

#[tokio::test]
async fn every_type_survives_csv() {
    round_trip("csv").await;
}

#[tokio::test]
async fn changes_are_appended_to_files_once() {
    let pair = pair("append").await;
    pair.from
        .batch_execute(
            "create table t (id int primary key, v text, updated_at timestamptz not null default clock_timestamp());
        insert into t select g, 'v' from generate_series(1, 1000) g",
        )
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let into = job(
        connection_of(&pair.source.url()),
        files(folder.path(), "csv"),
        json!({"mode": "incremental"}),
    );
    let running = start(into.clone());
    running
        .until(|status| status.rows == 1000 && status.state == State::Streaming)
        .await;
    pair.from
        .batch_execute("update t set v = 'w', updated_at = clock_timestamp() where id <= 5")
        .await
        .unwrap();
    running.until(|status| status.rows == 1005).await;
    running.stop().await;
    pair.from
        .batch_execute("insert into t values (2000, 'later')")
        .await
        .unwrap();
    let running = start(into);
    running.until(|status| status.rows == 1006).await;
    running.stop().await;
    complete(&job(
        files(folder.path(), "csv"),
        connection_of(&pair.destination.url()),
        json!({}),
    ))
    .await;
    let row = pair
        .to
        .query_one(
            "select count(*), count(distinct id), count(distinct (id, v)) from t",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)),
        (1006, 1001, 1006)
    );
}

#[tokio::test]
async fn plain_csv_files_get_exact_types_and_new_files_are_noticed() {
    let pair = pair("plain_csv").await;
    let folder = tempfile::tempdir().unwrap();
    let text = "\u{feff}id,code,price,at,flag,note\n1,007,1.50,2026-01-02,true,\"a, \"\"b\"\"\nnext\"\n2,,20.25,2026-02-28,false,\"\"\n";
    std::fs::write(folder.path().join("goods.csv"), text).unwrap();
    let running = start(job(
        files(folder.path(), "csv"),
        connection_of(&pair.destination.url()),
        json!({"mode": "incremental"}),
    ));
    running.until(|status| status.state == State::Streaming).await;
    let types = "select string_agg(format_type(atttypid, atttypmod), ',' order by attnum) from pg_attribute
                  where attrelid = 'goods'::regclass and attnum > 0";
    let found: String = pair.to.query_one(types, &[]).await.unwrap().get(0);
    assert_eq!(found, "bigint,text,numeric(4,2),date,boolean,text");
    let row = pair
        .to
        .query_one("select string_agg(g::text, ';' order by id) from goods g", &[])
        .await
        .unwrap();
    assert_eq!(
        row.get::<_, String>(0),
        "(1,007,1.50,2026-01-02,t,\"a, \"\"b\"\"\nnext\");(2,,20.25,2026-02-28,f,\"\")"
    );
    std::fs::create_dir(folder.path().join("more")).unwrap();
    std::fs::write(folder.path().join("more/a.csv"), "x\n1\n").unwrap();
    running
        .until(|status| status.tables.len() == 2 && status.state == State::Streaming)
        .await;
    std::fs::write(folder.path().join("more/b.csv"), "x\n2\n3\n").unwrap();
    running
        .until(|status| {
            status
                .tables
                .iter()
                .any(|table| table.name == "public.more" && table.rows == 3)
        })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn files_that_break_the_rules_are_named() {
    let pair = pair("bad_csv").await;
    for (text, code) in [
        ("a,b\n1\n", "corrupt_data"),
        ("a,a\n", "no_header"),
        ("", "no_header"),
        ("a\n\"x\n", "corrupt_data"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.csv"), text).unwrap();
        let running = start(job(
            files(folder.path(), "csv"),
            connection_of(&pair.destination.url()),
            json!({}),
        ));
        let status = running.until(|status| status.state == State::Failed).await;
        let message = status.message.unwrap();
        assert!(message.contains(code) && message.contains("bad.csv"), "{message}");
        running.stop().await;
    }
}

/// As [`files`], in a worker's own folder.
fn confined(root: &std::path::Path, directory: &str, format: &str) -> ConnectionSpec {
    let mut connection = files(directory.as_ref(), format);
    if let ConnectionSpec::Files(spec) = &mut connection {
        spec.root = root.to_owned();
    }
    connection
}

#[tokio::test]
async fn where_a_worker_keeps_its_files_is_not_told() {
    let pair = pair("hidden").await;
    pair.from
        .batch_execute("create table t as select 1 as id")
        .await
        .unwrap();
    let root = tempfile::tempdir().unwrap();
    let broken = [
        ("short/bad.csv", "a,b\n1\n", "csv", "bad.csv"),
        ("noise/bad.parquet", "noise", "parquet", "bad.parquet"),
        ("torn/t/manifest.json", "{", "csv", "t/manifest.json"),
        ("empty.csv", "a\n", "csv", "folder `empty.csv`"),
    ];
    let (from, to) = (
        connection_of(&pair.source.url()),
        connection_of(&pair.destination.url()),
    );
    let mut jobs = Vec::new();
    for (path, text, format, said) in broken {
        let file = root.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        let folder = path.split('/').next().unwrap();
        jobs.push((job(confined(root.path(), folder, format), to.clone(), json!({})), said));
        if path.contains("manifest") || path == "empty.csv" {
            let into = confined(root.path(), folder, format);
            jobs.push((job(from.clone(), into, json!({})), said));
        }
    }
    // A folder of the table's name that is somebody else's.
    std::fs::create_dir_all(root.path().join("taken/copies/public.t")).unwrap();
    let over = json!({"destination": {"connection": "to", "schema": "copies"}});
    let taken = job(from.clone(), confined(root.path(), "taken", "csv"), over);
    jobs.push((taken, "`taken/copies/public.t` exists already"));
    let hidden = root.path().to_str().unwrap();
    for (job, said) in jobs {
        let running = start(job);
        let told = |status: &PipelineStatus| status.message.as_ref().is_some_and(|message| message.contains(said));
        let status = running.until(told).await;
        running.stop().await;
        let all = serde_json::to_string(&status).unwrap();
        assert!(!all.contains(hidden), "{all}");
    }
    let status = complete(&job(from, confined(root.path(), "fine", "csv"), json!({}))).await;
    assert_eq!(status.destination.server.as_deref(), Some("csv in fine"));
    let status = complete(&job(confined(root.path(), "fine", "csv"), to, json!({}))).await;
    assert_eq!(status.source.server.as_deref(), Some("csv in fine"));
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() {
    let pair = pair("disk_full").await;
    pair.from
        .batch_execute(
            "create table t (id int primary key, v text);
        insert into t select g, md5(g::text) from generate_series(1, 100000) g",
        )
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(&small)
        .status();
    assert!(
        mounted.is_ok_and(|status| status.success()),
        "this test fills a small file system and needs the right to mount it: run it as root, or as root of a namespace \
         of its own with `unshare --user --map-root-user --mount`"
    );
    let running = start(job(connection_of(&pair.source.url()), files(&small, "csv"), json!({})));
    let status = running.until(|status| status.state == State::Failed).await;
    assert!(status.message.unwrap().contains("disk_full"));
    assert!(status.hint.is_some());
    let grown = std::process::Command::new("mount")
        .args(["-o", "remount,size=100m"])
        .arg(&small)
        .status()
        .unwrap();
    assert!(grown.success());
    running.until(|status| status.state == State::Completed).await;
    running.ended().await;
    assert!(
        std::process::Command::new("umount")
            .arg(&small)
            .status()
            .unwrap()
            .success()
    );
}
