//! Mail on its way: into the folder, to a mail server that speaks SMTP, and past one that is in trouble.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use plinth_control::mail::{self, Invite, Message};
use plinth_control::{Code, MailTransport};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::harness::{TestControl, open, open_with};

const ADA: &str = "ada@example.com";

/// A mail server as a test double: takes messages, or answers each recipient with `refusal`.
#[derive(Clone, Default)]
struct Sink {
    refusal: Arc<Mutex<Option<&'static str>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    async fn start() -> (Self, String) {
        let (sink, listener) = (Self::default(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(stream));
            }
        });
        (sink, url)
    }

    async fn serve(self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 sink ready\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let refusal = *self.refusal.lock().unwrap();
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                "RCPT" => refusal.unwrap_or("250 ok"),
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut text = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        text += &format!("{line}\n");
                    }
                    self.taken.lock().unwrap().push(text);
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
}

fn deliver(plane: &TestControl) -> JoinHandle<()> {
    let control = plane.control.clone();
    tokio::spawn(async move { mail::deliver(control).await.unwrap() })
}

async fn enqueue(plane: &TestControl, subject: &str) {
    let mut tx = plane.control.store().directory().await.unwrap();
    let message = Message {
        recipient: ADA.to_owned(),
        subject: subject.to_owned(),
        body: "Grüße,\n.\nfrom a line with a dot\n".to_owned(),
    };
    mail::enqueue(&mut tx, &message).await.unwrap();
    tx.commit().await.unwrap();
    mail::nudge(&plane.control);
}

