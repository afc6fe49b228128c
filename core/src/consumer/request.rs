//! Requests to the producer, as they stand on the wire.

use super::producer::{Producer, Request};
use crate::dialect::Filling;
use crate::event::Resource;
use crate::http::{Method, Writer};
use crate::limits::REQUEST_BODY_MAX;

/// The method of a request.
const fn method(request: Request) -> Method {
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
    let (dialect, config) = (producer.dialect, &producer.config);
    let (resource, id) = match request {
        Request::Subscribe(resource) | Request::CurrentState(resource) => (resource, None),
        Request::Unsubscribe(resource) => {
            (resource, producer.subscription(resource).map(|subscription| &subscription.id))
        }
        Request::List | Request::DeleteStale => (Resource::LockState, producer.stale.last()),
    };
    let id: &[u8] = id.map_or(&[], |id| id);
    let filling = Filling { node: config.node, endpoint: config.endpoint, id, resource };
    let target = match request {
        Request::List | Request::Subscribe(_) => "/subscriptions",
        Request::CurrentState(_) => dialect.current_state,
        Request::Unsubscribe(_) | Request::DeleteStale => "/subscriptions/%i",
    };
    let mut buffer = [0; REQUEST_BODY_MAX];
    let target = dialect.fill(target, &filling, &mut buffer)?;
    writer.request(method(request), &[dialect.base.as_bytes(), target], config.authority.as_bytes());
    writer.field("User-Agent", USER_AGENT);
    if let Request::Subscribe(_) = request {
        let body = dialect.fill(dialect.subscribe, &filling, &mut buffer)?;
        writer.field_number("Content-Length", body.len());
        writer.field("Content-Type", b"application/json");
        writer.finish_head();
        writer.bytes(body);
    } else {
        writer.finish_head();
    }
    writer.finish()
}

const USER_AGENT: &[u8] = concat!("ptpwatch/", env!("CARGO_PKG_VERSION")).as_bytes();
