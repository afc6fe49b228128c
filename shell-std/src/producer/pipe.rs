//! One connection's bytes: what came and was not read yet, what is to go.

use ptpwatch_core::http::{Error, Part, Receiver};

#[derive(Debug)]
pub(super) struct Pipe {
    receiver: Receiver,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
}

impl Pipe {
    pub(super) fn new(receiver: Receiver) -> Self {
        Self { receiver, inbox: Vec::new(), outbox: Vec::new() }
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
    }

    pub(super) fn send(&mut self, text: &str) {
        self.outbox.extend_from_slice(text.as_bytes());
    }

    /// Whether more waits here, in or out, than an honest peer makes wait.
    pub(super) fn is_flooded(&self) -> bool {
        self.inbox.len() + self.outbox.len() > FLOOD_MAX
    }

    /// Reads the next part of a message, if it is there.
    pub(super) fn read<T>(&mut self, read: impl FnOnce(Part<'_>) -> T) -> Result<Option<T>, Error> {
        let Some((part, count)) = self.receiver.next_part(&self.inbox, false)? else {
            return if self.inbox.len() > INBOX_MAX { Err(Error::HeadTooLong) } else { Ok(None) };
        };
        let result = read(part);
        self.inbox.drain(..count);
        Ok(Some(result))
    }

    pub(super) fn outbox(&self) -> &[u8] {
        &self.outbox
    }

    pub(super) fn handle_sent(&mut self, count: usize) {
        self.outbox.drain(..count.min(self.outbox.len()));
    }
}

/// Longest head.
const INBOX_MAX: usize = 65_536;

/// What a peer that sends but does not read may pile up.
const FLOOD_MAX: usize = 1 << 20;
