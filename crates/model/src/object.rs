//! Structs from JSON objects alone. Derived code takes a list of a struct's fields as well, in their order: what somebody
//! sends by mistake would be accepted, and mean something else once a field is added.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

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
