//! product
use plinth_store::Store;
#[derive(Debug)]
pub struct Catalog {}
pub async fn load(_store: &Store) -> crate::Result<Catalog> {
    Ok(Catalog {})
}
