//! JSON as we write it: values by name, with no memory taken and no letter that acts on a terminal.

use std::fmt::{self, Display, Write};

use crate::escape::EscapingJson;

/// Something that JSON has a text for.
pub(crate) trait Json {
    /// Writes the text.
    ///
    /// # Errors
    /// If `out` takes no more.
    fn write(&self, out: &mut dyn Write) -> fmt::Result;

    /// Whether a member of this value is written at all.
    fn is_written(&self) -> bool {
        true
    }
}

/// A name and its value, as [`members`] makes them.
pub(crate) type Member<'m> = (Name, &'m dyn Json);

/// The name of a member and what stands around it, of which a line takes fewer and longer pieces.
pub(crate) struct Name(pub(crate) &'static str);

/// Members of an object, in their order. Their names are ours: nothing in them needs to be escaped.
macro_rules! members {
    ($($name:literal: $value:expr),* $(,)?) => {
        &[$(($crate::json::Name(concat!(",\"", $name, "\":")), $value as &dyn $crate::json::Json)),*]
    };
}
pub(crate) use members;

/// An object of these members.
pub(crate) struct Object<'m>(pub(crate) &'m [Member<'m>]);

/// An object whose members come in parts.
pub(crate) struct Members<'w> {
    out: &'w mut dyn Write,
    /// Whether there is none yet.
    is_empty: bool,
}

/// Whatever can be shown, as a string.
pub(crate) struct Text<T>(pub(crate) T);

/// The same of what is ours: nothing in it needs to be escaped.
pub(crate) struct Plain<T>(pub(crate) T);

/// A value whose member is left out if there is none.
pub(crate) struct Optional<T>(pub(crate) Option<T>);

/// The text of `value`.
pub(crate) fn text(value: &impl Json) -> String {
    let mut text = String::new();
    // A string takes everything.
    let _ = value.write(&mut text);
    text
}

/// Writes an array of `items`.
///
/// # Errors
/// If `out` takes no more.
pub(crate) fn array(out: &mut dyn Write, items: impl Iterator<Item: Json>) -> fmt::Result {
    out.write_str("[")?;
    for (index, item) in items.enumerate() {
        out.write_str(if index > 0 { "," } else { "" })?;
        item.write(out)?;
    }
    out.write_str("]")
}

impl Json for Object<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        let mut members = Members::new(out);
        members.add(self.0)?;
        members.end()
    }
}

impl<'w> Members<'w> {
    pub(crate) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, is_empty: true }
    }

    /// Writes some more.
    ///
    /// # Errors
    /// If `out` takes no more.
    pub(crate) fn add(&mut self, members: &[Member<'_>]) -> fmt::Result {
        for (Name(name), value) in members.iter().filter(|(_, value)| value.is_written()) {
            let mut name = *name;
            if std::mem::take(&mut self.is_empty) {
                self.out.write_str("{")?;
                name = name.trim_start_matches(',');
            }
            self.out.write_str(name)?;
            value.write(self.out)?;
        }
        Ok(())
    }

    /// Writes the end of the object.
    ///
    /// # Errors
    /// If `out` takes no more.
    pub(crate) fn end(self) -> fmt::Result {
        self.out.write_str(if self.is_empty { "{}" } else { "}" })
    }
}

impl<T: Display> Json for Text<T> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str("\"")?;
        write!(EscapingJson(&mut *out), "{}", self.0)?;
        out.write_str("\"")
    }
}

impl<T: Display> Json for Plain<T> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        write!(out, "\"{}\"", self.0)
    }
}

impl<T: Json> Json for Optional<T> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        self.0.write(out)
    }

    fn is_written(&self) -> bool {
        self.0.is_some()
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        match self {
            Some(value) => value.write(out),
            None => out.write_str("null"),
        }
    }
}

impl<T: Json> Json for [T] {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        array(out, self.iter())
    }
}

impl<T: Json + ?Sized> Json for &T {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        (**self).write(out)
    }

    fn is_written(&self) -> bool {
        (**self).is_written()
    }
}

impl Json for str {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str("\"")?;
        EscapingJson(&mut *out).write_str(self)?;
        out.write_str("\"")
    }
}

impl Json for String {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        self.as_str().write(out)
    }
}

impl Json for bool {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str(if *self { "true" } else { "false" })
    }
}

/// Numbers show themselves as JSON does.
macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl Json for $number {
            fn write(&self, out: &mut dyn Write) -> fmt::Result {
                write!(out, "{self}")
            }
        })*
    };
}

numbers! { u8 u32 u64 i64 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_means_the_same() {
        let hostile = "a\u{fffd}\x1b\0\"\\\n\x7f\u{9b}\u{85}\u{61c}\u{200f}\u{2028}\u{2029}\u{202e}\u{2066}\u{e4}\u{1f550}";
        let expected = "\"a\u{fffd}\\u001b\\u0000\\\"\\\\\\n\\u007f\\u009b\\u0085\\u061c\\u200f\\u2028\\u2029\\u202e\\u2066\u{e4}\u{1f550}\"";
        for text in [text(&hostile), text(&Text(hostile))] {
            assert_eq!(text, expected);
            assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
        }
    }

    #[test]
    fn members_are_written_in_their_order_or_not_at_all() {
        let list = ["b", "c\""];
        let inner = Object(members! { "none": &Optional::<u8>(None) });
        let object = Object(members! {
            "null": &None::<u8>,
            "left out": &Optional::<bool>(None),
            "there": &Optional(Some(None::<bool>)),
            "list": &list.as_slice(),
            "empty": &inner,
            "number": &i64::MIN,
            "so": &true,
        });
        assert_eq!(
            text(&object),
            r#"{"null":null,"there":null,"list":["b","c\""],"empty":{},"number":-9223372036854775808,"so":true}"#
        );
    }

    #[test]
    fn an_end_of_room_is_told() {
        struct Full;
        impl Write for Full {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        assert_eq!(Object(members! {}).write(&mut Full), Err(fmt::Error));
    }
}
