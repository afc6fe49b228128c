//! Requests to the producer, as they stand on the wire.

use super::producer::{Producer, Request};
use crate::event::Resource;
use crate::http::{Method, Writer};
use crate::limits::REQUEST_BODY_MAX;

/// The method of a request.
pub(super) const fn method(request: Request) -> Method {
    match request {
        Request::List | Request::CurrentState(_) => Method::Get,
        Request::Subscribe(_) => Method::Post,
        Request::Unsubscribe(_) | Request::DeleteStale => Method::Delete,
    }
}

/// Writes a request.
pub(super) fn write_request(writer: &mut Writer<'_>, producer: &Producer<'_>, request: Request) {
    let dialect = producer.dialect();
    let base = dialect.base.as_bytes();
    let host = producer.config.authority.as_bytes();
    let method = method(request);
    match request {
        Request::List => writer.request(method, &[base, b"/subscriptions"], host),
        Request::CurrentState(resource) => {
            let [a, b, c, d] = dialect.current_state(resource, producer.filling());
            writer.request(method, &[base, a, b, c, d], host);
        }
        Request::Subscribe(resource) => {
            writer.request(method, &[base, b"/subscriptions"], host);
            return write_subscribe(writer, producer, resource);
        }
        Request::Unsubscribe(resource) => {
            let id =
                producer.subscription(resource).map_or(&b""[..], |subscription| subscription.id.as_slice());
            writer.request(method, &[base, b"/subscriptions/", id], host);
        }
        Request::DeleteStale => {
            let id = producer.stale.last().map_or(&b""[..], |id| id.as_slice());
            writer.request(method, &[base, b"/subscriptions/", id], host);
        }
    }
    writer.field("User-Agent", USER_AGENT);
    writer.finish_head();
}

fn write_subscribe(writer: &mut Writer<'_>, producer: &Producer<'_>, resource: Resource) {
    let mut buffer = [0; REQUEST_BODY_MAX];
    let mut body = Writer::new(&mut buffer);
    producer.dialect().write_subscribe(&mut body, resource, producer.filling());
    let body = body.finish().and_then(|length| buffer.get(..length)).unwrap_or(b"");
    writer.field("User-Agent", USER_AGENT);
    writer.field_number("Content-Length", body.len());
    writer.field("Content-Type", b"application/json");
    writer.finish_head();
    writer.bytes(body);
}

const USER_AGENT: &[u8] = concat!("ptpwatch/", env!("CARGO_PKG_VERSION")).as_bytes();
