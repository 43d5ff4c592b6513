//! Pages of a list, and all pages as one stream.
//! Must not know what is listed.

use futures::Stream;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Result, call::Call};

/// One page of a list; `next` is the cursor of the page behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    #[serde(default)]
    pub next: Option<String>,
}

/// All items from `cursor` on. `call` makes the request of one page, without its cursor.
pub(crate) fn all<T, F>(cursor: Option<String>, call: F) -> impl Stream<Item = Result<T>> + Send
where
    T: DeserializeOwned + Send,
    F: Fn() -> Call + Send,
{
    async_stream::try_stream! {
        let mut cursor = cursor;
        loop {
            let page: Page<T> = call().query_some("cursor", cursor.as_ref()).receive().await?;
            for item in page.items {
                yield item;
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
    }
}
