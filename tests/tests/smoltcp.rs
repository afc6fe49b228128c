//! The consumer on smoltcp's sockets, among peers of every sort: on a cable, in virtual time.

use ptpwatch_core::adapt::smoltcp::{instant, timestamp};
use ptpwatch_core::consumer::{Config, Storage, Trouble};
use ptpwatch_core::dialect::OPENSHIFT_V2;
use ptpwatch_core::limits::{BODY_NS, HANDSHAKE_NS, IDLE_NS, RETRY_NS};
use ptpwatch_core::time::{Instant, SECOND_NS};
use ptpwatch_tests::card::Frame;
use ptpwatch_tests::lan::{Host, Lan, OTHERS, OURS, PORT, PRODUCER_PORT, socket};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::socket::tcp::{Socket, State};
use smoltcp::wire::{
    EthernetAddress, EthernetFrame, EthernetProtocol, EthernetRepr, IpCidr, IpProtocol, Ipv4Address,
    Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber,
};

const REQUEST: &str = "POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: 2\r\n\r\n{}";
const ANSWER: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A consumer with four connections on `SOCKETS` sockets, and the others.
struct Bench<const SOCKETS: usize> {
    lan: Lan<SOCKETS>,
    unused: Vec<SocketHandle>,
    port: u16,
    now: Instant,
}

impl<const SOCKETS: usize> Bench<SOCKETS> {
    fn new() -> Self {
        Self::with_sockets(|| socket(1024, 512), || socket(2048, 2048))
    }

    /// The same with sockets made by `ours` and `theirs`.
    fn with_sockets(ours: fn() -> Socket<'static>, theirs: fn() -> Socket<'static>) -> Self {
        let now = Instant::from_nanos(SECOND_NS);
        let config = Config::new(&OPENSHIFT_V2, "n", "192.0.2.2:9043", "http://192.0.2.1:8989/event");
        let memory: &mut Storage = Box::leak(Box::new(Storage::new()));
        let (lan, unused) = Lan::new(memory, config, now, [ours, theirs]);
        let mut bench = Self { lan, unused: unused.to_vec(), port: 2000, now };
        bench.settle();
        bench
    }

    /// Moves frames and bytes until none moves.
    fn settle(&mut self) {
        self.lan.exchange(self.now, |_| true);
        while self.lan.consumer.poll_notice().is_some() {}
    }

    /// Lets time pass.
    fn wait(&mut self, length_ns: u64) {
        let end = self.now.after(length_ns);
        loop {
            self.settle();
            let next = self.lan.poll_timeout(self.now).unwrap_or(end);
            if next >= end {
                break;
            }
            // Who waits for room in a card waits a microsecond.
            self.now = next.max(self.now.after(1000));
        }
        self.now = end;
        self.settle();
    }

    /// A connection of somebody's, whatever becomes of it.
    fn connect(&mut self) -> SocketHandle {
        let handle = self.unused.pop().expect("there are enough");
        self.port += 1;
        self.lan.connect(handle, self.port);
        self.settle();
        handle
    }

    fn peer(&mut self, handle: SocketHandle) -> &mut Socket<'static> {
        self.lan.peer(handle)
    }

    /// Sends, and returns what is answered.
    fn exchange(&mut self, handle: SocketHandle, request: &str) -> String {
        assert_eq!(self.peer(handle).send_slice(request.as_bytes()), Ok(request.len()));
        self.settle();
        self.hear(handle)
    }

    /// Takes what has come.
    fn hear(&mut self, handle: SocketHandle) -> String {
        let mut heard = Vec::new();
        while self.peer(handle).can_recv() {
            let part = self.peer(handle).recv(|bytes| (bytes.len(), bytes.to_vec())).unwrap();
            heard.extend(part);
            self.settle();
        }
        String::from_utf8(heard).unwrap()
    }

    /// Has somebody take the consumer's call, who answers nothing.
    fn listen(&mut self) -> SocketHandle {
        let producer = self.unused.pop().expect("there are enough");
        self.peer(producer).listen(PRODUCER_PORT).unwrap();
        self.wait(SECOND_NS);
        assert!(self.peer(producer).may_recv());
        producer
    }

    /// Sends the first segment of a connection, as from an address where nobody answers.
    fn knock(&mut self, number: u16, network: [u8; 3]) {
        self.lan.ours.card.incoming.push(&syn(number, network));
        self.settle();
    }

    /// When we are to be polled next.
    fn looks_again(&mut self) -> Instant {
        let Lan { consumer, sockets, ours, .. } = &mut self.lan;
        sockets.poll_timeout(self.now, &mut ours.interface, &ours.set, consumer).unwrap_or(Instant::MAX)
    }

    /// When TCP has something to do next.
    fn tcp_looks_again(&mut self) -> Instant {
        let Host { interface, set, .. } = &mut self.lan.ours;
        interface.poll_at(timestamp(self.now), set).map_or(Instant::MAX, instant)
    }

    fn misuse(&self) -> u64 {
        self.lan.consumer.stats().misuse
    }
}

