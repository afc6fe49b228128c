//! The wires of a world: connections between the two, and with whoever else there is, and the bytes on them.

use super::{Pair, Told, World};
use crate::network::Fate;
use ptpwatch::producer;
use ptpwatch_core::consumer::{Action, ConnId, Notice};

impl World<'_> {
    /// Moves everything that can move at this moment.
    pub fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 1_000_000, "the world comes to rest");
            let acted = self.drain_consumer() | self.drain_producer();
            let moved = self.move_bytes() | self.answer_others() | self.answer_proxied() | self.accept();
            if !acted && !moved {
                return;
            }
        }
    }

    fn drain_consumer(&mut self) -> bool {
        let mut acted = false;
        while let Some(action) = self.consumer.poll_action() {
            acted = true;
            match action {
                Action::Open(conn) => self.open_to_producer(conn),
                Action::Close(conn) => self.close_of_consumer(conn),
                Action::Write(_) => {}
            }
        }
        let at = self.millis();
        while let Some(notice) = self.consumer.poll_notice() {
            self.told.push((at, keep(&notice)));
        }
        acted
    }

    fn open_to_producer(&mut self, conn: ConnId) {
        match self.network.fate_of_opening(self.network.reaches_producer) {
            Fate::Lost => return,
            Fate::Refused => return self.consumer.handle_closed(self.now, conn),
            Fate::Proxied => {
                self.proxied.push(conn);
                return self.consumer.handle_opened(self.now, conn);
            }
            Fate::Through => {}
        }
        if self.producer.is_down(self.now) {
            return self.consumer.handle_closed(self.now, conn);
        }
        match self.producer.handle_accepted(self.now) {
            Some(peer) => {
                self.pairs.insert(peer, Pair { ours: Some(conn), ready_at: self.now, is_dead: false });
                self.consumer.handle_opened(self.now, conn);
            }
            None => self.consumer.handle_closed(self.now, conn),
        }
    }

    fn close_of_consumer(&mut self, conn: ConnId) {
        let is_it = |pair: &Pair| pair.ours == Some(conn);
        let peer = self.pairs.iter().find(|(_, pair)| is_it(pair)).map(|(peer, _)| *peer);
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
            Fate::Through => {
                self.pairs.insert(conn, Pair { ours: None, ready_at: self.now, is_dead: false });
                self.arrivals.push_back(conn);
                self.producer.handle_opened(self.now, conn);
            }
        }
    }

    fn close_of_producer(&mut self, conn: producer::Conn) {
        self.arrivals.retain(|waiting| *waiting != conn);
        self.others.retain(|other| *other != conn);
        let Some(Pair { ours: Some(ours), is_dead, .. }) = self.pairs.remove(&conn) else { return };
        if !is_dead && self.network.moves() {
            self.consumer.handle_end(self.now, ours);
            self.drain_consumer();
            self.consumer.handle_closed(self.now, ours);
        }
    }

    fn accept(&mut self) -> bool {
        let mut accepted = false;
        while let Some(peer) = self.arrivals.front().copied() {
            let Some(conn) = self.consumer.admit(self.now) else { break };
            self.arrivals.pop_front();
            if let Some(pair) = self.pairs.get_mut(&peer) {
                pair.ours = Some(conn);
            }
            self.accepted += 1;
            accepted = true;
        }
        accepted
    }

    fn move_bytes(&mut self) -> bool {
        let mut moved = false;
        let peers: Vec<_> = self.pairs.keys().filter(|_| self.network.moves()).copied().collect();
        for peer in peers {
            let Some(pair) = self.pairs.get(&peer).copied() else { continue };
            let Some(ours) = pair.ours.filter(|_| !pair.is_dead && pair.ready_at <= self.now) else {
                continue;
            };
            if self.move_to_consumer(peer, ours) | self.move_to_producer(peer, ours) {
                moved = true;
                self.strike(peer, ours);
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
        let Some(conn) = self.proxied.pop() else { return false };
        let asked = self.consumer.send_window(conn).len();
        let window = self.consumer.recv_window(conn);
        if asked > 0 && window.len() >= UNAVAILABLE.len() {
            window[..UNAVAILABLE.len()].copy_from_slice(UNAVAILABLE);
            self.consumer.handle_sent(self.now, conn, asked);
            self.consumer.handle_received(self.now, conn, UNAVAILABLE.len());
            self.consumer.handle_end(self.now, conn);
        } else {
            self.consumer.handle_closed(self.now, conn);
        }
        true
    }

    /// What the network does to a connection behind a piece that it let through.
    fn strike(&mut self, peer: producer::Conn, ours: ConnId) {
        let Some(blow) = self.network.blow() else { return };
        if blow.resets {
            self.pairs.remove(&peer);
            self.producer.handle_closed(self.now, peer);
            self.consumer.handle_closed(self.now, ours);
        } else if let Some(pair) = self.pairs.get_mut(&peer) {
            pair.is_dead = blow.kills;
            pair.ready_at = self.now.after(blow.delay_ns);
        }
    }

    fn move_to_consumer(&mut self, peer: producer::Conn, conn: ConnId) -> bool {
        let window = self.consumer.recv_window(conn);
        let bytes = self.producer.send_window(peer);
        let count = bytes.len().min(window.len()).min(self.network.piece());
        if count == 0 {
            return false;
        }
        window[..count].copy_from_slice(&bytes[..count]);
        self.network.garble(&mut window[..count]);
        self.producer.handle_sent(self.now, peer, count);
        self.consumer.handle_received(self.now, conn, count);
        true
    }

    fn move_to_producer(&mut self, peer: producer::Conn, conn: ConnId) -> bool {
        let bytes = self.consumer.send_window(conn);
        let bytes = bytes[..bytes.len().min(self.network.piece())].to_vec();
        if bytes.is_empty() {
            return false;
        }
        self.consumer.handle_sent(self.now, conn, bytes.len());
        self.producer.handle_received(self.now, peer, &bytes);
        self.sent.extend_from_slice(&bytes);
        true
    }
}

fn keep(notice: &Notice<'_>) -> Told {
    match notice {
        Notice::Channel(_, report) => Told::Channel {
            resource: report.channel.resource(),
            instance: String::from_utf8_lossy(report.channel.instance()).into_owned(),
            value: report.channel.value(),
            freshness: report.channel.freshness(),
            transitions: report.transitions,
        },
        Notice::Verdict(_, report) => Told::Verdict {
            state: report.verdict.state,
            reasons: report.verdict.reasons,
            transitions: report.transitions,
        },
        Notice::Link(_, link) => Told::Link(*link),
    }
}

/// What a proxy says when nobody is there.
const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{\"a\"";

/// The port of [`ENDPOINT`].
const OUR_PORT: u16 = 8989;
