//! A memory of some seconds that never holds on to what it was told to forget.

use std::hash::Hash;
use std::time::Duration;

use moka::future::Cache;

use crate::error::Result;

const KEPT: Duration = Duration::from_secs(5);
const MOST: u64 = 100_000;

/// Answers of a look-up by key. What is not there is looked up each time.
#[derive(Debug)]
pub(crate) struct Recent<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> {
    cache: Cache<K, Entry<V>>,
}

#[derive(Debug, Clone)]
enum Entry<V> {
    Known(V),
    /// Forgotten a moment ago: a look-up that began before must not put its old answer in.
    Forgotten,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Default for Recent<K, V> {
    fn default() -> Self {
        Self {
            cache: Cache::builder().max_capacity(MOST).time_to_live(KEPT).build(),
        }
    }
}

impl<K, V> Recent<K, V>
where
    K: Clone + Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) async fn get(&self, key: K, look_up: impl Future<Output = Result<Option<V>>>) -> Result<Option<V>> {
        if let Some(Entry::Known(value)) = self.cache.get(&key).await {
            return Ok(Some(value));
        }
        let found = look_up.await?;
        if let Some(value) = &found {
            self.cache.entry(key).or_insert(Entry::Known(value.clone())).await;
        }
        Ok(found)
    }

    pub(crate) async fn forget(&self, key: K) {
        self.cache.insert(key, Entry::Forgotten).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_up_that_began_before_forgetting_leaves_nothing_behind() {
        let recent = Recent::<u8, &str>::default();
        let slow = recent.get(1, async {
            recent.forget(1).await;
            Ok(Some("old"))
        });
        assert_eq!(slow.await.unwrap(), Some("old"));
        assert_eq!(recent.get(1, async { Ok(Some("new")) }).await.unwrap(), Some("new"));
        assert_eq!(recent.get(1, async { Ok(None) }).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_was_found_is_not_looked_up_again_and_what_was_not_is() {
        let recent = Recent::<u8, &str>::default();
        assert_eq!(recent.get(1, async { Ok(None) }).await.unwrap(), None);
        assert_eq!(recent.get(1, async { Ok(Some("one")) }).await.unwrap(), Some("one"));
        assert_eq!(recent.get(1, async { Ok(Some("two")) }).await.unwrap(), Some("one"));
    }
}