/// The first segment of a connection from one of many addresses of a network.
fn syn(number: u16, [a, b, c]: [u8; 3]) -> Frame {
    let tcp = TcpRepr {
        src_port: 1024 + number,
        dst_port: PORT,
        control: TcpControl::Syn,
        seq_number: TcpSeqNumber(1),
        ack_number: None,
        window_len: 1024,
        window_scale: None,
        max_seg_size: None,
        sack_permitted: false,
        sack_ranges: [None, None, None],
        timestamp: None,
        payload: &[],
    };
    let [_, last] = number.to_be_bytes();
    let from = Ipv4Address::new(a, b, c, last.clamp(10, 250));
    let ip = Ipv4Repr {
        src_addr: from,
        dst_addr: OURS,
        next_header: IpProtocol::Tcp,
        payload_len: tcp.buffer_len(),
        hop_limit: 64,
    };
    let ethernet = EthernetRepr {
        src_addr: EthernetAddress([2, 0, 0, 0, 0, last]),
        dst_addr: EthernetAddress([2, 0, 0, 0, 0, 1]),
        ethertype: EthernetProtocol::Ipv4,
    };
    let checksums = ChecksumCapabilities::default();
    Frame::new(ethernet.buffer_len() + ip.buffer_len() + tcp.buffer_len(), |bytes| {
        let mut frame = EthernetFrame::new_unchecked(bytes);
        ethernet.emit(&mut frame);
        let mut packet = Ipv4Packet::new_unchecked(frame.payload_mut());
        ip.emit(&mut packet, &checksums);
        let mut segment = TcpPacket::new_unchecked(packet.payload_mut());
        tcp.emit(&mut segment, &from.into(), &OURS.into(), &checksums);
    })
}

/// Networks: one behind the gateway, and our own.
const FAR: [u8; 3] = [198, 51, 100];
const NEAR: [u8; 3] = [192, 0, 2];

#[test]
fn a_peer_is_answered_and_its_connection_kept() {
    let mut bench = Bench::<5>::new();
    let peer = bench.connect();
    for _ in 0..3 {
        assert_eq!(bench.exchange(peer, REQUEST), ANSWER);
        bench.wait(30 * SECOND_NS);
    }
    assert_eq!(bench.peer(peer).state(), State::Established);
    assert_eq!((bench.lan.consumer.stats().notifications, bench.misuse()), (3, 0));
}

#[test]
fn a_peer_that_sends_no_more_is_answered_and_closed() {
    let mut bench = Bench::<5>::new();
    let peer = bench.connect();
    bench.peer(peer).send_slice(REQUEST.as_bytes()).unwrap();
    bench.peer(peer).close();
    bench.settle();
    assert_eq!(bench.hear(peer), ANSWER);
    assert_eq!(bench.peer(peer).state(), State::TimeWait, "we have closed, too");
    assert_eq!(bench.misuse(), 0);
}

#[test]
fn who_had_said_all_before_we_looked_is_answered() {
    let mut bench = Bench::<5>::new();
    let peer = bench.unused.pop().unwrap();
    bench.lan.connect(peer, 3000);
    while bench.lan.carry(bench.now, |_| true) {}
    bench.peer(peer).send_slice(REQUEST.as_bytes()).unwrap();
    bench.peer(peer).close();
    while bench.lan.carry(bench.now, |_| true) {}
    bench.settle();
    assert_eq!(bench.hear(peer), ANSWER);
    assert_eq!((bench.peer(peer).state(), bench.misuse()), (State::TimeWait, 0));
}

#[test]
fn an_answer_that_is_lost_is_sent_again() {
    let mut bench = Bench::<5>::new();
    bench.listen();
    let peer = bench.connect();
    bench.peer(peer).send_slice(REQUEST.as_bytes()).unwrap();
    bench.lan.exchange(bench.now, |_| false);
    let soon = bench.now.after(2 * SECOND_NS);
    assert!(bench.lan.consumer.poll_timeout().unwrap() > soon && bench.looks_again() < soon);
    bench.wait(2 * SECOND_NS);
    assert_eq!(bench.hear(peer), ANSWER);
}

