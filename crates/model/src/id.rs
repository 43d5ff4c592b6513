//! Typed, prefixed, time-ordered identifiers.
//!
//! The text form is TypeID 0.3 (`<prefix>_<suffix>`): the suffix is the 128 bits of a UUIDv7 in 26 characters of
//! Crockford's base32, lower case, so that ids sort by time as text and as UUID.

use std::fmt;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_CHARS: usize = 26;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("`{0}` is not an id: expected `<prefix>_` and 26 characters of base32")]
    Malformed(String),
    #[error("`{found}` is the id of another kind: expected the prefix `{expected}_`")]
    Prefix { expected: String, found: String },
}

/// An id whose prefix is only known at run time: the id of a resource is prefixed by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl Id {
    /// A new id, later in order than each one that this process made before.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// The text form: `pipeline_01jd...`.
    pub fn text(self, prefix: &str) -> String {
        let bits = self.0.as_u128();
        let suffix = (0..SUFFIX_CHARS).rev().map(|place| {
            let digit = (bits >> (5 * place)) & 31;
            char::from(
                *usize::try_from(digit)
                    .ok()
                    .and_then(|at| ALPHABET.get(at))
                    .unwrap_or(&b'0'),
            )
        });
        format!("{prefix}_{}", suffix.collect::<String>())
    }

    /// Splits a text form into prefix and id; the prefix may hold underscores itself.
    ///
    /// # Errors
    /// [`IdError::Malformed`] when the text has no prefix, or a suffix that is not 128 bits of base32.
    pub fn split(text: &str) -> Result<(&str, Self), IdError> {
        let malformed = || IdError::Malformed(text.chars().take(80).collect());
        let (prefix, suffix) = text.rsplit_once('_').ok_or_else(malformed)?;
        let bits = decode(suffix).ok_or_else(malformed)?;
        if prefix.is_empty() {
            return Err(malformed());
        }
        Ok((prefix, Self(Uuid::from_u128(bits))))
    }

    /// # Errors
    /// [`IdError`] when the text is malformed or carries another prefix.
    pub fn parse(prefix: &str, text: &str) -> Result<Self, IdError> {
        let (found, id) = Self::split(text)?;
        if found == prefix {
            return Ok(id);
        }
        Err(IdError::Prefix {
            expected: prefix.to_owned(),
            found: text.to_owned(),
        })
    }
}

fn decode(suffix: &str) -> Option<u128> {
    // The first character carries only 3 of its 5 bits: 26 * 5 = 130.
    if suffix.len() != SUFFIX_CHARS || suffix.as_bytes().first()? > &b'7' {
        return None;
    }
    suffix.bytes().try_fold(0_u128, |bits, character| {
        let digit = ALPHABET.iter().position(|known| *known == character)?;
        Some((bits << 5) | u128::try_from(digit).ok()?)
    })
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn generate() -> Self {
                Self(Id::generate().0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&Id(self.0).text(Self::PREFIX))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Id::parse(Self::PREFIX, text).map(|id| Self(id.0))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

typed_ids! {
    /// A tenant.
    OrgId = "org";
    /// A person.
    UserId = "user";
    /// A program that belongs to an org.
    ServiceAccountId = "sa";
    /// A credential of a service account.
    TokenId = "tok";
    /// An invitation to an org.
    InvitationId = "inv";
    /// A login of a user.
    SessionId = "ses";
    /// A policy of an org.
    PolicyId = "policy";
    /// Something unusual that a principal did.
    SignalId = "sig";
    /// A service account's login to the database.
    SqlLoginId = "sql";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_pairs_of_the_typeid_specification_hold() {
        let id = Id(Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").unwrap());
        assert_eq!(id.text("prefix"), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!(Id(Uuid::max()).text("a"), "a_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert!(Id::split("a_8zzzzzzzzzzzzzzzzzzzzzzzzz").is_err());
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let user = UserId::generate().to_string();
        assert!(matches!(user.parse::<OrgId>(), Err(IdError::Prefix { .. })));
    }

    proptest! {
        #[test]
        fn text_and_bits_are_the_same_thing(bits: u128, prefix in "[a-z]{1,8}(_[a-z]{1,8})?") {
            let id = Id(Uuid::from_u128(bits));
            let text = id.text(&prefix);
            prop_assert_eq!(Id::split(&text), Ok((prefix.as_str(), id)));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _ = Id::split(&text);
        }
    }
}
