//! Messages of a connection, part by part.

use super::Error;
use super::chunk::chunk_size;
use super::head::{self, Body, Head, Method};
use super::lines::Lines;
use crate::limits::{CHUNK_LINE_MAX, EMPTY_LINES_MAX, TRAILERS_MAX};

/// Reads the messages of one connection, part by part.
#[derive(Clone, Debug)]
pub struct Receiver {
    role: Role,
    stage: Stage,
    /// The lines at the front of the window that were read and go with the next part: interim responses, empty lines
    /// before a request, the framing of chunks.
    lines: Lines,
}

/// A part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'b> {
    /// The head; a message begins.
    Head(Head<'b>),
    /// Some of the body, never empty, without the framing of chunks.
    Body(&'b [u8]),
    /// The end of the message, with or without a body.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Server,
    Client,
    /// A client whose next response answers a HEAD.
    ClientToHead,
}

/// What comes next in the window.
///
/// With a tag of its own, so that the first is all zeros, as a `static` for `.bss` has to be.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum Stage {
    Head,
    /// `left` bytes of a body, or of a chunk of it.
    Data {
        of: Framing,
        left: u64,
    },
    /// A line of a chunked body.
    Chunk(ChunkLine),
    End,
    Failed(Error),
}

/// What the end of a body is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length,
    Chunks,
    Close,
}

#[derive(Clone, Copy, Debug)]
enum ChunkLine {
    Size,
    /// The end of the line that the data stands on.
    DataEnd,
    Trailer,
}

impl Receiver {
    /// A receiver of requests: we are the server.
    pub const fn requests() -> Self {
        Self::new(Role::Server)
    }

    /// A receiver of responses: we are the client.
    pub const fn responses() -> Self {
        Self::new(Role::Client)
    }

    const fn new(role: Role) -> Self {
        Self { role, stage: Stage::Head, lines: Lines::new() }
    }

    /// Notes which request was sent: the response to a HEAD has no body. Inert on a receiver of requests.
    pub fn expect_response_to(&mut self, method: Method) {
        self.role = match self.role {
            Role::Server => Role::Server,
            _ if method == Method::Head => Role::ClientToHead,
            _ => Role::Client,
        };
    }

