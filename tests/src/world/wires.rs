//! The wires of a world: connections between the two, and with whoever else there is, and the bytes on them.

use super::{Home, Pair, Wire, World};
use crate::network::Fate;
use ptpwatch::producer;

impl<H: Home> World<H> {
    /// Moves everything that can move at this moment.
    pub fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 1_000_000, "the world comes to rest");
            let acted = self.drain_consumer() | self.drain_producer();
            let moved = self.move_bytes() | self.answer_others() | self.answer_proxied();
            if !acted && !moved && !self.home.wait(self.now) {
                return;
            }
        }
    }

    fn drain_consumer(&mut self) -> bool {
        self.home.set_reachable(self.network.reaches_producer && !self.producer.is_down(self.now));
        let mut acted = self.home.advance(self.now);
        while let Some(wire) = self.home.poll_call() {
            acted = true;
            self.take_call(wire);
        }
        while let Some(wire) = self.home.poll_closed() {
            acted = true;
            self.close_of_consumer(wire);
        }
        let at = self.millis();
        while let Some(told) = self.home.poll_notice() {
            self.told.push((at, told));
        }
        acted
    }

    fn take_call(&mut self, wire: Wire) {
        let is_down = self.producer.is_down(self.now);
        match self.network.fate_of_opening(self.network.reaches_producer) {
            Fate::Lost => {}
            Fate::Proxied => {
                self.proxied.push(wire);
                self.home.answer(self.now, wire, true);
            }
            Fate::Through if !is_down => {
                let peer = self.producer.handle_accepted(self.now);
                if let Some(peer) = peer {
                    self.pairs.insert(peer, Pair { wire, ready_at: self.now, is_dead: false });
                }
                self.home.answer(self.now, wire, peer.is_some());
            }
            Fate::Through | Fate::Refused => self.home.answer(self.now, wire, false),
        }
    }

    fn close_of_consumer(&mut self, wire: Wire) {
        let peer = self.pairs.iter().find(|(_, pair)| pair.wire == wire).map(|(peer, _)| *peer);
        if let Some(peer) = peer {
            self.pairs.remove(&peer);
            self.producer.handle_closed(self.now, peer);
        }
    }

    fn drain_producer(&mut self) -> bool {
        let mut acted = false;
        while let Some(action) = self.producer.poll_action() {
            acted = true;
            match action {
                producer::Action::Open { conn, port, .. } if port != OUR_PORT => {
                    self.others.push(conn);
                    self.producer.handle_opened(self.now, conn);
                }
                producer::Action::Open { conn, .. } => self.open_to_consumer(conn),
                producer::Action::Close(conn) => self.close_of_producer(conn),
                producer::Action::Write(_) => {}
            }
        }
        let at = self.millis();
        while let Some(line) = self.producer.poll_line() {
            self.lines.push((at, line));
        }
        acted
    }

    fn open_to_consumer(&mut self, conn: producer::Conn) {
        match self.network.fate_of_opening(self.network.reaches_consumer) {
            Fate::Lost => {}
            Fate::Refused | Fate::Proxied => self.producer.handle_closed(self.now, conn),
            Fate::Through => match self.home.connect(self.now) {
                Some(wire) => {
                    self.pairs.insert(conn, Pair { wire, ready_at: self.now, is_dead: false });
                    self.producer.handle_opened(self.now, conn);
                }
                None => self.producer.handle_closed(self.now, conn),
            },
        }
    }

    fn close_of_producer(&mut self, conn: producer::Conn) {
        self.others.retain(|other| *other != conn);
        let Some(pair) = self.pairs.remove(&conn) else { return };
        if !pair.is_dead && self.network.moves() {
            self.home.close(self.now, pair.wire);
        }
    }

    fn move_bytes(&mut self) -> bool {
        let mut moved = false;
        let peers: Vec<_> = self.pairs.keys().filter(|_| self.network.moves()).copied().collect();
        for peer in peers {
            let Some(pair) = self.pairs.get(&peer).copied() else { continue };
            if pair.is_dead || pair.ready_at > self.now {
                continue;
            }
            if self.move_to_consumer(peer, pair.wire) | self.move_to_producer(peer, pair.wire) {
                moved = true;
                self.strike(peer, pair.wire);
            }
        }
        moved
    }

    /// Has somebody else's endpoint answer what was sent to it.
    fn answer_others(&mut self) -> bool {
        let mut moved = false;
        for other in self.others.clone() {
            let bytes = self.producer.send_window(other).to_vec();
            if bytes.is_empty() {
                continue;
            }
            moved = true;
            self.producer.handle_sent(self.now, other, bytes.len());
            if bytes.starts_with(b"POST ") {
                self.producer.handle_received(self.now, other, b"HTTP/1.1 204 No Content\r\n\r\n");
            }
        }
        moved
    }

    /// Has a proxy answer what it cannot pass on.
    fn answer_proxied(&mut self) -> bool {
        let Some(wire) = self.proxied.pop() else { return false };
        let asked = self.home.receive(self.now, wire, usize::MAX);
        if asked.is_empty() {
            self.home.reset(self.now, wire);
        } else {
            self.home.send(self.now, wire, UNAVAILABLE);
            self.home.end(self.now, wire);
        }
        true
    }

    /// What the network does to a connection behind a piece that it let through.
    fn strike(&mut self, peer: producer::Conn, wire: Wire) {
        let Some(blow) = self.network.blow() else { return };
        if blow.resets {
            self.pairs.remove(&peer);
            self.producer.handle_closed(self.now, peer);
            self.home.reset(self.now, wire);
        } else if let Some(pair) = self.pairs.get_mut(&peer) {
            pair.is_dead = blow.kills;
            pair.ready_at = self.now.after(blow.delay_ns);
        }
    }

    fn move_to_consumer(&mut self, peer: producer::Conn, wire: Wire) -> bool {
        let bytes = self.producer.send_window(peer);
        let mut bytes = bytes[..bytes.len().min(self.network.piece())].to_vec();
        if bytes.is_empty() {
            return false;
        }
        self.network.garble(&mut bytes);
        let count = self.home.send(self.now, wire, &bytes);
        self.producer.handle_sent(self.now, peer, count);
        count > 0
    }

    fn move_to_producer(&mut self, peer: producer::Conn, wire: Wire) -> bool {
        let bytes = self.home.receive(self.now, wire, self.network.piece());
        if bytes.is_empty() {
            return false;
        }
        self.producer.handle_received(self.now, peer, &bytes);
        self.sent.extend_from_slice(&bytes);
        true
    }
}

/// What a proxy says when nobody is there.
const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{\"a\"";

/// The port of [`ENDPOINT`].
const OUR_PORT: u16 = 8989;