/// Waits until the query says true.
async fn until(plane: &TestControl, query: &str) {
    let admin = plane.test.directory.admin().await;
    let reached = async {
        loop {
            let answer: Option<bool> = admin.query_one(query, &[]).await.unwrap().get(0);
            if answer == Some(true) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached)
        .await
        .unwrap_or_else(|_| panic!("never: {query}"));
}

async fn end(plane: &TestControl, delivery: JoinHandle<()>) {
    plane.control.shutdown().cancel();
    tokio::time::timeout(Duration::from_secs(10), delivery)
        .await
        .expect("delivery ends with the control plane")
        .unwrap();
}

#[tokio::test]
async fn mail_reaches_a_mail_server_once_and_its_text_is_dropped() {
    let (sink, url) = Sink::start().await;
    let plane = open_with(|config| config.mail = MailTransport::Smtp { url }).await;
    enqueue(&plane, "Grüße aus Köln").await;
    let delivery = deliver(&plane);
    until(
        &plane,
        "select bool_and(sent_at is not null and body = '') from plinth.emails",
    )
    .await;
    enqueue(&plane, "two").await;
    until(
        &plane,
        "select count(*) filter (where sent_at is not null) = 2 from plinth.emails",
    )
    .await;
    end(&plane, delivery).await;
    let taken = sink.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].contains("From: Plinth <no-reply@example.com>"), "{}", taken[0]);
    assert!(taken[0].contains("To: ada@example.com"), "{}", taken[0]);
    assert!(taken[0].contains("Message-ID: <mail_"), "{}", taken[0]);
    assert!(taken[1].contains("Subject: two"), "{}", taken[1]);
    assert_eq!(mail::outbox(&plane.control).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn a_mail_server_in_trouble_is_tried_again_later() {
    let (sink, url) = Sink::start().await;
    *sink.refusal.lock().unwrap() = Some("451 later, please");
    let plane = open_with(|config| config.mail = MailTransport::Smtp { url }).await;
    enqueue(&plane, "patience").await;
    let delivery = deliver(&plane);
    until(
        &plane,
        "select attempts = 1 and last_error like '%later, please%' and failed_at is null
        and next_at > now() + interval '10 seconds' from plinth.emails",
    )
    .await;
    assert_eq!(sink.count(), 0);
    *sink.refusal.lock().unwrap() = None;
    plane.directory("update plinth.emails set next_at = now()").await;
    mail::nudge(&plane.control);
    until(
        &plane,
        "select sent_at is not null and attempts = 2 and last_error is null from plinth.emails",
    )
    .await;
    end(&plane, delivery).await;
    assert_eq!(sink.count(), 1);
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_given_up_and_holds_up_nobody() {
    let (sink, url) = Sink::start().await;
    *sink.refusal.lock().unwrap() = Some("550 no such mailbox");
    let plane = open_with(|config| config.mail = MailTransport::Smtp { url }).await;
    enqueue(&plane, "lost").await;
    let delivery = deliver(&plane);
    until(
        &plane,
        "select failed_at is not null and last_error like '%no such mailbox%' and body = '' from plinth.emails",
    )
    .await;
    *sink.refusal.lock().unwrap() = None;
    enqueue(&plane, "next").await;
    until(
        &plane,
        "select bool_or(sent_at is not null) from plinth.emails where subject = 'next'",
    )
    .await;
    end(&plane, delivery).await;
    assert_eq!(sink.count(), 1);
}

#[tokio::test]
async fn two_servers_send_each_message_once() {
    let (sink, url) = Sink::start().await;
    let plane = open_with(|config| config.mail = MailTransport::Smtp { url }).await;
    for subject in 0..20 {
        enqueue(&plane, &subject.to_string()).await;
    }
    let deliveries = [deliver(&plane), deliver(&plane)];
    until(&plane, "select bool_and(sent_at is not null) from plinth.emails").await;
    for delivery in deliveries {
        end(&plane, delivery).await;
    }
    assert_eq!(sink.count(), 20);
}

#[tokio::test]
async fn in_development_mail_becomes_a_file_and_stays_readable() {
    let plane = open_with(|config| config.development = true).await;
    plane.sign_up(ADA).await;
    let delivery = deliver(&plane);
    until(
        &plane,
        "select bool_and(sent_at is not null and body <> '') from plinth.emails",
    )
    .await;
    end(&plane, delivery).await;
    let items = mail::outbox(&plane.control).await.unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(
        (items[0].recipient.as_str(), items[0].subject.as_str()),
        (ADA, "Confirm your e-mail address for Plinth")
    );
    let text = std::fs::read_to_string(plane.outbox.join(format!("{}.eml", items[0].id))).unwrap();
    assert!(text.contains("To: ada@example.com"), "{text}");
    assert!(text.contains("https://console.example.com/verify?token"), "{text}");
}

#[tokio::test]
async fn outside_development_there_is_no_outbox_to_read() {
    let plane = open().await;
    plane.sign_up(ADA).await;
    assert_eq!(mail::outbox(&plane.control).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn delivery_refuses_at_once_to_send_links_in_the_clear_over_a_network() {
    let url = "smtp://user:hunter2@mail.example.com:587".to_owned();
    let plane = open_with(|config| config.mail = MailTransport::Smtp { url }).await;
    let error = mail::deliver(plane.control.clone()).await.unwrap_err();
    let cause = error.cause.unwrap().to_string();
    assert!(cause.contains("tls=required") && !cause.contains("hunter2"), "{cause}");
}

#[tokio::test]
async fn an_invitation_says_who_invites_and_where_to_without_being_forgeable() {
    let plane = open().await;
    let invite = Invite {
        recipient: "bob@example.com",
        org_name: "Acme\r\nhttps://evil.example",
        invited_by: ADA,
        token: "plinth_inv_x",
    };
    let message = mail::compose_invitation(&plane.control, &invite);
    assert_eq!(message.subject, "Join Acme https evil.example on Plinth");
    assert!(
        message
            .body
            .contains("https://console.example.com/invite?token=plinth_inv_x")
    );
    assert!(message.body.contains("ada@example.com invites you"));
    assert_eq!(message.body.matches("://").count(), 1, "the only link is ours");
}
