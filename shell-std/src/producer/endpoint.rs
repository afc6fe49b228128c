//! Where a subscriber wants to be called.

/// A callback address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Name or address, an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
    /// Host and port as they were written.
    authority: String,
    /// What is asked for, `/` at least.
    target: String,
}

impl Endpoint {
    /// Takes an `http` URI apart.
    ///
    /// # Errors
    /// Go's complaint about any other text.
    pub(super) fn parse(uri: &str) -> Result<Self, String> {
        let Some(rest) = uri.strip_prefix("http://") else {
            return Err(format!("unsupported protocol scheme \"{}\"", scheme(uri)));
        };
        let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(path_at);
        let (host, port) = split_port(authority);
        let port = if port.is_empty() { Some(80) } else { port.parse().ok() };
        let Some(port) = port else { return Err(format!("invalid port in \"{authority}\"")) };
        if host.is_empty() {
            return Err("http: no Host in request URL".into());
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { host: host.into(), port, authority: authority.into(), target: format!("{slash}{target}") })
    }

    /// A POST of `body` to it.
    pub(super) fn post(&self, client: &Client, body: &str) -> String {
        let fields = client.fields.replace("$length", &body.len().to_string());
        format!("POST {} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n{body}", self.target, self.authority)
    }
}

/// The habits of an HTTP client.
#[derive(Debug)]
pub(super) struct Client {
    /// The fields after `Host`, with the hole `$length`.
    fields: &'static str,
    /// Keeps connections for the next request.
    pub reuses: bool,
}

/// `net/http`.
pub(super) static GO: Client = Client {
    fields: "User-Agent: Go-http-client/1.1\r\nContent-Length: $length\r\nContent-Type: application/json\r\n\
             Accept-Encoding: gzip\r\n",
    reuses: true,
};

/// `requests`, a session for each.
pub(super) static REQUESTS: Client = Client {
    fields: "User-Agent: python-requests/2.25.1\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n\
             Connection: keep-alive\r\nContent-Type: application/json\r\nContent-Length: $length\r\n",
    reuses: false,
};

fn split_port(authority: &str) -> (&str, &str) {
    if let Some((host, port)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, port.strip_prefix(':').unwrap_or(port));
    }
    authority.rsplit_once(':').unwrap_or((authority, ""))
}

fn scheme(uri: &str) -> &str {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) { scheme } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_taken_apart() {
        for (uri, host, port, authority, target) in [
            ("http://localhost:9055/event", "localhost", 9055, "localhost:9055", "/event"),
            ("http://consumer.ns.svc", "consumer.ns.svc", 80, "consumer.ns.svc", "/"),
            ("http://[fd00::7]:9043/a?b=c", "fd00::7", 9043, "[fd00::7]:9043", "/a?b=c"),
            ("http://[::1]", "::1", 80, "[::1]", "/"),
            ("http://10.0.0.1:?x", "10.0.0.1", 80, "10.0.0.1:", "/?x"),
        ] {
            let endpoint = Endpoint::parse(uri).unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port), "{uri}");
            assert_eq!((endpoint.authority.as_str(), endpoint.target.as_str()), (authority, target), "{uri}");
        }
    }

    #[test]
    fn a_post_looks_like_one_of_gos_client() {
        assert_eq!(
            Endpoint::parse("http://localhost:9055/event").unwrap().post(&GO, "{}"),
            "POST /event HTTP/1.1\r\nHost: localhost:9055\r\nUser-Agent: Go-http-client/1.1\r\n\
             Content-Length: 2\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n{}"
        );
    }

    #[test]
    fn what_is_no_uri_is_complained_about() {
        for (uri, complaint) in [
            ("not a url", "unsupported protocol scheme \"\""),
            ("localhost:9055/event", "unsupported protocol scheme \"localhost\""),
            ("http:///event", "http: no Host in request URL"),
            ("http://host:99999/", "invalid port in \"host:99999\""),
        ] {
            assert_eq!(Endpoint::parse(uri).unwrap_err(), complaint, "{uri}");
        }
    }
}
