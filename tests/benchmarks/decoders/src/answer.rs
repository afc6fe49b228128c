//! What was decoded, as text: every decoder must give the same.

use std::fmt::Write;

use ptpwatch_core::event::{Address, Content, Decimal, Stage, Word, decode};

use crate::event::{Event, PlainEvent, Scalar};

/// What ours says of a body.
pub(crate) fn of_ours(body: &mut [u8]) -> String {
    let mut stage = Stage::new();
    let decoded = decode(body, &mut stage).expect("it is JSON");
    let mut lines = String::new();
    for event in decoded.events() {
        let texts = [event.id(), event.kind(), event.source(), event.time_text()];
        push(&mut lines, &texts.map(text).join(" "));
        for reading in event.readings() {
            let content = match reading.content {
                Content::Word(word) => word.to_string(),
                Content::Metric(_, Some(number)) => number.to_string(),
                other => format!("{other:?}"),
            };
            let resource = reading.resource.expect("it is known");
            push(&mut lines, &format!("{resource} {} {content}", text(reading.instance)));
        }
    }
    lines
}

/// What a peer decoded.
pub(crate) trait Answer {
    fn push_to(&self, lines: &mut String);
}

impl Answer for Event<'_> {
    fn push_to(&self, lines: &mut String) {
        push(lines, &[&*self.id, &self.kind, &self.source, &self.time].join(" "));
        for value in &self.data.values {
            match &value.value {
                Scalar::Text(text) => push_value(lines, &self.source, &value.address, text),
                Scalar::Number(number) => {
                    push_value(lines, &self.source, &value.address, &number.to_string());
                }
            }
        }
    }
}

impl Answer for PlainEvent<'_> {
    fn push_to(&self, lines: &mut String) {
        push(lines, &[self.id, self.kind, self.source, self.time].join(" "));
        for value in &self.data.values {
            push_value(lines, self.source, value.address, value.value);
        }
    }
}

impl<A: Answer> Answer for Vec<A> {
    fn push_to(&self, lines: &mut String) {
        self.iter().for_each(|event| event.push_to(lines));
    }
}

/// The meaning of a peer's texts, by our own rules.
fn push_value(lines: &mut String, source: &str, address: &str, value: &str) {
    let address = Address::parse(address.as_bytes());
    let resource = address.resource.or(Address::parse(source.as_bytes()).resource).expect("it is known");
    let content = match (Word::parse(resource, value.as_bytes()), Decimal::parse(value.as_bytes())) {
        (Some(word), _) => word.to_string(),
        (None, number) => number.expect("it is a number").to_string(),
    };
    push(lines, &format!("{resource} {} {content}", text(address.instance)));
}

fn push(lines: &mut String, line: &str) {
    writeln!(lines, "{line}").expect("it is memory");
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the payloads are text")
}
