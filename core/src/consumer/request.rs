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

/// Writes a request; its length, or `None` if it does not fit.
pub(super) fn write_request(
    mut writer: Writer<'_>,
    producer: &Producer<'_>,
    request: Request,
) -> Option<usize> {
    let dialect = producer.dialect;
    let id = match request {
        Request::Unsubscribe(resource) => {
            producer.subscription(resource).map(|subscription| &subscription.id)
        }
        _ => producer.stale.last(),
    };
    let id: &[u8] = id.map_or(&[], |id| id);
    let [a, b, c, d]: [&[u8]; 4] = match request {
        Request::List | Request::Subscribe(_) => [b"/subscriptions", b"", b"", b""],
        Request::CurrentState(resource) => dialect.current_state(resource, producer.filling()),
        Request::Unsubscribe(_) | Request::DeleteStale => [b"/subscriptions/", id, b"", b""],
    };
    let target = [dialect.base.as_bytes(), a, b, c, d];
    writer.request(method(request), &target, producer.config.authority.as_bytes());
    writer.field("User-Agent", USER_AGENT);
    if let Request::Subscribe(resource) = request {
        write_subscribe(&mut writer, producer, resource);
    } else {
        writer.finish_head();
    }
    writer.finish()
}

fn write_subscribe(writer: &mut Writer<'_>, producer: &Producer<'_>, resource: Resource) {
    let mut buffer = [0; REQUEST_BODY_MAX];
    let mut body = Writer::new(&mut buffer);
    producer.dialect.write_subscribe(&mut body, resource, producer.filling());
    let body = body.finish().and_then(|length| buffer.get(..length)).unwrap_or(b"");
    writer.field_number("Content-Length", body.len());
    writer.field("Content-Type", b"application/json");
    writer.finish_head();
    writer.bytes(body);
}

const USER_AGENT: &[u8] = concat!("ptpwatch/", env!("CARGO_PKG_VERSION")).as_bytes();