/// Buffers that hold less than one answer, and a peer that reads nothing until it has sent all it can.
#[test]
fn answers_that_fit_no_buffer_wait_for_the_peer_and_none_is_lost() {
    const COUNT: usize = 2000;
    for ours in [|| socket(16, 8), || socket(2048, 2048)] {
        let mut bench = Bench::<5>::with_sockets(ours, || socket(2048, 2048));
        let peer = bench.connect();
        let requests = REQUEST.repeat(COUNT);
        let (mut sent, mut answers, mut stalls) = (0, String::new(), 0);
        while answers.len() < COUNT * ANSWER.len() {
            let count = bench.peer(peer).send_slice(&requests.as_bytes()[sent..]).unwrap();
            sent += count;
            bench.wait(20_000_000);
            if count == 0 {
                stalls += 1;
                answers += &bench.hear(peer);
            }
        }
        assert_eq!(answers, ANSWER.repeat(COUNT));
        assert!(stalls > 2, "we wait for the peer, and it for us: {stalls}");
        assert_eq!((bench.lan.consumer.stats().notifications, bench.misuse()), (COUNT as u64, 0));
    }
}

#[test]
fn a_peer_that_breaks_off_frees_its_place() {
    let mut bench = Bench::<5>::new();
    for _ in 0..20 {
        let peer = bench.connect();
        bench.peer(peer).send_slice(&REQUEST.as_bytes()[..20]).unwrap();
        bench.settle();
        bench.peer(peer).abort();
        bench.settle();
    }
    let peer = bench.connect();
    assert_eq!(bench.exchange(peer, REQUEST), ANSWER);
    assert_eq!((bench.lan.consumer.stats().evicted, bench.misuse()), (0, 0));
}

#[test]
fn what_came_before_a_reset_counts() {
    let mut bench = Bench::<5>::new();
    let peer = bench.connect();
    bench.peer(peer).send_slice(REQUEST.as_bytes()).unwrap();
    // Both arrive before we look again.
    bench.lan.carry(bench.now, |_| true);
    bench.peer(peer).abort();
    while bench.lan.carry(bench.now, |_| true) {}
    bench.settle();
    assert_eq!((bench.lan.consumer.stats().notifications, bench.misuse()), (1, 0));
}

#[test]
fn those_who_say_nothing_yield_to_the_next() {
    let mut bench = Bench::<5>::new();
    let silent: Vec<_> = (0..20).map(|_| bench.connect()).collect();
    let peer = bench.connect();
    assert_eq!(bench.exchange(peer, REQUEST), ANSWER);
    assert_eq!((bench.lan.consumer.stats().evicted, bench.misuse()), (18, 0));
    let left = silent.iter().filter(|handle| bench.lan.peer(**handle).may_recv()).count();
    assert_eq!(left, 2, "the others know that they are out");
}

/// Two are in the middle of a message; one does not read the answer it was the last to get.
#[test]
fn a_peer_waits_at_the_door_while_nobody_yields() {
    let mut bench = Bench::<5>::with_sockets(|| socket(64, 8), || socket(16, 256));
    bench.listen();
    let known = [bench.connect(), bench.connect()];
    let slow = bench.connect();
    for peer in known {
        assert_eq!(bench.exchange(peer, &format!("{REQUEST}POST /event HT")), ANSWER);
    }
    bench.peer(slow).send_slice(REQUEST.as_bytes()).unwrap();
    bench.settle();
    let guest = bench.connect();
    assert_eq!(bench.exchange(guest, REQUEST), "", "not yet");
    assert_eq!(bench.peer(guest).state(), State::Established);
    // Whoever has to look sooner is tired of it some time.
    while bench.tcp_looks_again() <= bench.now.after(RETRY_NS) {
        bench.wait(SECOND_NS / 100);
    }
    assert_eq!(bench.looks_again(), bench.now.after(RETRY_NS));
    let late = bench.connect();
    assert_eq!(bench.peer(late).state(), State::Closed, "one waits; the next is refused");
    assert!(bench.hear(slow).contains("Connection: close"));
    bench.wait(SECOND_NS / 5);
    assert!(bench.hear(guest).starts_with("HTTP/1.1 204 No Content\r\n"), "now");
    assert_eq!((bench.lan.consumer.stats().evicted, bench.misuse()), (0, 0));
}

