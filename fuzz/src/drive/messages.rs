//! What peers and the producer send: requests with events, and answers in the manner of every dialect.

use ptpwatch_core::http::Method;

use super::{ENDPOINT, NODE};
use crate::framing::{Message, Start};

/// One of the messages of a peer.
pub(super) fn of_peer(choice: u8) -> Vec<u8> {
    let body = event(LOCK, choice >> 4);
    match choice % 16 {
        0..=3 => post(&event(RESOURCES[usize::from(choice % 16)], choice >> 4)),
        4 => chunked(&body),
        5 => post("{"),
        6 => b"POST /event HTTP/1.1\r\n\r\n".to_vec(),
        7 => b"HEAD /event HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_vec(),
        8 => b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /ready HTTP/1.0\r\n\r\n".to_vec(),
        9 => post(&body)[..40 + usize::from(choice >> 4)].to_vec(),
        10 => b"POST /event HTTP/1.1\r\nContent-Length: 1600\r\n\r\n".to_vec(),
        11 => b"POST /event HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".to_vec(),
        12 => b"POST /event HTTP/1.1\r\nContent-Length: 999999\r\n\r\n".to_vec(),
        13 => vec![b' '; 1600],
        14 => post(&flat_event(choice >> 4)).repeat(3),
        _ => b"{}\r\n".to_vec(),
    }
}

const LOCK: &str = "/sync/ptp-status/lock-state";

const RESOURCES: [&str; 4] = [
    LOCK,
    "/sync/sync-status/os-clock-sync-state",
    "/sync/ptp-status/clock-class",
    "/sync/gnss-status/gnss-sync-status",
];

fn post(body: &str) -> Vec<u8> {
    format!("POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn chunked(body: &str) -> Vec<u8> {
    let (front, back) = body.split_at(body.len() / 2);
    let head = "POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    format!("{head}{:x}\r\n{front}\r\n{:x};x\r\n{back}\r\n0\r\n\r\n", front.len(), back.len()).into_bytes()
}

fn word(choice: u8) -> &'static str {
    ["LOCKED", "HOLDOVER", "FREERUN", "LOCKED", "SYNCHRONIZED", "UNLOCKED", "6", "248"]
        [usize::from(choice % 8)]
}

fn event(resource: &str, choice: u8) -> String {
    let word = word(choice);
    let instance = if choice & 8 == 0 { "ens1fx/master" } else { "ens2fx/master" };
    format!(
        r#"{{"source":"{resource}","time":"2026-11-22T17:48:5{choice}Z","data":{{"values":[
        {{"ResourceAddress":"/cluster/node/{NODE}/{instance}","data_type":"notification","value":"{word}"}},
        {{"ResourceAddress":"/cluster/node/{NODE}/{instance}","data_type":"metric","value":"{choice}"}}]}}}}"#
    )
}

fn flat_event(choice: u8) -> String {
    let word = word(choice);
    format!(
        r#"{{"ResourceType":"PTP","EventData":{{"State":"{word}"}},"ResourceQualifier":{{"NodeName":"{NODE}"}}}}"#
    )
}

/// What the producer answers `request` in this manner; the upper half of `manner` chooses what it says.
pub(super) fn of_producer(request: &Message, manner: u8) -> Vec<u8> {
    let (status, body) = proper_answer(request, manner >> 4);
    match manner % 16 {
        0..=6 => respond(status, "", &body),
        7 => respond(200, "", "{\"SubscriptionId\":"),
        8 => respond(404, "", "not found for the requesting client"),
        9 => respond(503, "", ""),
        10 => b"\x15\x03\x01\r\n".to_vec(),
        11 => {
            let whole = respond(status, "", &body);
            whole[..whole.len() / 2].to_vec()
        }
        12 => respond(status, "Connection: close\r\n", &body),
        13 => respond(409, "", "{}"),
        14 => {
            let chunks: String = body.as_bytes().chunks(7).map(chunk).collect();
            let head = format!("HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n");
            format!("{head}{chunks}0\r\n\r\n").into_bytes()
        }
        _ => format!("HTTP/1.1 {status} X\r\n\r\n\"{}", "x".repeat(4000)).into_bytes(),
    }
}

fn chunk(bytes: &[u8]) -> String {
    format!("{:x}\r\n{}\r\n", bytes.len(), String::from_utf8_lossy(bytes))
}

fn respond(status: u16, fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Status and body of an answer that makes sense.
fn proper_answer(request: &Message, choice: u8) -> (u16, String) {
    let Start::Request(method, target) = &request.head.start else { panic!("an answer asks nothing") };
    let target = String::from_utf8_lossy(target);
    match (method, target.split_once("/sync/")) {
        (Method::Delete, _) => (204, String::new()),
        (Method::Post, _) => (201, subscription(&resource_in(&request.body), "1", choice)),
        (_, Some((_, suffix))) => {
            let resource = format!("/sync/{}", suffix.trim_end_matches("/CurrentState"));
            (200, event(&resource, choice))
        }
        (_, None) if target.ends_with("CurrentState") => (200, flat_event(choice)),
        (_, None) => {
            let listed = RESOURCES
                .iter()
                .take(usize::from(choice % 5))
                .map(|resource| subscription(resource, &resource[resource.len() - 5..], choice));
            (200, format!("[{}]", listed.collect::<Vec<_>>().join(",")))
        }
    }
}

fn resource_in(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let suffix = body.split_once("/sync/").map_or("", |(_, suffix)| suffix);
    format!("/sync/{}", suffix.split('"').next().unwrap_or_default())
}

/// A subscription as every dialect spells it at once; now and then that of another consumer.
fn subscription(resource: &str, id: &str, choice: u8) -> String {
    let address = format!("/cluster/node/{NODE}{resource}");
    let endpoint = if choice == 7 { "http://192.0.2.9/other" } else { ENDPOINT };
    format!(
        r#"{{"id":"{id}","SubscriptionId":"{id}","endpointUri":"{endpoint}","EndpointUri":"{endpoint}",
        "resource":"{address}","ResourceAddress":"{address}","ResourceType":"PTP"}}"#
    )
}
