//! One pass over a document: stages every event in it, whatever it is wrapped in.

use super::field::{DataField, Field, ValueField};
use super::stage::{Origin, Span, Stage, StagedEvent, StagedValue};
use crate::json::{Error, Name, Next, Reader, Scanner, Text, Token};

/// Stages the events of a whole document: a bare event, an array of events, or an object whose values are events or
/// arrays of events.
///
/// # Errors
/// Whatever makes the document no JSON.
pub(super) fn scan_document(body: &[u8], stage: &mut Stage) -> Result<(), Error> {
    let mut scanner = Scanner::new();
    let origin = Origin::new(body, 0);
    let mut scan = Scan { reader: scanner.read(body, true), stage, origin };
    match scan.next_token() {
        Some(Token::ObjectStart) => scan.root_object(),
        Some(Token::ArrayStart) => scan.array_of_events(Span::default()),
        _ => {}
    }
    scan.end()
}

/// Stages the values of `data` where it stands as text at `start` of the body, its escapes resolved.
///
/// # Errors
/// Whatever makes the text no JSON.
pub(super) fn scan_data(
    text: &[u8],
    start: usize,
    stage: &mut Stage,
    event: &mut StagedEvent,
) -> Result<(), Error> {
    let mut scanner = Scanner::new();
    let origin = Origin::new(text, start);
    let mut scan = Scan { reader: scanner.read(text, true), stage, origin };
    event.first_value = scan.stage.value_count();
    if let Some(Token::ObjectStart) = scan.next_token() {
        scan.data_object(event);
    }
    scan.end()?;
    event.value_count = stage.value_count().saturating_sub(event.first_value);
    Ok(())
}

/// A member of an object: what its name means, the name, and the first token of its value.
type Member<'b, N> = (N, Text<'b>, Token<'b>);

/// A pass over a document. An error ends every array and object that is open; as it stays, it comes up in the end.
struct Scan<'s, 'b> {
    reader: Reader<'s, 'b>,
    stage: &'s mut Stage,
    origin: Origin,
}

