//! One text for one bill, and its hash. Source: RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16
//! code units, no blanks, shortest escapes. A bill holds no fractional JSON number, so that the RFC's rule for those
//! is not needed.

use crate::bill::Bill;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A bill could not be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("the bill has no canonical form")]
pub struct CanonicalError(#[from] serde_json::Error);

impl Bill {
    /// The canonical JSON text: the same for the same usage, plan and period, byte for byte.
    ///
    /// # Errors
    /// [`CanonicalError`] if serialization fails.
    pub fn canonical_json(&self) -> Result<String, CanonicalError> {
        let mut out = String::new();
        write(&serde_json::to_value(self)?, &mut out)?;
        Ok(out)
    }

    /// SHA-256 of the canonical text, in lower-case hex.
    ///
    /// # Errors
    /// As [`Bill::canonical_json`].
    pub fn hash(&self) -> Result<String, CanonicalError> {
        Ok(hex::encode(Sha256::digest(self.canonical_json()?.as_bytes())))
    }
}

fn write(value: &Value, out: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| key.encode_utf16().collect::<Vec<_>>());
            out.push('{');
            for (index, (key, member)) in members.into_iter().enumerate() {
                separate(index, out);
                out.push_str(&serde_json::to_string(key)?);
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
        scalar => out.push_str(&serde_json::to_string(scalar)?),
    }
    Ok(())
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use serde_json::json;

    #[test]
    fn members_are_sorted_and_blanks_are_gone() {
        let mut out = String::new();
        let value = json!({"b": [1, {"z": null, "a": "\u{20ac}\n\u{f}\"\\"}], "a": true, "": "é"});
        write(&value, &mut out).unwrap();
        assert_eq!(
            out,
            "{\"\":\"é\",\"a\":true,\"b\":[1,{\"a\":\"€\\n\\u000f\\\"\\\\\",\"z\":null}]}"
        );
    }
}
