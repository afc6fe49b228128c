//! JSON as producers lay it out.

use super::{go, python};

/// What stands between names, values and members, and how a string is written.
#[derive(Debug)]
pub(super) struct Json {
    pub colon: &'static str,
    pub comma: &'static str,
    /// A JSON string, quotes included.
    pub quoted: fn(&str) -> String,
}

pub(super) static GO: Json = Json { colon: ":", comma: ",", quoted: go::quoted };
pub(super) static PYTHON: Json = Json { colon: ": ", comma: ", ", quoted: python::quoted };

impl Json {
    /// An object of members whose values are JSON already.
    pub(super) fn object<'k>(&self, members: impl IntoIterator<Item = (&'k str, String)>) -> String {
        let mut object = String::from("{");
        for (key, value) in members {
            self.push_member(&mut object, key, &value);
        }
        object + "}"
    }

    fn push_member(&self, object: &mut String, key: &str, value: &str) {
        let comma = if object.len() > 1 { self.comma } else { "" };
        for part in [comma, &(self.quoted)(key), self.colon, value] {
            object.push_str(part);
        }
    }

    /// An array of values that are JSON already.
    pub(super) fn array(&self, values: &[String]) -> String {
        format!("[{}]", values.join(self.comma))
    }

    /// `text` as it stands between the quotes of a string.
    pub(super) fn escaped(&self, text: &str) -> String {
        let quoted = (self.quoted)(text);
        quoted[1..quoted.len() - 1].into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layouts_differ_in_white_space() {
        for (json, expected) in [(&GO, r#"{"a":[1,2],"b":"c"}"#), (&PYTHON, r#"{"a": [1, 2], "b": "c"}"#)] {
            let array = json.array(&["1".into(), "2".into()]);
            assert_eq!(json.object([("a", array), ("b", (json.quoted)("c"))]), expected);
        }
        assert_eq!(PYTHON.escaped("\"a\""), "\\\"a\\\"");
    }
}
