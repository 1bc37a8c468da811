//! Reading a secret out of JSON, straight into a type that does not print.

use secrecy::SecretString;
use serde::{Deserialize as _, Deserializer};

pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}