    /// Takes the next part of a message off the front of `window`: its head, some of its body, or its end.
    ///
    /// Returns the part and how many bytes of `window` to drop; these may be none for [`Part::End`]. `Ok(None)` asks
    /// for more bytes; nothing was consumed, and the next window must begin with the same bytes. If a window above
    /// [`FRAMING_MAX`](crate::limits::FRAMING_MAX) is full by then, the head is too long for it. `closed` says that the
    /// peer sends no more, which ends a body without a length. RFC 9112 sections 6.3 and 7.1.
    ///
    /// # Errors
    /// Any of [`Error`], and the same again from then on: close, do not resync.
    pub fn next_part<'b>(
        &mut self,
        window: &'b [u8],
        closed: bool,
    ) -> Result<Option<(Part<'b>, usize)>, Error> {
        let result = match self.step(window) {
            Ok(None) if closed => self.handle_close(),
            result => result,
        };
        match result {
            Ok(Some(_)) => self.lines = Lines::new(),
            Ok(None) => {}
            Err(error) => self.stage = Stage::Failed(error),
        }
        result
    }

    /// Moves on to the body of a request whose head was known without being read, and which the next window begins behind.
    /// Only between messages.
    pub(crate) fn pass_head(&mut self, body: Body) {
        self.lines = Lines::new();
        self.begin_body(body);
    }

    /// Stays between messages, behind a whole request that was known without being read; some of its head may have been.
    pub(crate) fn pass_message(&mut self) {
        self.lines = Lines::new();
    }

    /// Whether nothing of a next message was consumed; some of its head may be in the window.
    pub fn is_between_messages(&self) -> bool {
        matches!(self.stage, Stage::Head)
    }

    /// Whether the head of a message was taken and its end was not.
    pub fn is_in_body(&self) -> bool {
        !matches!(self.stage, Stage::Head | Stage::Failed(_))
    }

    /// Whether the last window held some of a head, but not all of it. For a client, interim responses count.
    pub fn is_head_incomplete(&self) -> bool {
        self.is_between_messages() && self.has_begun()
    }

    fn has_begun(&self) -> bool {
        match self.role {
            Role::Server => self.lines.has_begun_block(),
            Role::Client | Role::ClientToHead => self.lines.has_begun_block() || self.lines.len() > 0,
        }
    }

    fn step<'b>(&mut self, window: &'b [u8]) -> Result<Option<(Part<'b>, usize)>, Error> {
        loop {
            match self.stage {
                Stage::Head => {
                    return Ok(self.take_head(window)?.map(|head| (Part::Head(head), self.lines.len())));
                }
                Stage::Data { of, left } => return Ok(self.take_data(window, left, of)),
                Stage::Chunk(line) => match self.take_chunk_line(window, line)? {
                    Some(next) => self.stage = next,
                    None => return Ok(None),
                },
                Stage::End => {
                    self.stage = Stage::Head;
                    return Ok(Some((Part::End, self.lines.len())));
                }
                Stage::Failed(error) => return Err(error),
            }
        }
    }

    // Apart from what only counts bytes, which needs few registers.
    #[inline(never)]
    fn take_head<'b>(&mut self, window: &'b [u8]) -> Result<Option<Head<'b>>, Error> {
        loop {
            match self.lines.next_odd(window).map_err(|_| Error::Head)? {
                None => return Ok(None),
                // Folded, or white space before the first field: RFC 9112 sections 2.2 and 5.2.
                Some([_, ..]) => return Err(Error::Head),
                Some([]) if self.lines.block_len() == EMPTY_LINE => self.pass_empty_line()?,
                Some([]) => {
                    let head = self.parse_head(self.lines.block(window))?;
                    if head.is_some() {
                        return Ok(head);
                    }
                    self.lines.begin_block();
                }
            }
        }
    }

    /// Passes over an empty line before a request, as RFC 9112 section 2.2 asks of servers.
    fn pass_empty_line(&mut self) -> Result<(), Error> {
        if self.role != Role::Server || self.lines.len() > EMPTY_LINES_MAX * 2 {
            return Err(Error::Head);
        }
        self.lines.begin_block();
        Ok(())
    }

    /// Reads a whole head and moves on to its body; `None` if it is an interim response.
    fn parse_head<'b>(&mut self, bytes: &'b [u8]) -> Result<Option<Head<'b>>, Error> {
        let head = match self.role {
            Role::Server => Some(head::parse_request(bytes)?),
            role => head::parse_response(bytes, role == Role::ClientToHead)?,
        };
        if let Some(Head { body, .. }) = head {
            self.expect_response_to(Method::Other);
            self.begin_body(body);
        }
        Ok(head)
    }

    fn begin_body(&mut self, body: Body) {
        self.stage = match body {
            Body::None | Body::Length(0) => Stage::End,
            Body::Length(left) => Stage::Data { of: Framing::Length, left },
            Body::Chunked => Stage::Chunk(ChunkLine::Size),
            Body::UntilClose => Stage::Data { of: Framing::Close, left: u64::MAX },
        };
    }

    fn take_data<'b>(&mut self, window: &'b [u8], left: u64, of: Framing) -> Option<(Part<'b>, usize)> {
        let rest = window.get(self.lines.len()..)?;
        let count = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let data = rest.get(..count).filter(|data| !data.is_empty())?;
        let left = left.wrapping_sub(count as u64);
        self.stage = match of {
            Framing::Chunks if left == 0 => Stage::Chunk(ChunkLine::DataEnd),
            _ if left == 0 => Stage::End,
            _ => Stage::Data { of, left },
        };
        Some((Part::Body(data), self.lines.len().wrapping_add(count)))
    }

    /// Takes a line that frames chunks and returns what follows it; `None` until all of it is there.
    fn take_chunk_line(&mut self, window: &[u8], line: ChunkLine) -> Result<Option<Stage>, Error> {
        let longest = match line {
            ChunkLine::Size => CHUNK_LINE_MAX,
            ChunkLine::DataEnd => 0,
            ChunkLine::Trailer => TRAILERS_MAX.saturating_sub(self.lines.block_len()),
        };
        let Some(text) = self.lines.next(window, longest).map_err(|_| Error::Framing)? else {
            return Ok(None);
        };
        Ok(Some(match line {
            ChunkLine::Size => match chunk_size(text)? {
                0 => {
                    self.lines.begin_block();
                    Stage::Chunk(ChunkLine::Trailer)
                }
                left => Stage::Data { of: Framing::Chunks, left },
            },
            ChunkLine::DataEnd => Stage::Chunk(ChunkLine::Size),
            ChunkLine::Trailer if text.is_empty() => Stage::End,
            ChunkLine::Trailer => Stage::Chunk(ChunkLine::Trailer),
        }))
    }

    /// Ends what a close ends: a body without a length, or the wait for a next message.
    fn handle_close<'b>(&mut self) -> Result<Option<(Part<'b>, usize)>, Error> {
        match self.stage {
            Stage::Data { of: Framing::Close, .. } => {
                self.stage = Stage::Head;
                Ok(Some((Part::End, 0)))
            }
            Stage::Head if !self.has_begun() => Ok(None),
            _ => Err(Error::Truncated),
        }
    }
}

/// Bytes of a line that has none of its own: CRLF.
const EMPTY_LINE: usize = 2;
