//! When the policies of all orgs are compiled anew.

use std::time::Duration;

use plinth_control::policy;
use plinth_control::product;
use plinth_control::resource::Mode;

use super::{CONTRACTORS, Setting, draft, setting};

impl Setting {
    async fn ask(&self, sql: &str) -> String {
        self.works
            .test
            .cell
            .admin()
            .await
            .query_one(sql, &[])
            .await
            .unwrap()
            .get(0)
    }

    async fn predicates(&self) -> String {
        self.ask("select string_agg(class || ': ' || predicate, e'\n' order by number) from plinth.policy_rows")
            .await
    }

    /// Lets a server start on the databases, until it has written the product down.
    async fn start_a_server(&self) {
        let written = "select min(xmin::text) from plinth.role_rows";
        let before = self.ask(written).await;
        let server = tokio::spawn(product::follow(self.works.control.clone()));
        let is_written = async {
            while self.ask(written).await == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let patience = Duration::from_secs(30);
        tokio::time::timeout(patience, is_written)
            .await
            .expect("the product is written down");
        server.abort();
    }

    async fn let_another_compiler_have_been_there(&self) {
        let forget = "update plinth.policy_compiler set fingerprint = 'another'";
        let changed = self.works.test.cell.admin().await.execute(forget, &[]).await;
        assert_eq!(changed.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_start_compiles_policies_anew_only_when_another_compiler_has_been_there() {
    let setting = setting().await;
    setting.write("contractors", CONTRACTORS).await;
    let compiled = setting.predicates().await;
    let admin = setting.works.test.cell.admin().await;
    admin
        .execute("update plinth.policy_rows set predicate = '1 == 2'", &[])
        .await
        .unwrap();
    let other = setting.predicates().await;
    assert_ne!(other, compiled);
    setting.start_a_server().await;
    assert_eq!(setting.predicates().await, other);

    setting.let_another_compiler_have_been_there().await;
    setting.start_a_server().await;
    assert_eq!(setting.predicates().await, compiled);
    let fingerprint = setting.ask("select fingerprint from plinth.policy_compiler").await;
    assert_ne!(fingerprint, "another");
}

#[tokio::test]
async fn what_is_written_while_all_policies_are_compiled_is_not_lost() {
    let setting = setting().await;
    let written = setting.write("contractors", CONTRACTORS).await;
    let mut version = written.version;
    for round in 0..6 {
        setting.let_another_compiler_have_been_there().await;
        let environment = ["production", "development"][round % 2];
        let text = CONTRACTORS.replace("\"development\"", &format!("\"{environment}\""));
        let change = async {
            let how = (Mode::Commit, Some(version));
            let control = &setting.works.control;
            policy::update(
                control,
                &setting.owner,
                written.id,
                &draft("contractors", &text),
                how,
                None,
            )
            .await
        };
        let (changed, ()) = tokio::join!(change, setting.start_a_server());
        version = changed.unwrap().version;
        let seen = setting.names(&setting.contractor().await).await;
        let expected = if environment == "production" { "prod" } else { "dev" };
        assert_eq!(seen, [expected], "round {round}");
    }
}
