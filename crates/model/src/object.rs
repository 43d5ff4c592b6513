//! Structs from JSON objects alone. Derived code takes a list of a struct's fields as well, in their order: what somebody
//! sends by mistake would be accepted, and mean something else once a field is added.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A value that was an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// For `deserialize_with`: a struct.
///
/// # Errors
/// When it is no object, or not one of this struct; so for the functions that follow.
pub fn one<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|object| object.0)
}

/// For `deserialize_with`: a list of structs.
///
/// # Errors
/// As in [`one`].
pub fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

/// For `deserialize_with`: a list of structs, or none.
///
/// # Errors
/// As in [`one`].
pub fn optional_list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let objects = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(objects.map(|objects| objects.into_iter().map(|object| object.0).collect()))
}

/// JSON in which no object has a name twice: of two values the last one would count, and nobody be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Distinct(pub Value);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whole).map(Self)
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Distinct(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some((name, Distinct(value))) = map.next_entry::<String, _>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

/// For `deserialize_with`: a list of whatever, or none, in which no object has a name twice.
///
/// # Errors
/// When one has.
pub fn optional_values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Value>>, D::Error> {
    let values = Option::<Vec<Distinct>>::deserialize(deserializer)?;
    Ok(values.map(|values| values.into_iter().map(|value| value.0).collect()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Point {
        x: i32,
        #[serde(default)]
        y: i32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Line {
        #[serde(deserialize_with = "super::one")]
        start: Point,
        #[serde(default, deserialize_with = "super::list")]
        rest: Vec<Point>,
        #[serde(default, deserialize_with = "super::optional_list")]
        marks: Option<Vec<Point>>,
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_wherever_it_is() {
        let whole = r#"{"a": [null, true, -1, 1.5, "x", {"b": {}}], "c": 18446744073709551615}"#;
        let super::Distinct(read) = serde_json::from_str(whole).unwrap();
        assert_eq!(read, serde_json::from_str::<serde_json::Value>(whole).unwrap());
        for twice in [r#"{"a": 1, "a": 2}"#, r#"[{"a": [{"b": 1, "c": 2, "b": 3}]}]"#] {
            assert!(serde_json::from_str::<super::Distinct>(twice).is_err(), "{twice}");
        }
    }

    #[test]
    fn an_object_is_read_and_a_list_in_its_place_is_not() {
        let line = json!({"start": {"x": 1}, "rest": [{"x": 2, "y": 3}], "marks": null});
        let read: Line = serde_json::from_value(line).unwrap();
        assert_eq!((read.start.x, read.rest[0].y, read.marks), (1, 3, None));
        for wrong in [
            json!({"start": [1, 2]}),
            json!({"start": {"x": 1}, "rest": [[2, 3]]}),
            json!({"start": {"x": 1}, "marks": [[2, 3]]}),
            json!({"start": {"x": 1, "z": 1}}),
        ] {
            assert!(serde_json::from_value::<Line>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
