//! Fields of a JSON value by their pointers (RFC 6901). Must not know what the value is of.

use serde_json::{Map, Value};

/// Sets a field, making the objects on its way.
pub fn put(value: &mut Value, pointer: &str, new: Value) {
    let mut at = value;
    for key in pointer.split('/').skip(1) {
        if !at.is_object() {
            return;
        }
        let Some(map) = at.as_object_mut() else { return };
        at = map.entry(unescape(key)).or_insert_with(|| Value::Object(Map::new()));
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
    }
    *at = new;
}

/// Takes a field out of the object that it is in.
pub fn take(value: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, key) = pointer.rsplit_once('/')?;
    let parent = value.pointer_mut(parent)?.as_object_mut()?;
    parent.shift_remove(&unescape(key))
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}
