//! Decoders: ours, its peers, and the least that anybody has to do.

use std::hint::black_box;

use ours::payload::Payload;
use ours::tracker::Tracker;
use serde::Deserialize;

use crate::answer::Answer;
use crate::event::{Event, PlainEvent};

/// What is done with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoder {
    /// Decoded and tracked: what no peer does.
    Ours,
    SerdeJson,
    /// It changes its input, so it gets a copy each time.
    SimdJson,
    SonicRs,
    SerdeJsonCore,
    /// Only copied: what `SimdJson` costs more than it would where its input may be changed.
    Copy,
    /// Found to be UTF-8, and its quotes counted.
    Floor,
}

impl Decoder {
    pub(crate) const ALL: [(&'static str, Self); 7] = [
        ("ours", Self::Ours),
        ("serde_json", Self::SerdeJson),
        ("simd-json", Self::SimdJson),
        ("sonic-rs", Self::SonicRs),
        ("serde-json-core", Self::SerdeJsonCore),
        ("copy", Self::Copy),
        ("floor", Self::Floor),
    ];
}

/// Where a peer's events go.
pub(crate) trait Sink {
    fn take(&mut self, events: &impl Answer);
}

/// Takes care that events are made, and drops them.
#[derive(Debug)]
pub(crate) struct Drain;

impl Sink for Drain {
    fn take(&mut self, events: &impl Answer) {
        black_box(events);
    }
}

/// The memory that decoders keep from one body to the next.
pub(crate) struct Workbench<'s> {
    tracker: Tracker<'s>,
    body: Vec<u8>,
    copy: Vec<u8>,
    buffers: simd_json::Buffers,
    is_array: bool,
}

impl<'s> Workbench<'s> {
    pub(crate) fn new(payload: Payload, tracker: Tracker<'s>) -> Self {
        let (body, is_array) = (payload.body.to_vec(), payload.is_array);
        Self { tracker, copy: body.clone(), buffers: simd_json::Buffers::new(body.len()), body, is_array }
    }

    /// Decodes the payload `count` times.
    pub(crate) fn repeat(&mut self, decoder: Decoder, count: usize) {
        for _ in 0..count {
            self.decode(decoder, &mut Drain);
        }
    }

    /// Decodes the payload once.
    ///
    /// # Panics
    /// If the decoder refuses it.
    pub(crate) fn decode(&mut self, decoder: Decoder, sink: &mut impl Sink) {
        black_box(&mut self.body);
        match (decoder, self.is_array) {
            (Decoder::Ours, _) => self.tracker.take(&mut self.body).expect("it is JSON"),
            (Decoder::SerdeJson, false) => with_serde_json::<Event<'_>>(&self.body, sink),
            (Decoder::SerdeJson, true) => with_serde_json::<Vec<Event<'_>>>(&self.body, sink),
            (Decoder::SonicRs, false) => with_sonic_rs::<Event<'_>>(&self.body, sink),
            (Decoder::SonicRs, true) => with_sonic_rs::<Vec<Event<'_>>>(&self.body, sink),
            (Decoder::SerdeJsonCore, false) => with_serde_json_core::<PlainEvent<'_>>(&self.body, sink),
            (Decoder::SerdeJsonCore, true) => with_serde_json_core::<Vec<PlainEvent<'_>>>(&self.body, sink),
            (Decoder::SimdJson, is_array) => {
                self.copy_body();
                let Self { copy, buffers, .. } = self;
                if is_array {
                    with_simd_json::<Vec<Event<'_>>>(copy, buffers, sink);
                } else {
                    with_simd_json::<Event<'_>>(copy, buffers, sink);
                }
            }
            (Decoder::Copy, _) => self.copy_body(),
            (Decoder::Floor, _) => {
                let text = std::str::from_utf8(&self.body).expect("it is UTF-8");
                black_box(memchr::memchr_iter(b'"', text.as_bytes()).count());
            }
        }
    }

    fn copy_body(&mut self) {
        self.copy.clear();
        self.copy.extend_from_slice(&self.body);
        black_box(&mut self.copy);
    }
}

#[inline(never)]
fn with_serde_json<'b, T: Deserialize<'b> + Answer>(body: &'b [u8], sink: &mut impl Sink) {
    sink.take(&serde_json::from_slice::<T>(body).expect("it is JSON"));
}

#[inline(never)]
fn with_sonic_rs<'b, T: Deserialize<'b> + Answer>(body: &'b [u8], sink: &mut impl Sink) {
    sink.take(&sonic_rs::from_slice::<T>(body).expect("it is JSON"));
}

/// It leaves what follows the document to its caller; there is only white space.
#[inline(never)]
fn with_serde_json_core<'b, T: Deserialize<'b> + Answer>(body: &'b [u8], sink: &mut impl Sink) {
    sink.take(&serde_json_core::from_slice::<T>(body).expect("it is JSON").0);
}

#[inline(never)]
fn with_simd_json<'b, T: Deserialize<'b> + Answer>(
    body: &'b mut [u8],
    buffers: &mut simd_json::Buffers,
    sink: &mut impl Sink,
) {
    sink.take(&simd_json::serde::from_slice_with_buffers::<T>(body, buffers).expect("it is JSON"));
}
