//! What a peer asks for.

use ptpwatch_core::http::{Head, Line, Method, Version, target_path};

use super::accept::prefers_openmetrics;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// What for; or the status that refuses it.
    pub(super) route: Result<Route, u16>,
    /// Whether the answer is to be without its body.
    pub(super) is_head: bool,
    pub(super) keeps: bool,
    pub(super) is_http10: bool,
    pub(super) prefers_openmetrics: bool,
}

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Page,
    Metrics,
    Alive,
    Ready,
    State,
    Events,
}

impl Request {
    /// What `head` asks for, whose bytes are `text`.
    pub(super) fn of(head: &Head<'_>, text: &[u8]) -> Self {
        let (method, path) = match head.line {
            Line::Request { method, target } => (method, target_path(target)),
            Line::Response { .. } => (Method::Other, &b""[..]),
        };
        let route = Route::ALL.iter().find(|(known, _)| *known == path).map(|(_, route)| *route);
        Self {
            route: match (route, method) {
                (None, _) => Err(404),
                (Some(route), Method::Get | Method::Head) => Ok(route),
                (Some(_), _) => Err(405),
            },
            is_head: method == Method::Head,
            keeps: head.keep_alive,
            is_http10: head.version == Version::Http10,
            prefers_openmetrics: route == Some(Route::Metrics) && prefers_openmetrics(text),
        }
    }

    /// What is no request, and is refused with this status.
    pub(super) fn refused(status: u16) -> Self {
        Self {
            route: Err(status),
            is_head: false,
            keeps: false,
            is_http10: false,
            prefers_openmetrics: false,
        }
    }
}

impl Route {
    const ALL: [(&'static [u8], Self); 6] = [
        (b"/", Self::Page),
        (b"/metrics", Self::Metrics),
        (b"/livez", Self::Alive),
        (b"/readyz", Self::Ready),
        (b"/state", Self::State),
        (b"/events", Self::Events),
    ];
}
