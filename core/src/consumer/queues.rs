//! Queues of slots, linked through the slots themselves: every operation takes the same time however many there are.

use super::slots::Conn;

/// What a slot stands in a queue for; it stands in one queue of each kind at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Who is free, and who yields to a newcomer.
    Admission = 0,
    /// Who has to be done by when.
    Deadline = 1,
    /// What the embedder has to be told.
    Action = 2,
}

/// Number of kinds.
pub(super) const KINDS: usize = 3;

/// The neighbours of a slot in a queue, and the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    before: u16,
    after: u16,
    /// 0 is none, so that a link not in use is all zeros.
    queue: u8,
}

impl Link {
    pub(super) const fn new() -> Self {
        Self { before: 0, after: 0, queue: 0 }
    }
}

/// A queue; the first is the oldest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    kind: Kind,
    name: u8,
    first: u16,
    last: u16,
    count: u16,
}

impl Queue {
    /// An empty queue; `name` is above 0 and unique within `kind`.
    pub(super) const fn new(kind: Kind, name: u8) -> Self {
        Self { kind, name, first: 0, last: 0, count: 0 }
    }

    pub(super) const fn count(&self) -> u16 {
        self.count
    }

    /// The slot that waits longest.
    pub(super) const fn first(&self) -> Option<u16> {
        if self.count == 0 { None } else { Some(self.first) }
    }

    /// The slot that waits least.
    const fn last(&self) -> Option<u16> {
        if self.count == 0 { None } else { Some(self.last) }
    }

    pub(super) fn contains(&self, conns: &[Conn], slot: u16) -> bool {
        link(conns, slot, self.kind).is_some_and(|link| link.queue == self.name)
    }

    /// Puts `slot` last, unless it stands in a queue of the kind already.
    pub(super) fn push(&mut self, conns: &mut [Conn], slot: u16) {
        let (last, name) = (self.last, self.name);
        let is_first = self.count == 0;
        match link_mut(conns, slot, self.kind) {
            Some(link) if link.queue == 0 => *link = Link { before: last, after: slot, queue: name },
            _ => return,
        }
        if is_first {
            self.first = slot;
        } else if let Some(link) = link_mut(conns, last, self.kind) {
            link.after = slot;
        }
        self.last = slot;
        self.count = self.count.wrapping_add(1);
    }

    /// Takes `slot` out, if it stands in this queue.
    pub(super) fn remove(&mut self, conns: &mut [Conn], slot: u16) {
        let Some(link) = link_mut(conns, slot, self.kind).filter(|link| link.queue == self.name) else {
            return;
        };
        let Link { before, after, .. } = *link;
        *link = Link::new();
        if self.first == slot {
            self.first = after;
        } else if let Some(link) = link_mut(conns, before, self.kind) {
            link.after = if self.last == slot { before } else { after };
        }
        if self.last == slot {
            self.last = before;
        } else if let Some(link) = link_mut(conns, after, self.kind) {
            link.before = before;
        }
        self.count = self.count.wrapping_sub(1);
    }

    /// Takes out the slot that waits least.
    pub(super) fn pop_last(&mut self, conns: &mut [Conn]) -> Option<u16> {
        let slot = self.last()?;
        self.remove(conns, slot);
        Some(slot)
    }
}

fn link(conns: &[Conn], slot: u16, kind: Kind) -> Option<&Link> {
    conns.get(usize::from(slot))?.links.get(kind as usize)
}

fn link_mut(conns: &mut [Conn], slot: u16, kind: Kind) -> Option<&mut Link> {
    conns.get_mut(usize::from(slot))?.links.get_mut(kind as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_keeps_its_order_through_any_removals() {
        let mut conns = vec![const { Conn::new() }; 8];
        let mut queue = Queue::new(Kind::Admission, 1);
        let mut other = Queue::new(Kind::Admission, 2);
        let mut model: Vec<u16> = Vec::new();
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..10_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let slot = (random >> 32) as u16 % 8;
            match random % 4 {
                0 | 1 => {
                    other.push(&mut conns, 7);
                    queue.push(&mut conns, slot);
                    if !model.contains(&slot) && slot != 7 {
                        model.push(slot);
                    }
                }
                2 => {
                    queue.remove(&mut conns, slot);
                    model.retain(|held| *held != slot);
                }
                _ => {
                    let expected = model.pop();
                    assert_eq!(queue.pop_last(&mut conns), expected);
                }
            }
            assert_eq!(usize::from(queue.count()), model.len());
            assert_eq!(queue.first(), model.first().copied());
            assert!((0..7).all(|slot| queue.contains(&conns, slot) == model.contains(&slot)));
        }
        assert_eq!(other.pop_last(&mut conns), Some(7));
    }
}
