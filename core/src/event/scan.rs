//! One pass over a document: stages every event in it, whatever it is wrapped in.

use super::stage::{Span, Stage, StagedEvent, StagedValue};
use crate::json::{Error, Reader, Scanner, Text, Token};

/// Stages the events of a whole document: a bare event, an array of events, or an object whose values are events or
/// arrays of events.
///
/// # Errors
/// Whatever makes the document no JSON.
pub(super) fn scan_document(body: &[u8], stage: &mut Stage) -> Result<(), Error> {
    let mut scanner = Scanner::new();
    let mut scan = Scan { reader: scanner.read(body, true), stage, document: body, base: 0 };
    match scan.reader.next_token()? {
        Some(Token::ObjectStart) => scan.root_object()?,
        Some(Token::ArrayStart) => scan.array_of_events(Span::default())?,
        _ => {}
    }
    scan.reader.skip_to_depth(0)?;
    scan.reader.next_token()?;
    Ok(())
}

/// Stages the values of `data` where it stands as text at `base` of the body, its escapes resolved.
///
/// # Errors
/// Whatever makes the text no JSON.
pub(super) fn scan_data(
    text: &[u8],
    base: usize,
    stage: &mut Stage,
    event: &mut StagedEvent,
) -> Result<(), Error> {
    let mut scanner = Scanner::new();
    let mut scan = Scan { reader: scanner.read(text, true), stage, document: text, base };
    event.first_value = scan.stage.value_count();
    if let Some(Token::ObjectStart) = scan.reader.next_token()? {
        scan.data_object(event)?;
    }
    scan.reader.skip_to_depth(0)?;
    scan.reader.next_token()?;
    event.value_count = scan.stage.value_count().saturating_sub(event.first_value);
    Ok(())
}

struct Scan<'s, 'b> {
    reader: Reader<'s, 'b>,
    stage: &'s mut Stage,
    document: &'b [u8],
    /// Where the document begins in the body.
    base: usize,
}

/// A field of an event that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Id,
    Kind,
    Source,
    Subject,
    Time,
    Data,
    /// `StarlingX` v1: `ResourceType`.
    FlatType,
    /// `StarlingX` v1: `EventData`.
    FlatData,
    /// `StarlingX` v1: `ResourceQualifier`.
    FlatQualifier,
    Unknown,
}

impl Field {
    /// The field a key of an event names, in the spelling of v1, v2 or the specification's figures.
    fn of(key: Text<'_>) -> Self {
        if key.is_escaped() {
            return Self::of_escaped(key);
        }
        match key.raw() {
            b"id" | b"Id" => Self::Id,
            b"type" => Self::Kind,
            b"source" => Self::Source,
            b"subject" => Self::Subject,
            b"time" | b"EventTimestamp" => Self::Time,
            b"data" => Self::Data,
            b"ResourceType" => Self::FlatType,
            b"EventData" => Self::FlatData,
            b"ResourceQualifier" => Self::FlatQualifier,
            _ => Self::Unknown,
        }
    }

    /// Whether an object is an event that has this field, with a value that begins with `token`.
    fn makes_an_event(self, token: Token<'_>) -> bool {
        matches!(
            (self, token),
            (Self::Kind | Self::Source, Token::String(_))
                | (Self::Data, Token::ObjectStart | Token::String(_))
                | (Self::FlatData, Token::ObjectStart)
        )
    }

    fn of_escaped(key: Text<'_>) -> Self {
        const KEYS: [&[u8]; 11] = [
            b"id",
            b"Id",
            b"type",
            b"source",
            b"subject",
            b"time",
            b"EventTimestamp",
            b"data",
            b"ResourceType",
            b"EventData",
            b"ResourceQualifier",
        ];
        KEYS.into_iter()
            .find(|known| key.is(known))
            .map_or(Self::Unknown, |known| Self::of(Text::plain(known)))
    }
}

