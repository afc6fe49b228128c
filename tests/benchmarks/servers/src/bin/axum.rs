//! axum and `serde_json` on one thread: an event is decoded and answered 204. `axum PORT`.

use std::borrow::Cow;
use std::hint::black_box;
use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is decoded, and nothing else")]
struct Event<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'b, str>,
    #[serde(borrow)]
    source: Cow<'b, str>,
    #[serde(borrow)]
    time: Cow<'b, str>,
    #[serde(borrow)]
    data: Data<'b>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is decoded, and nothing else")]
struct Data<'b> {
    #[serde(borrow)]
    values: Vec<Value<'b>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is decoded, and nothing else")]
struct Value<'b> {
    #[serde(borrow)]
    resource: Cow<'b, str>,
    #[serde(borrow, rename = "dataType")]
    data_type: Cow<'b, str>,
    #[serde(borrow)]
    value: Cow<'b, str>,
}

fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("axum PORT");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("it starts");
    runtime.block_on(listen(port));
}

async fn listen(port: u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("the port is free");
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("it can be set"));
    axum::serve(listener, Router::new().route("/event", post(answer))).await.expect("it goes on");
}

async fn answer(body: Bytes) -> StatusCode {
    match serde_json::from_slice::<Event<'_>>(&body) {
        Ok(event) => {
            black_box(event);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}