#[test]
fn one_idle_for_two_minutes_yields_to_a_peer_at_the_door() {
    let mut bench = Bench::<5>::with_sockets(|| socket(64, 8), || socket(16, 256));
    let known = [bench.connect(), bench.connect()];
    let slow = bench.connect();
    for peer in known {
        assert_eq!(bench.exchange(peer, REQUEST), ANSWER);
    }
    bench.wait(IDLE_NS - SECOND_NS);
    bench.exchange(known[1], "POST");
    bench.peer(slow).send_slice(REQUEST.as_bytes()).unwrap();
    bench.settle();
    let guest = bench.connect();
    assert_eq!(bench.exchange(guest, REQUEST), "", "not yet");
    bench.wait(SECOND_NS + SECOND_NS / 5);
    assert!(bench.hear(guest).starts_with("HTTP/1.1 204 No Content\r\n"), "now");
    assert!(!bench.peer(known[0]).may_recv());
    assert_eq!((bench.lan.consumer.stats().evicted, bench.misuse()), (1, 0));
}

#[test]
fn what_is_closed_was_delivered_before() {
    let mut bench = Bench::<5>::with_sockets(|| socket(64, 16), || socket(2048, 2048));
    let peer = bench.connect();
    let request = "POST /event HTTP/1.1\r\nHost: us\r\nContent-Length: 99999999\r\n\r\n";
    // It goes on sending, and reads late.
    let rest = "x".repeat(1500);
    bench.peer(peer).send_slice(request.as_bytes()).unwrap();
    bench.peer(peer).send_slice(rest.as_bytes()).unwrap();
    bench.wait(SECOND_NS);
    let answer = bench.hear(peer);
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!(bench.peer(peer).state(), State::CloseWait);
    bench.peer(peer).close();
    bench.settle();
    assert_eq!(bench.peer(peer).state(), State::Closed, "in good order");
}

