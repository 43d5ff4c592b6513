//! The schema that is made of the reference product.

use cedar_policy::Schema;

use crate::product::etl;

#[test]
fn the_schema_of_the_etl_product_is_read_by_cedar() {
    let text = etl().schema();
    let (_, warnings) = Schema::from_cedarschema_str(&text).unwrap();
    assert_eq!(warnings.count(), 0);
    assert_eq!(text, etl().schema());
    insta::assert_snapshot!(text);
}

#[test]
fn no_secret_is_readable() {
    let vocabulary = etl();
    assert!(vocabulary.schema().contains("\"host\"?: String"));
    for secret in ["password", "x-plinth-secret"] {
        assert!(!vocabulary.schema().contains(secret), "{secret}");
    }
}
