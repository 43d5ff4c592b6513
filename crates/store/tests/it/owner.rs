//! Owners of resources as the database reads them: the same as the code does.

use plinth_model::id::{Id, ServiceAccountId, UserId};
use plinth_model::{Actor, ActorKind};
use plinth_testkit::store::open;
use uuid::Uuid;

#[tokio::test]
async fn an_id_is_read_back_from_its_text() {
    let test = open().await;
    let client = test.cell.admin().await;
    let some = (0..50).map(|_| Uuid::new_v4());
    for id in [Uuid::nil(), Uuid::max(), Uuid::now_v7()].into_iter().chain(some) {
        let row = client
            .query_one(
                "select plinth.id_text('user', $1), plinth.id_of('user', $2)",
                &[&id, &Id(id).text("user")],
            )
            .await
            .unwrap();
        assert_eq!((row.get(0), row.get(1)), (Id(id).text("user"), Some(id)));
    }
}

#[tokio::test]
async fn what_is_no_id_for_the_code_is_none_for_the_database() {
    let test = open().await;
    let client = test.cell.admin().await;
    let good = UserId::generate().to_string();
    let (head, last) = good.split_at(good.len() - 1);
    let texts = [
        String::new(),
        "user_".to_owned(),
        head.to_owned(),
        format!("{good}0"),
        format!("{good}\n"),
        format!("{head}u"),
        format!("{head}L"),
        format!("user_8{}", "0".repeat(25)),
        good.to_uppercase(),
        ServiceAccountId::generate().to_string(),
    ];
    for text in texts {
        assert!(text.parse::<UserId>().is_err(), "{text}");
        let row = client
            .query_one("select plinth.id_of('user', $1)", &[&text])
            .await
            .unwrap();
        assert_eq!(row.get::<_, Option<Uuid>>(0), None, "{text:?}");
    }
    assert!(format!("{head}{last}").parse::<UserId>().is_ok());
}

#[tokio::test]
async fn who_owns_what_an_actor_makes_is_the_same_for_both() {
    let test = open().await;
    let client = test.cell.admin().await;
    let mut owners = 0;
    for kind in ActorKind::ALL {
        let actor = Actor {
            kind,
            id: "user_1".to_owned(),
            name: "n".to_owned(),
        };
        let told = serde_json::to_value(&actor).unwrap();
        let row = client
            .query_one("select plinth.first_owner($1)", &[&told])
            .await
            .unwrap();
        assert_eq!(row.get::<_, Option<String>>(0).as_deref(), actor.as_owner(), "{kind:?}");
        owners += usize::from(actor.as_owner().is_some());
    }
    assert_eq!(owners, 2);
}
