//! The connections, in queues that are linked through them: every operation takes the same time however many there are.

use super::slots::Conn;
use crate::limits::CONNS_MAX;

/// The connections by the numbers of their slots, and the queues they stand in.
#[derive(Debug)]
pub(super) struct Conns<'s> {
    list: &'s mut [Conn],
    /// What a slot that is none stands for: inert.
    none: Conn,
    /// What closes each queue to a ring: behind its last and before its first.
    heads: [Link; QUEUES],
    counts: [u16; QUEUES],
}

/// A queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Queue {
    /// Nobody has it.
    Free = 0,
    /// Who has it has not sent a complete message yet.
    Strangers = 1,
    /// Who has it has nothing to do.
    Idle = 2,
    /// A head has to be complete in time.
    Heads = 3,
    /// A body has to be complete in time, or an answer taken.
    Bodies = 4,
    /// The embedder has to be told something.
    Actions = 5,
}

/// Number of queues.
const QUEUES: usize = 6;

/// What a slot stands in a queue for: in one of each kind at most.
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
const KINDS: usize = 3;

/// Where a slot stands, for each kind.
pub(super) type Links = [Link; KINDS];

/// A place in a queue, between two slots or the queue's head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    before: u16,
    after: u16,
    /// The queue's mark; 0 is none, so that a link not in use is all zeros.
    mark: u8,
}

impl Link {
    const fn new(before: usize, after: usize, mark: u8) -> Self {
        Self { before: before as u16, after: after as u16, mark }
    }

    /// In no queue.
    const NONE: Self = Self { before: 0, after: 0, mark: 0 };

    /// In no queue of any kind.
    pub(super) const NOWHERE: Links = [Self::NONE; KINDS];
}

impl Queue {
    const fn kind(self) -> Kind {
        match self {
            Self::Free | Self::Strangers | Self::Idle => Kind::Admission,
            Self::Heads | Self::Bodies => Kind::Deadline,
            Self::Actions => Kind::Action,
        }
    }

    /// The number of the queue's head among those of slots.
    const fn head(self) -> usize {
        HEADS | self as usize
    }

    const fn mark(self) -> u8 {
        self as u8 | 0x80
    }
}

/// The numbers of heads have this bit.
const HEADS: usize = 0x8000;

// No slot's number has it.
const _: () = assert!(CONNS_MAX <= HEADS && HEADS + QUEUES <= u16::MAX as usize);

impl<'s> Conns<'s> {
    /// The connections of `list`, which stand in no queue.
    pub(super) const fn new(list: &'s mut [Conn]) -> Self {
        Self { list, none: Conn::EMPTY, heads: HEADS_ALONE, counts: [0; QUEUES] }
    }

    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    // Looked for in forty places: where code is dear, a call is half of it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn get(&self, slot: usize) -> &Conn {
        self.list.get(slot).unwrap_or(&self.none)
    }

    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn get_mut(&mut self, slot: usize) -> &mut Conn {
        self.list.get_mut(slot).unwrap_or(&mut self.none)
    }

    pub(super) fn count(&self, queue: Queue) -> usize {
        self.counts.get(queue as usize).copied().map_or(0, usize::from)
    }

    /// The slot that waits longest.
    pub(super) fn first(&self, queue: Queue) -> Option<usize> {
        self.heads.get(queue as usize).map(|head| usize::from(head.after)).filter(|slot| *slot < HEADS)
    }

    /// The slot that waits least.
    pub(super) fn last(&self, queue: Queue) -> Option<usize> {
        self.heads.get(queue as usize).map(|head| usize::from(head.before)).filter(|slot| *slot < HEADS)
    }

    pub(super) fn stands_in(&self, queue: Queue, slot: usize) -> bool {
        self.get(slot).links.get(queue.kind() as usize).is_some_and(|link| link.mark == queue.mark())
    }

    /// Puts `slot` last, unless it stands in a queue of the kind already.
    pub(super) fn push(&mut self, queue: Queue, slot: usize) {
        let (kind, head) = (queue.kind(), queue.head());
        let before = self.last(queue).unwrap_or(head);
        let link = self.link_mut(kind, slot);
        if link.mark != 0 {
            return;
        }
        *link = Link::new(before, head, queue.mark());
        self.link_mut(kind, before).after = slot as u16;
        self.link_mut(kind, head).before = slot as u16;
        if let Some(count) = self.counts.get_mut(queue as usize) {
            *count = count.wrapping_add(1);
        }
    }

    /// Takes `slot` out of whichever queue of a kind it stands in.
    pub(super) fn remove(&mut self, kind: Kind, slot: usize) {
        let Link { before, after, mark } = core::mem::replace(self.link_mut(kind, slot), Link::NONE);
        if mark == 0 {
            return;
        }
        self.link_mut(kind, usize::from(before)).after = after;
        self.link_mut(kind, usize::from(after)).before = before;
        if let Some(count) = self.counts.get_mut(usize::from(mark & 0x7f)) {
            *count = count.wrapping_sub(1);
        }
    }

    /// The link of a slot, or of a queue's head.
    fn link_mut(&mut self, kind: Kind, number: usize) -> &mut Link {
        if let Some(head) = self.heads.get_mut(number.wrapping_sub(HEADS)) {
            return head;
        }
        let conn = self.list.get_mut(number).unwrap_or(&mut self.none);
        let [admission, deadline, action] = &mut conn.links;
        match kind {
            Kind::Admission => admission,
            Kind::Deadline => deadline,
            Kind::Action => action,
        }
    }
}

/// The heads of queues that nobody stands in.
#[expect(clippy::indexing_slicing, reason = "an index out of bounds does not compile")]
const HEADS_ALONE: [Link; QUEUES] = {
    let mut heads = [Link::NONE; QUEUES];
    let mut index = 0;
    while index < QUEUES {
        heads[index] = Link::new(HEADS + index, HEADS + index, 0);
        index += 1;
    }
    heads
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_keeps_its_order_through_any_removals() {
        let mut list = vec![const { Conn::new() }; 8];
        let mut conns = Conns::new(&mut list);
        let mut model: Vec<usize> = Vec::new();
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..10_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let slot = (random >> 32) as usize % 8;
            match random % 4 {
                0 | 1 => {
                    conns.push(Queue::Free, 7);
                    conns.push(Queue::Idle, slot);
                    if !model.contains(&slot) && slot != 7 {
                        model.push(slot);
                    }
                }
                2 if slot != 7 => {
                    conns.remove(Kind::Admission, slot);
                    model.retain(|held| *held != slot);
                }
                _ => {
                    let last = conns.last(Queue::Idle);
                    assert_eq!(last, model.pop());
                    if let Some(last) = last {
                        conns.remove(Kind::Admission, last);
                    }
                }
            }
            conns.remove(Kind::Deadline, slot);
            assert_eq!(conns.count(Queue::Idle), model.len());
            assert_eq!(conns.first(Queue::Idle), model.first().copied());
            assert!((0..7).all(|slot| conns.stands_in(Queue::Idle, slot) == model.contains(&slot)));
        }
        assert_eq!((conns.last(Queue::Free), conns.count(Queue::Free)), (Some(7), 1));
    }
}