impl<'b> Scan<'_, 'b> {
    /// Reads what is left of the document.
    fn end(mut self) -> Result<(), Error> {
        self.reader.skip_to_depth(0)?;
        self.reader.next_token()?;
        Ok(())
    }

    /// The root, which is an event or holds events: what was staged as held is taken back if it is an event.
    fn root_object(&mut self) {
        let events = self.stage.events.len();
        let mut event = StagedEvent { first_value: self.stage.value_count(), ..StagedEvent::default() };
        while let Some((field, name, token)) = self.event_member(&mut event) {
            match field {
                Field::Unknown if !event.is_event() => {
                    let hint = self.span(name);
                    self.held(token, hint);
                }
                field => self.field(field, token, &mut event),
            }
        }
        if event.is_event() {
            self.stage.events.truncate(events);
            self.stage.push_event(event);
        }
    }

    /// What a wrapper holds under one of its keys.
    fn held(&mut self, token: Token<'b>, hint: Span) {
        match token {
            Token::ObjectStart => self.event_object(hint),
            Token::ArrayStart => self.array_of_events(hint),
            _ => {}
        }
    }

    /// The elements of an array: those that are objects may be events.
    fn array_of_events(&mut self, hint: Span) {
        loop {
            match self.element() {
                Some(Token::ObjectStart) => self.event_object(hint),
                Some(Token::ArrayStart) => self.skip_open(),
                Some(Token::ArrayEnd) | None => return,
                Some(_) => {}
            }
        }
    }

    fn event_object(&mut self, hint: Span) {
        let first_value = self.stage.value_count();
        let mut event = StagedEvent { hint, first_value, ..StagedEvent::default() };
        while let Some((field, _, token)) = self.event_member(&mut event) {
            self.field(field, token, &mut event);
        }
        if event.is_event() {
            self.stage.push_event(event);
        }
    }

    /// Takes the plain members in front into `event`, and gives the next one of another kind.
    fn event_member(&mut self, event: &mut StagedEvent) -> Option<Member<'b, Field>> {
        let origin = self.origin;
        let next = self.reader.take_plain_members(|field, text| event.take_text(field, origin.span(text)));
        self.member(next)
    }

    /// Takes in one field of an event; `token` is the first of its value.
    fn field(&mut self, field: Field, token: Token<'b>, event: &mut StagedEvent) {
        match (field, token) {
            (field, Token::String(text)) => {
                let span = self.span(text);
                event.take_text(field, span);
            }
            (Field::Time, Token::Number(number)) => {
                let span = self.span(Text::plain(number));
                event.take_text(Field::Time, span);
            }
            (Field::Data, Token::ObjectStart) => self.data(event),
            (Field::Data, token) if event.is_event() => {
                self.no_data(event);
                self.skip(token);
            }
            (Field::FlatData, Token::ObjectStart) => self.flat_data(event),
            (Field::FlatQualifier, Token::ObjectStart) => self.flat_qualifier(event),
            (_, token) => self.skip(token),
        }
    }

    /// `data`; the last of several counts.
    fn data(&mut self, event: &mut StagedEvent) {
        event.note(Field::Data);
        self.no_data(event);
        self.data_object(event);
        event.value_count = self.stage.value_count().saturating_sub(event.first_value);
    }

    /// Takes back the `data` there was.
    fn no_data(&mut self, event: &mut StagedEvent) {
        self.stage.truncate_values(event.first_value);
        event.data = Span::default();
        event.value_count = 0;
    }

    fn data_object(&mut self, event: &StagedEvent) {
        loop {
            let next = self.reader.take_plain_members(|_, _| {});
            match self.member(next) {
                Some((DataField::Values, _, Token::ArrayStart)) => {
                    self.stage.truncate_values(event.first_value);
                    self.values_array();
                }
                Some((_, _, token)) => self.skip(token),
                None => return,
            }
        }
    }

    fn values_array(&mut self) {
        loop {
            match self.element() {
                Some(Token::ObjectStart) => {
                    let value = self.value_object();
                    self.stage.push_value(value);
                }
                Some(Token::ArrayStart) => self.skip_open(),
                Some(Token::ArrayEnd) | None => return,
                Some(_) => {}
            }
        }
    }

    fn value_object(&mut self) -> StagedValue {
        let mut value = StagedValue::default();
        while let Some((field, _, token)) = self.value_member(&mut value) {
            let is_text = matches!(token, Token::String(_));
            let span = self.scalar(token);
            // An address or a type is a text. A value may be a number; anything else takes back the one there was.
            if is_text || !matches!(field, ValueField::Address | ValueField::Type) {
                value.take_text(field, span);
            }
        }
        value
    }

    /// Takes the plain members in front into `value`, and gives the next one of another kind.
    fn value_member(&mut self, value: &mut StagedValue) -> Option<Member<'b, ValueField>> {
        let origin = self.origin;
        let next = self.reader.take_plain_members(|field, text| value.take_text(field, origin.span(text)));
        self.member(next)
    }

    /// `EventData` of `StarlingX` v1: its `State` becomes the one value of the event, in the place of any `data`.
    fn flat_data(&mut self, event: &mut StagedEvent) {
        event.note(Field::FlatData);
        self.no_data(event);
        while let Some((name, token)) = self.any_member() {
            let value = self.scalar(token);
            if name.is(b"State") {
                self.stage.truncate_values(event.first_value);
                let mut state = StagedValue::default();
                state.take_text(ValueField::State, value);
                self.stage.push_value(state);
            }
        }
        event.value_count = self.stage.value_count().saturating_sub(event.first_value);
    }

    /// `ResourceQualifier` of `StarlingX` v1: its `NodeName` is the node.
    fn flat_qualifier(&mut self, event: &mut StagedEvent) {
        while let Some((name, token)) = self.any_member() {
            match token {
                Token::String(text) if name.is(b"NodeName") => event.node = self.span(text),
                token => self.skip(token),
            }
        }
    }

    /// A value that may be text or number; anything else is nothing.
    fn scalar(&mut self, token: Token<'b>) -> Span {
        match token {
            Token::String(text) => self.span(text),
            Token::Number(number) => self.span(Text::plain(number)),
            token => {
                self.skip(token);
                Span::default()
            }
        }
    }

    /// The next member of the object that is open; `None` at the object's end.
    fn member<N: Name>(&mut self, next: Next<'b, N>) -> Option<Member<'b, N>> {
        let (name, text) = match next {
            Next::Value(name, text) => (name, text),
            Next::End => return None,
            Next::Other if self.reader.take_end(b'}') => return None,
            Next::Other => match self.next_token()? {
                Token::Key(text) => (N::of(text), text),
                _ => return None,
            },
        };
        let token = if self.reader.take_start(b'{') {
            Token::ObjectStart
        } else if self.reader.take_start(b'[') {
            Token::ArrayStart
        } else {
            self.next_token()?
        };
        Some((name, text, token))
    }

    /// The same of an object whose members are few and mean nothing elsewhere: its name and the first token of its value.
    fn any_member(&mut self) -> Option<(Text<'b>, Token<'b>)> {
        match self.next_token()? {
            Token::Key(name) => Some((name, self.next_token()?)),
            _ => None,
        }
    }

    /// The first token of the next element of the array that is open, or the array's end.
    fn element(&mut self) -> Option<Token<'b>> {
        if self.reader.take_start(b'{') {
            Some(Token::ObjectStart)
        } else if self.reader.take_end(b']') {
            Some(Token::ArrayEnd)
        } else {
            self.next_token()
        }
    }

    fn next_token(&mut self) -> Option<Token<'b>> {
        self.reader.next_token().ok().flatten()
    }

    /// Skips the rest of the value that began with `token`.
    fn skip(&mut self, token: Token<'b>) {
        if matches!(token, Token::ObjectStart | Token::ArrayStart) {
            self.skip_open();
        }
    }

    /// Skips to the end of the array or object that was just opened.
    fn skip_open(&mut self) {
        let outside = self.reader.depth().saturating_sub(1);
        while self.reader.depth() > outside && self.next_token().is_some() {}
    }

    /// Where `text` stands in the body.
    fn span(&mut self, text: Text<'b>) -> Span {
        self.stage.is_unresolved |= text.is_escaped();
        self.origin.span(text)
    }
}
