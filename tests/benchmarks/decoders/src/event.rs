//! Events as typed, borrowed structures: what whoever uses a decoder of JSON would write.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// An event, in the spelling of any release.
#[derive(Debug, Deserialize)]
pub(crate) struct Event<'b> {
    #[serde(borrow)]
    pub(crate) id: Cow<'b, str>,
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'b, str>,
    #[serde(borrow)]
    pub(crate) source: Cow<'b, str>,
    #[serde(borrow)]
    pub(crate) time: Cow<'b, str>,
    #[serde(borrow)]
    pub(crate) data: Data<'b>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Data<'b> {
    #[serde(borrow)]
    pub(crate) values: Vec<Value<'b>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Value<'b> {
    #[serde(borrow, rename = "ResourceAddress", alias = "resource")]
    pub(crate) address: Cow<'b, str>,
    #[expect(dead_code, reason = "it is decoded, as ours decodes it")]
    #[serde(borrow, alias = "dataType")]
    pub(crate) data_type: Cow<'b, str>,
    #[serde(borrow)]
    pub(crate) value: Scalar<'b>,
}

/// A value: producers send text and numbers.
#[derive(Debug)]
pub(crate) enum Scalar<'b> {
    Text(Cow<'b, str>),
    Number(f64),
}

impl<'de: 'b, 'b> Deserialize<'de> for Scalar<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'b> Visitor<'b> for ScalarVisitor {
    type Value = Scalar<'b>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text or a number")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'b str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(number as f64))
    }
}

/// The same for `serde-json-core`, which reads neither text with escapes nor a value of more than one type.
#[derive(Debug, Deserialize)]
pub(crate) struct PlainEvent<'b> {
    pub(crate) id: &'b str,
    #[serde(rename = "type")]
    pub(crate) kind: &'b str,
    pub(crate) source: &'b str,
    pub(crate) time: &'b str,
    #[serde(borrow)]
    pub(crate) data: PlainData<'b>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PlainData<'b> {
    #[serde(borrow)]
    pub(crate) values: Vec<PlainValue<'b>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PlainValue<'b> {
    #[serde(rename = "ResourceAddress", alias = "resource")]
    pub(crate) address: &'b str,
    #[expect(dead_code, reason = "it is decoded, as ours decodes it")]
    #[serde(alias = "dataType")]
    pub(crate) data_type: &'b str,
    pub(crate) value: &'b str,
}
