//! The least a server can do: epoll, and a fixed 204 for each request that is complete by its Content-Length.
//!
//! `epoll PORT`; `epoll PORT lines` writes a line to stdout for each request instead of an answer.

use std::collections::HashMap;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::io::{Errno, read, write};
use rustix::net::{SocketFlags, accept_with, sockopt};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port: u16 = arguments[0].parse().expect("a port");
    let writes_lines = arguments.get(1).is_some_and(|argument| argument == "lines");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
    let poller = epoll::create(epoll::CreateFlags::CLOEXEC).expect("there is memory");
    let data = epoll::EventData::new_u64(LISTENER);
    epoll::add(&poller, &listener, data, epoll::EventFlags::IN).expect("it can be watched");
    let mut conns = HashMap::new();
    let mut events = Vec::with_capacity(64);
    loop {
        events.clear();
        match epoll::wait(&poller, spare_capacity(&mut events), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => panic!("{error}"),
        }
        for event in &events {
            let number = event.data.u64();
            if number == LISTENER {
                accept(&listener, &poller, &mut conns);
            } else if let Some(conn) = conns.get_mut(&number)
                && !serve(conn, writes_lines)
            {
                conns.remove(&number);
            }
        }
    }
}

/// A connection, and what of the next request is there.
struct Conn {
    socket: OwnedFd,
    buffer: Vec<u8>,
    length: usize,
}

fn accept(listener: &TcpListener, poller: &OwnedFd, conns: &mut HashMap<u64, Conn>) {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let Ok(socket) = accept_with(listener, flags) else { return };
    sockopt::set_tcp_nodelay(&socket, true).expect("it can be set");
    let number = u64::try_from(socket.as_raw_fd()).expect("it is open");
    let data = epoll::EventData::new_u64(number);
    epoll::add(poller, &socket, data, epoll::EventFlags::IN | epoll::EventFlags::ET)
        .expect("it can be watched");
    conns.insert(number, Conn { socket, buffer: vec![0; BUFFER], length: 0 });
}

/// Reads until the buffer is not filled, and answers; `false` if the peer is gone.
fn serve(conn: &mut Conn, writes_lines: bool) -> bool {
    loop {
        let room = conn.buffer.len() - conn.length;
        let count = match read(&conn.socket, &mut conn.buffer[conn.length..]) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(Errno::AGAIN) => return true,
            Err(_) => return false,
        };
        conn.length += count;
        let requests = take_requests(conn);
        if requests > 0 && writes_lines {
            let _ = std::io::stdout().write_all(&b"{\"kind\":\"echo\"}\n".repeat(requests));
        } else if requests > 0 && write(&conn.socket, &ANSWER.repeat(requests)).is_err() {
            return false;
        }
        if count < room {
            return true;
        }
    }
}

/// Drops the requests that are complete, and gives their number.
fn take_requests(conn: &mut Conn) -> usize {
    let (mut start, mut count) = (0, 0);
    while let Some(length) = request_length(&conn.buffer[start..conn.length]) {
        start += length;
        count += 1;
    }
    conn.buffer.copy_within(start..conn.length, 0);
    conn.length -= start;
    count
}

/// The length of the request that `bytes` begin with; `None` if it is not complete.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = position(bytes, b"\r\n\r\n")? + 4;
    let value = position(&bytes[..head], LENGTH)? + LENGTH.len();
    let digits = bytes[value..head].iter().take_while(|byte| byte.is_ascii_digit());
    let body = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    if bytes.len() >= head + body { Some(head + body) } else { None }
}

fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

const LISTENER: u64 = u64::MAX;
const BUFFER: usize = 8 * 1024;
const LENGTH: &[u8] = b"\r\nContent-Length: ";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
