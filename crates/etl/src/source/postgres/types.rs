//! How each PostgreSQL type is carried over: to PostgreSQL in its own binary form, to Arrow exactly or as text.
//!
//! Types whose binary form names objects of the source database (enum arrays, composites), and types of extensions,
//! go over as text.

use crate::table::Kind;

/// A column's type, domains resolved.
pub(super) struct SourceType<'a> {
    pub name: &'a str,
    /// `b` base, `e` enum, `r` range, `m` multirange, `c` composite.
    pub typtype: &'a str,
    pub builtin: bool,
    pub typmod: i32,
    pub formatted: String,
    /// The element type's name, for arrays.
    pub element: Option<&'a str>,
    pub builtin_element: bool,
}

pub(super) struct Carried {
    pub postgres_type: String,
    pub postgres_cast: Option<String>,
    pub kind: Kind,
    pub textual: bool,
}

/// Base types whose binary form means the same in each database.
const PORTABLE: &[&str] = &[
    "bool",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "text",
    "varchar",
    "bpchar",
    "name",
    "char",
    "bytea",
    "uuid",
    "json",
    "jsonb",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "bit",
    "varbit",
    "oid",
    "pg_lsn",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsvector",
    "tsquery",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
];

pub(super) fn carry(source: &SourceType<'_>) -> Carried {
    if source.typtype == "e" {
        // An enum's binary form is its label.
        return Carried {
            postgres_type: "text".into(),
            postgres_cast: None,
            kind: Kind::Text,
            textual: true,
        };
    }
    if let Some(element) = source.element {
        let portable = source.builtin_element && PORTABLE.contains(&element);
        let (postgres_type, postgres_cast) = match portable {
            true => (source.formatted.clone(), None),
            false => ("text[]".to_owned(), Some("text[]".to_owned())),
        };
        return Carried {
            postgres_type,
            postgres_cast,
            kind: Kind::Text,
            textual: false,
        };
    }
    if source.builtin && PORTABLE.contains(&source.name) {
        let textual = matches!(source.name, "text" | "varchar" | "bpchar" | "name" | "json");
        let kind = kind(source.name, source.typmod);
        return Carried {
            postgres_type: source.formatted.clone(),
            postgres_cast: None,
            kind,
            textual,
        };
    }
    Carried {
        postgres_type: "text".into(),
        postgres_cast: Some("text".into()),
        kind: Kind::Text,
        textual: false,
    }
}

fn kind(name: &str, typmod: i32) -> Kind {
    match name {
        "bool" => Kind::Bool,
        "int2" => Kind::Int2,
        "int4" => Kind::Int4,
        "int8" => Kind::Int8,
        "float4" => Kind::Float4,
        "float8" => Kind::Float8,
        "numeric" => decimal(typmod),
        "bytea" => Kind::Bytes,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "timestamp" => Kind::Timestamp,
        "timestamptz" => Kind::TimestampTz,
        _ => Kind::Text,
    }
}

/// `numeric(p,s)` as far as 38 digits hold it; all others are exact text.
fn decimal(typmod: i32) -> Kind {
    if typmod < 4 {
        return Kind::Text;
    }
    let precision = ((typmod - 4) >> 16) & 0xffff;
    // Eleven bits with sign, since PostgreSQL 15 allows scales below zero.
    let scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if scale >= 0 && scale.unsigned_abs() <= precision => {
            Kind::Decimal { precision, scale }
        }
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_beyond_38_digits_and_odd_scales_are_text() {
        let typmod = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
        assert_eq!(
            decimal(typmod(12, 2)),
            Kind::Decimal {
                precision: 12,
                scale: 2
            }
        );
        assert_eq!(
            decimal(typmod(38, 38)),
            Kind::Decimal {
                precision: 38,
                scale: 38
            }
        );
        for odd in [typmod(39, 2), typmod(5, -3), typmod(2, 5), -1] {
            assert_eq!(decimal(odd), Kind::Text);
        }
    }
}
