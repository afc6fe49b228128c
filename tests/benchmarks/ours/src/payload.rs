//! Payloads: what every decoder is given.

/// A body and its name.
#[derive(Clone, Copy, Debug)]
pub struct Payload {
    pub name: &'static str,
    pub body: &'static [u8],
    /// Whether it is an array of events.
    pub is_array: bool,
}

impl Payload {
    /// Every payload.
    pub const ALL: [Self; 4] = [
        Self { name: "v1-compact", body: include_bytes!("../../payloads/v1-compact.json"), is_array: false },
        Self { name: "v1-pretty", body: include_bytes!("../../payloads/v1-pretty.json"), is_array: false },
        Self { name: "v2", body: include_bytes!("../../payloads/v2.json"), is_array: false },
        Self {
            name: "starlingx-nine",
            body: include_bytes!("../../payloads/starlingx-nine.json"),
            is_array: true,
        },
    ];

    /// The payload of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|payload| payload.name == name)
    }

    /// A request that posts the body to `/event`.
    pub fn request(self) -> Vec<u8> {
        request(self.body)
    }
}

/// A request that posts `body` to `/event`, as Go's client writes it.
pub fn request(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /event HTTP/1.1\r\nHost: 127.0.0.1:8989\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: {}\r\n\
         Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

// The lengths that the payloads are known by.
const _: () = assert!(Payload::ALL[0].body.len() == 537 && Payload::ALL[1].body.len() == 691);
