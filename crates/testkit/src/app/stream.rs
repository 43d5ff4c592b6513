//! An open stream of Server-Sent Events, frame by frame.

use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::Value;
use tokio::time::timeout;

use super::{Client, PATIENCE};

/// One frame as it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    pub event: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Frame {
    /// The `seq` in the data.
    ///
    /// # Panics
    /// When there is none.
    pub fn seq(&self) -> i64 {
        self.data["seq"]
            .as_i64()
            .unwrap_or_else(|| panic!("{self:?} has a seq"))
    }
}

/// Reads frames; dropped, it closes the connection.
pub struct Stream {
    chunks: BoxStream<'static, Vec<u8>>,
    read: String,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Opens an event stream: after `last` when given, else with what comes next.
    ///
    /// # Panics
    /// When the answer is no stream.
    pub async fn stream(&self, path: &str, last: Option<i64>) -> Stream {
        let mut call = self.call("GET", path).header("accept", "text/event-stream");
        if let Some(last) = last {
            call = call.header("last-event-id", &last.to_string());
        }
        let response = call.open().await;
        let kind = response
            .headers()
            .get("content-type")
            .map(|kind| kind.as_bytes().to_vec());
        assert_eq!(
            (response.status().as_u16(), kind.as_deref()),
            (200, Some(b"text/event-stream".as_slice())),
            "{path}"
        );
        let chunks = response
            .bytes_stream()
            .take_while(|chunk| std::future::ready(chunk.is_ok()));
        let chunks = chunks.map(|chunk| chunk.map(|bytes| bytes.to_vec()).unwrap_or_default());
        Stream {
            chunks: chunks.boxed(),
            read: String::new(),
        }
    }
}

impl Stream {
    /// The next frame; `None` when the server has ended the stream.
    ///
    /// # Panics
    /// When nothing comes in time.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, rest)) = self.read.split_once("\n\n") {
                let (frame, rest) = (parse(frame), rest.to_owned());
                self.read = rest;
                if frame.event.is_empty() {
                    continue;
                }
                return Some(frame);
            }
            let chunk = timeout(PATIENCE, self.chunks.next())
                .await
                .expect("the stream says something")?;
            self.read
                .push_str(std::str::from_utf8(&chunk).expect("frames in one piece"));
        }
    }

    /// The next frame, which has to be a change.
    ///
    /// # Panics
    /// When it is something else.
    pub async fn change(&mut self) -> Frame {
        let frame = self.next().await.expect("an open stream");
        assert_eq!(frame.event, "change", "{frame:?}");
        assert_eq!(frame.id, Some(frame.seq().to_string()), "{frame:?}");
        frame
    }
}

fn parse(text: &str) -> Frame {
    let mut frame = Frame::default();
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("event", event)) => event.clone_into(&mut frame.event),
            Some(("id", id)) => frame.id = Some(id.to_owned()),
            Some(("data", data)) => frame.data = serde_json::from_str(data).unwrap_or_default(),
            _ => {}
        }
    }
    frame
}