impl<'b> Scan<'_, 'b> {
    /// The root, which is an event or holds events: what was staged as held is taken back once it is an event.
    fn root_object(&mut self) -> Result<(), Error> {
        let (events, values) = (self.stage.events.len(), self.stage.value_count());
        let mut event = StagedEvent { first_value: values, ..StagedEvent::default() };
        while let Some(key) = self.next_key()? {
            let field = Field::of(key);
            let hint = self.span(key);
            let token = self.next_value()?;
            if field == Field::Unknown && !event.is_event {
                self.held(token, hint)?;
                continue;
            }
            if field.makes_an_event(token) && !event.is_event {
                self.stage.truncate(events, values);
            }
            self.field(field, token, &mut event)?;
        }
        if event.is_event {
            self.stage.push_event(event);
        }
        Ok(())
    }

    /// What a wrapper holds under one of its keys.
    fn held(&mut self, token: Token<'b>, hint: Span) -> Result<(), Error> {
        match token {
            Token::ObjectStart => self.event_object(hint),
            Token::ArrayStart => self.array_of_events(hint),
            _ => Ok(()),
        }
    }

    /// The elements of an array: those that are objects may be events.
    fn array_of_events(&mut self, hint: Span) -> Result<(), Error> {
        loop {
            match self.reader.next_token()? {
                Some(Token::ObjectStart) => self.event_object(hint)?,
                Some(Token::ArrayStart) => self.skip_open()?,
                Some(Token::ArrayEnd) | None => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn event_object(&mut self, hint: Span) -> Result<(), Error> {
        let mut event = StagedEvent { hint, first_value: self.stage.value_count(), ..StagedEvent::default() };
        while let Some(key) = self.next_key()? {
            let field = Field::of(key);
            let token = self.next_value()?;
            self.field(field, token, &mut event)?;
        }
        if event.is_event {
            self.stage.push_event(event);
        }
        Ok(())
    }

    /// Takes in one field of an event; `token` is the first of its value.
    fn field(&mut self, field: Field, token: Token<'b>, event: &mut StagedEvent) -> Result<(), Error> {
        event.is_event |= field.makes_an_event(token);
        match (field, token) {
            (Field::Id, Token::String(text)) => event.id = self.span(text),
            (Field::Subject, Token::String(text)) => event.subject = self.span(text),
            (Field::Time, Token::String(text)) => event.time = self.span(text),
            (Field::Time, Token::Number(number)) => event.time = self.number_span(number),
            (Field::Kind, Token::String(text)) => event.kind = self.span(text),
            (Field::Source, Token::String(text)) => event.source = self.span(text),
            (Field::Data, token) if event.is_event => self.data(token, event)?,
            (Field::FlatType, Token::String(text)) => {
                event.is_flat_ptp = text.is_ignoring_case(b"PTP");
            }
            (Field::FlatData, Token::ObjectStart) => self.flat_data(event)?,
            (Field::FlatQualifier, Token::ObjectStart) => self.flat_qualifier(event)?,
            (_, token) => self.skip(token)?,
        }
        Ok(())
    }

    /// `data`; the last of several counts.
    fn data(&mut self, token: Token<'b>, event: &mut StagedEvent) -> Result<(), Error> {
        self.stage.truncate_values(event.first_value);
        event.value_count = 0;
        event.data = Span::default();
        match token {
            Token::ObjectStart => self.data_object(event)?,
            Token::String(text) => event.data = self.span(text),
            token => self.skip(token)?,
        }
        event.value_count = self.stage.value_count().saturating_sub(event.first_value);
        Ok(())
    }

    fn data_object(&mut self, event: &StagedEvent) -> Result<(), Error> {
        while let Some(key) = self.next_key()? {
            match (key.is(b"values"), self.next_value()?) {
                (true, Token::ArrayStart) => {
                    self.stage.truncate_values(event.first_value);
                    self.values_array()?;
                }
                (_, token) => self.skip(token)?,
            }
        }
        Ok(())
    }

    fn values_array(&mut self) -> Result<(), Error> {
        loop {
            match self.reader.next_token()? {
                Some(Token::ObjectStart) => {
                    let value = self.value_object()?;
                    self.stage.push_value(value);
                }
                Some(Token::ArrayStart) => self.skip_open()?,
                Some(Token::ArrayEnd) | None => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn value_object(&mut self) -> Result<StagedValue, Error> {
        let mut value = StagedValue::default();
        while let Some(key) = self.next_key()? {
            let token = self.next_value()?;
            if key.is(b"value") {
                value.value = self.scalar(token)?;
            } else if let Token::String(text) = token {
                if key.is(b"ResourceAddress") || key.is(b"resource") {
                    value.address = self.span(text);
                } else if key.is(b"data_type") || key.is(b"dataType") || key.is(b"type") {
                    value.is_notification = text.is_ignoring_case(b"notification");
                }
            } else {
                self.skip(token)?;
            }
        }
        Ok(value)
    }

    /// `EventData` of `StarlingX` v1: its `State` becomes the one value of the event, in the place of any `data`.
    fn flat_data(&mut self, event: &mut StagedEvent) -> Result<(), Error> {
        self.stage.truncate_values(event.first_value);
        event.data = Span::default();
        while let Some(key) = self.next_key()? {
            let is_state = key.is(b"State");
            let token = self.next_value()?;
            let scalar = self.scalar(token)?;
            if is_state {
                self.stage.truncate_values(event.first_value);
                self.stage.push_value(StagedValue {
                    is_notification: true,
                    value: scalar,
                    ..StagedValue::default()
                });
            }
        }
        event.value_count = self.stage.value_count().saturating_sub(event.first_value);
        Ok(())
    }

    /// `ResourceQualifier` of `StarlingX` v1: its `NodeName` is the node.
    fn flat_qualifier(&mut self, event: &mut StagedEvent) -> Result<(), Error> {
        while let Some(key) = self.next_key()? {
            match self.next_value()? {
                Token::String(text) if key.is(b"NodeName") => event.node = self.span(text),
                token => self.skip(token)?,
            }
        }
        Ok(())
    }

    /// A value that may be text or number; anything else is nothing.
    fn scalar(&mut self, token: Token<'b>) -> Result<Span, Error> {
        match token {
            Token::String(text) => Ok(self.span(text)),
            Token::Number(number) => Ok(self.number_span(number)),
            token => {
                self.skip(token)?;
                Ok(Span::default())
            }
        }
    }

    /// The next key of the object that is open; `None` at its end.
    fn next_key(&mut self) -> Result<Option<Text<'b>>, Error> {
        match self.reader.next_token()? {
            Some(Token::Key(key)) => Ok(Some(key)),
            _ => Ok(None),
        }
    }

    /// The first token of the value behind a key; the grammar sees to it that there is one.
    fn next_value(&mut self) -> Result<Token<'b>, Error> {
        Ok(self.reader.next_token()?.unwrap_or(Token::Null))
    }

    /// Skips the rest of the value that began with `token`.
    fn skip(&mut self, token: Token<'b>) -> Result<(), Error> {
        match token {
            Token::ObjectStart | Token::ArrayStart => self.skip_open(),
            _ => Ok(()),
        }
    }

    /// Skips to the end of the array or object that was just opened.
    fn skip_open(&mut self) -> Result<(), Error> {
        let outside = self.reader.depth().saturating_sub(1);
        self.reader.skip_to_depth(outside)?;
        Ok(())
    }

    fn span(&self, text: Text<'b>) -> Span {
        Span::within(self.document, text.raw(), self.base, text.is_escaped())
    }

    fn number_span(&self, number: &'b [u8]) -> Span {
        Span::within(self.document, number, self.base, false)
    }
}