#[test]
fn who_never_closes_is_broken_off_after_a_while() {
    let mut bench = Bench::<5>::new();
    let peer = bench.connect();
    assert!(bench.exchange(peer, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    bench.wait(BODY_NS - SECOND_NS);
    assert_eq!(bench.peer(peer).state(), State::CloseWait);
    bench.wait(2 * SECOND_NS);
    assert_eq!(bench.peer(peer).state(), State::Closed, "by a reset");
}

#[test]
fn a_place_that_lingers_is_given_up_when_it_is_needed_at_the_door() {
    let mut bench = Bench::<5>::new();
    for number in 0..20 {
        let peer = bench.connect();
        assert_eq!(bench.peer(peer).state(), State::Established, "{number}");
        assert!(bench.exchange(peer, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "), "{number}");
    }
    assert_eq!((bench.lan.consumer.stats().refused, bench.misuse()), (20, 0));
}

#[test]
fn a_flood_of_connections_that_are_not_completed_keeps_nobody_out() {
    // Four sockets are not in use, or two; the clock ticks between two of them, or after a hundred.
    for (count, tick_ns) in [(0, 100_000), (2, 100_000), (0, 0), (2, 0)] {
        let mut bench = Bench::<5>::new();
        bench.listen();
        let known: Vec<_> = (0..count).map(|_| bench.connect()).collect();
        for number in 0..2000 {
            bench.now = bench.now.after(tick_ns);
            bench.knock(number, FAR);
            if number % 100 > 0 {
                continue;
            }
            for peer in &known {
                assert_eq!(bench.exchange(*peer, REQUEST), ANSWER);
            }
            let peer = bench.connect();
            assert!(bench.exchange(peer, REQUEST).starts_with("HTTP/1.1 204 "), "{count}, {number}");
            bench.peer(peer).abort();
            bench.settle();
            bench.unused.push(peer);
            bench.now = bench.now.after(1_000_000);
        }
        assert_eq!(
            (bench.lan.consumer.stats().evicted, bench.misuse()),
            (0, 0),
            "they are nobody's business"
        );
    }
}

#[test]
fn a_handshake_that_is_not_completed_is_given_up() {
    let mut bench = Bench::<2>::new();
    bench.listen();
    bench.knock(1, FAR);
    bench.wait(100_000_000);
    let peer = bench.connect();
    assert_eq!(bench.peer(peer).state(), State::Closed, "the one place is taken");
    assert!(bench.looks_again() <= bench.now.after(HANDSHAKE_NS));
    bench.wait(HANDSHAKE_NS);
    let peer = bench.connect();
    assert_eq!(bench.exchange(peer, REQUEST), ANSWER);
}

/// smoltcp asks for the hardware address of who is not there, and keeps the socket silent for a second, whoever has it
/// next.
#[test]
fn a_flood_from_our_own_network_costs_a_peer_a_second() {
    let mut bench = Bench::<5>::new();
    for number in 0..20 {
        bench.knock(number, NEAR);
    }
    let peer = bench.connect();
    bench.wait(SECOND_NS);
    assert_eq!(bench.exchange(peer, REQUEST), ANSWER);
}

/// A peer that vanished with its hardware address cannot be told of a reset.
#[test]
fn a_reset_that_cannot_be_sent_is_not_waited_for() {
    let mut bench = Bench::<3>::new();
    bench.listen();
    let vanishing = Ipv4Address::new(192, 0, 2, 77);
    bench.lan.others.interface.update_ip_addrs(|addresses| {
        addresses.push(IpCidr::new(vanishing.into(), 24)).unwrap();
    });
    let peer = bench.unused.pop().unwrap();
    let Host { interface, set, .. } = &mut bench.lan.others;
    let socket = set.get_mut::<Socket<'_>>(peer);
    socket.connect(interface.context(), (OURS, PORT), (vanishing, 5000)).unwrap();
    bench.settle();
    assert!(bench.exchange(peer, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    bench.wait(SECOND_NS);
    bench.lan.others.set_address(Some(OTHERS));
    // What is known of hardware addresses is forgotten with the address, and asked for once a second.
    bench.lan.ours.set_address(Some(OURS));
    bench.wait(SECOND_NS);
    // The last at the door: who lingers has to make way.
    let first = bench.connect();
    assert_eq!(bench.exchange(first, REQUEST), ANSWER);
    assert!(bench.looks_again() <= bench.now.after(RETRY_NS));
    bench.wait(RETRY_NS);
    let second = bench.connect();
    // smoltcp keeps the socket silent for as long as it would have asked.
    bench.wait(SECOND_NS);
    assert!(bench.exchange(second, REQUEST).starts_with("HTTP/1.1 204 "));
}

#[test]
fn the_producer_is_called_again_from_another_port() {
    let mut bench = Bench::<5>::new();
    let mut ports = Vec::new();
    for _ in 0..5 {
        let producer = bench.unused.pop().unwrap();
        bench.peer(producer).listen(PRODUCER_PORT).unwrap();
        bench.wait(10 * SECOND_NS);
        let asked = bench.hear(producer);
        assert!(asked.starts_with("GET "), "{asked}");
        ports.push(bench.peer(producer).remote_endpoint().unwrap().port);
        bench.peer(producer).abort();
        bench.settle();
    }
    ports.dedup();
    assert!(ports.len() == 5 && ports.iter().all(|port| *port >= 49152), "{ports:?}");
    assert_eq!(bench.misuse(), 0);
}

#[test]
fn a_producer_that_answers_nothing_costs_one_socket() {
    let mut bench = Bench::<5>::new();
    bench.listen();
    bench.wait(60 * SECOND_NS);
    let peers: Vec<_> = (0..3).map(|_| bench.connect()).collect();
    for peer in peers {
        assert!(bench.exchange(peer, REQUEST).starts_with("HTTP/1.1 204 "));
    }
    assert!(bench.lan.consumer.stats().failures > 2);
    assert_eq!(bench.misuse(), 0);
}

#[test]
fn without_an_address_the_producer_is_unreachable_and_with_one_it_is_called() {
    let mut bench = Bench::<5>::new();
    bench.lan.ours.set_address(None);
    bench.wait(60 * SECOND_NS);
    assert_eq!(bench.lan.consumer.link().trouble, Some(Trouble::Unreachable));
    let producer = bench.unused.pop().unwrap();
    bench.peer(producer).listen(PRODUCER_PORT).unwrap();
    bench.lan.ours.set_address(Some(OURS));
    bench.wait(10 * SECOND_NS);
    assert!(bench.hear(producer).starts_with("GET "));
    assert_eq!(bench.misuse(), 0);
}

#[test]
fn sockets_that_are_not_there_are_inert() {
    let mut bench = Bench::<5>::new();
    let mut other = Bench::<1>::new();
    for _ in 0..10 {
        bench.now = bench.now.after(SECOND_NS);
        let set = &mut other.lan.ours.set;
        let interface = &mut other.lan.ours.interface;
        let _ = bench.lan.sockets.poll(bench.now, interface, set, &mut bench.lan.consumer);
    }
    assert_eq!(bench.lan.consumer.link().is_up, Some(false));
    assert_eq!(bench.misuse(), 0);
}
