//! Somebody else at the producer's API.

use crate::world::{Home, NODE, World};
use ptpwatch_core::event::Resource;

impl<H: Home> World<H> {
    /// Asks the producer as somebody else would, on a connection of its own, and returns the whole answer.
    pub fn ask(&mut self, request: &str) -> String {
        let Some(conn) = self.producer.handle_accepted(self.now()) else { return String::new() };
        self.producer.handle_received(self.now(), conn, request.as_bytes());
        for _ in 0..100 {
            self.settle();
            if !self.producer.send_window(conn).is_empty() {
                break;
            }
            self.run(10);
        }
        let answer = String::from_utf8_lossy(self.producer.send_window(conn)).into_owned();
        self.producer.handle_closed(self.now(), conn);
        answer
    }

    /// Subscribes as anybody could.
    pub fn subscribe(&mut self, endpoint: &str, resource: Resource) -> String {
        let is_openshift = self.manners.dialect.starts_with("openshift");
        let prefix = if is_openshift { "/cluster/node/" } else { "/./" };
        let (is_v1, suffix) = (self.manners.dialect == "openshift-v1", resource.suffix());
        let [to, about] =
            if is_v1 { ["endpointUri", "resource"] } else { ["EndpointUri", "ResourceAddress"] };
        let suffix =
            if is_v1 { suffix.replace("/clock-class", "/ptp-clock-class-change") } else { suffix.to_owned() };
        let body = format!(r#"{{"{about}":"{prefix}{NODE}{suffix}","{to}":"{endpoint}"}}"#);
        let answer = self.ask(&format!(
            "POST {}/subscriptions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.manners.base,
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 201"), "a stranger is subscribed: {answer}");
        answer
    }

    /// The answer to whoever asks for the list of subscriptions.
    pub fn list(&mut self) -> String {
        self.ask_without_body("GET", "")
    }

    /// Deletes a subscription, whoever made it.
    pub fn unsubscribe(&mut self, id: &str) -> String {
        self.ask_without_body("DELETE", &format!("/{id}"))
    }

    /// Notifies the consumer as anybody could, on a connection of its own, and returns what it says.
    pub fn notify(&mut self, body: &str) -> String {
        let now = self.now();
        let wire = self.home.connect(now).expect("the consumer listens");
        let request =
            format!("POST /event HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let (mut rest, mut answer) = (request.as_bytes(), Vec::new());
        loop {
            self.settle();
            let count = self.home.send(now, wire, rest);
            let bytes = self.home.receive(now, wire, usize::MAX);
            if count == 0 && bytes.is_empty() {
                break;
            }
            rest = &rest[count..];
            answer.extend(bytes);
        }
        assert!(rest.is_empty(), "there is room for a notification");
        self.home.reset(now, wire);
        self.settle();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn ask_without_body(&mut self, method: &str, rest: &str) -> String {
        self.ask(&format!(
            "{method} {}/subscriptions{rest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            self.manners.base
        ))
    }
}
