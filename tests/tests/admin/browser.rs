//! The status page in a browser. `tests/admin/run` installs Chromium and its driver.

use std::process::Command;
use std::time::{Duration, Instant};

use ptpwatch_tests::peer::Peer;
use ptpwatch_tests::process::{PATIENCE, Running};
use serde_json::{Value, json};

use super::{Instance, ROUND, restless};

/// A browser, moved as the WebDriver specification has it.
struct Browser {
    driver: Peer,
    session: String,
    /// Ends with this.
    _running: Running,
}

impl Browser {
    fn start() -> Self {
        let (running, port) = start_driver();
        let driver = Peer::connect(([127, 0, 0, 1], port).into());
        let mut browser = Self { driver, session: String::new(), _running: running };
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let answer = browser.call(
            "POST",
            "",
            &json!({"capabilities": {"alwaysMatch": {
                "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"},
            }}}),
        );
        browser.session = format!("/{}", answer["sessionId"].as_str().expect("it has begun"));
        browser
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let head = format!(
            "{method} /session{}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.session,
            body.len()
        );
        assert!(self.driver.send((head + &body).as_bytes()));
        let (head, answer) = self.driver.request().expect("the driver answers");
        let answer: Value = serde_json::from_slice(&answer).expect("it is JSON");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        answer["value"].clone()
    }

    fn open(&mut self, instance: &Instance) {
        self.call("POST", "/url", &json!({"url": format!("http://{}/", instance.admin)}));
        self.run("window.stays = true");
    }

    /// What a script returns.
    fn run(&mut self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    fn emulate(&mut self, what: &str, parameters: &Value) {
        self.call(
            "POST",
            "/goog/cdp/execute",
            &json!({"cmd": format!("Emulation.{what}"), "params": parameters}),
        );
    }

    fn text(&mut self, id: &str) -> String {
        self.run(&format!("return document.getElementById('{id}').textContent"))
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// Waits until `id` reads `text`.
    fn wait_for(&mut self, id: &str, text: &str) {
        self.wait_until(&format!("document.getElementById('{id}').textContent === '{text}'"));
    }

    /// Waits until a condition of the page's holds.
    fn wait_until(&mut self, condition: &str) {
        let end = Instant::now() + PATIENCE;
        while self.run(&format!("return {condition}")) != true {
            let page = "return document.body.innerText";
            assert!(Instant::now() < end, "not {condition}:\n{}", self.run(page));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the browser complains of, but for connections that are gone.
    fn complaints(&mut self) -> Vec<Value> {
        let log = self.call("POST", "/se/log", &json!({"type": "browser"}));
        let is_gone =
            |entry: &Value| entry["message"].as_str().is_some_and(|text| text.contains("net::ERR_"));
        log.as_array().expect("a list").iter().filter(|entry| !is_gone(entry)).cloned().collect()
    }
}

/// The driver, and its port. It takes a port of IPv6 that is free, and gives up if that of IPv4 with this number is not.
fn start_driver() -> (Running, u16) {
    for _ in 0..STARTS_MAX {
        let mut running = Running::spawn(Command::new("chromedriver").arg("--port=0"));
        running.wait_for("Starting ");
        let line = running.wait_for(" port ");
        if let Some((_, port)) = line.split_once("successfully on port ") {
            return (running, port.trim_end_matches('.').parse().expect("it is a number"));
        }
        assert!(line.contains("port not available"), "{line}");
    }
    panic!("{STARTS_MAX} ports in a row were taken");
}

const STARTS_MAX: u32 = 20;

impl Drop for Browser {
    fn drop(&mut self) {
        self.call("DELETE", "", &Value::Null);
    }
}

#[test]
#[ignore = "needs Chromium: tests/admin/run"]
fn states_change_without_a_reload() {
    let (_simulate, producer) = restless();
    let instance = Instance::of(&producer, &["--holdover-budget", "60s"]);
    let mut browser = Browser::start();
    browser.open(&instance);
    browser.run(RECORDER);
    browser.wait_for("link-state", "live");
    let round = ROUND.join(",");
    browser.wait_until(&format!("window.shown.map(one => one.word).join().includes('{round}')"));
    let shown = browser.run("return window.shown");
    for one in shown.as_array().expect("a list") {
        let state = one["word"].as_str().expect("a text");
        if ROUND.contains(&state) {
            let live = one["live"].as_str().expect("a text");
            assert!(live.starts_with(&format!("Verdict {state}.")), "it is announced: {one}");
            assert_eq!(one["title"], format!("{state} \u{b7} node1 \u{b7} ptpwatch"));
            assert_eq!(one["class"], state);
        }
    }
    for there in [
        "document.getElementById('history').textContent.includes('Verdict FREERUN: lock-freerun, ')",
        "[...document.querySelectorAll('#bar i')].map(i => i.className).join().includes('LOCKED,FREERUN,HOLDOVER,LOCKED')",
        "document.getElementById('bar').ariaLabel.includes('FREERUN ')",
    ] {
        browser.wait_until(there);
    }
    assert_eq!(browser.run("return window.stays"), true);
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

#[test]
#[ignore = "needs Chromium: tests/admin/run"]
fn what_is_no_longer_heard_is_called_old() {
    let (_simulate, producer) = Running::producer("openshift-v2", "locked");
    let instance = Instance::of(&producer, &[]);
    let mut browser = Browser::start();
    browser.open(&instance);
    browser.wait_for("word", "LOCKED");
    instance.running.signal("-STOP");
    browser.wait_for("word", "was LOCKED");
    assert_eq!(browser.text("link-state"), "not connected: this is old");
    assert_eq!(browser.text("live"), "Not connected.");
    instance.running.signal("-CONT");
    browser.wait_for("word", "LOCKED");
    let admin = instance.admin.to_string();
    instance.stop();
    browser.wait_for("word", "was LOCKED");
    let again = Instance::of(&producer, &["--admin", &admin]);
    assert_eq!(again.admin.to_string(), admin);
    browser.wait_for("word", "LOCKED");
    assert_eq!(
        (browser.text("link-state").as_str(), browser.run("return window.stays")),
        ("live", true.into())
    );
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

#[test]
#[ignore = "needs Chromium: tests/admin/run"]
fn what_a_peer_sent_is_text() {
    let instance = Instance::alone(&[]);
    let name = "<img src=x onerror=hacked=1>";
    instance.producer().post_lock(name, "HOLDOVER");
    let mut browser = Browser::start();
    browser.open(&instance);
    browser.wait_for("word", "UNKNOWN");
    assert!(browser.text("channels").contains(name) && browser.text("history").contains(name));
    assert_eq!(browser.run("return [window.hacked, document.images.length]"), json!([null, 0]));
    assert_eq!(browser.complaints(), Vec::<Value>::new());
}

#[test]
#[ignore = "needs Chromium: tests/admin/run"]
fn it_is_read_on_a_phone_in_the_dark_and_by_keyboard() {
    let instance = Instance::alone(&[]);
    let mut producer = instance.producer();
    producer.post_lock(&"long".repeat(12), "FREERUN");
    let mut browser = Browser::start();
    for (width, scheme) in [(320, "light"), (320, "dark"), (1200, "light"), (1200, "dark")] {
        browser.emulate(
            "setDeviceMetricsOverride",
            &json!({"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}),
        );
        browser.emulate(
            "setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
        browser.open(&instance);
        browser.wait_for("word", "FREERUN");
        for state in ["LOCKED", "HOLDOVER", "FREERUN", "UNKNOWN"] {
            browser.run(&format!("document.getElementById('verdict').className = '{state}'"));
            browser.run(&format!("document.getElementById('word').textContent = '{state}'"));
            for fault in [FAINT, PROTRUDING] {
                assert_eq!(browser.run(fault), json!([]), "{width} {scheme} {state}");
            }
        }
        let overflow = browser.run("return document.documentElement.scrollWidth - innerWidth");
        assert!(overflow.as_i64().is_some_and(|pixels| pixels <= 0), "{width}: {overflow}");
    }
    browser.run("document.documentElement.style.setProperty('--soft', '#777')");
    assert_ne!(browser.run(FAINT), json!([]), "what is faint is found");
    // What can be used is reached by Tab, shows that it is, and does what Enter asks.
    browser.run("document.activeElement.blur()");
    let mut reached = Vec::new();
    for _ in 0..5 {
        press(&mut browser, "\u{e004}");
        reached.push(browser.run(
            "const e = document.activeElement; return [e.id || e.textContent, getComputedStyle(e).outlineStyle]",
        ));
    }
    let expected = ["15 min", "1 h", "6 h", "24 h", "history"].map(|name| json!([name, "solid"]));
    assert_eq!(reached, expected);
    browser.run("document.querySelectorAll('#spans button')[1].focus()");
    press(&mut browser, "\u{e007}");
    let pressed = "return [...document.querySelectorAll('#spans button')].map(button => button.ariaPressed)";
    assert_eq!(browser.run(pressed), json!(["false", "true", "false", "false"]));
    assert_eq!(browser.text("from"), "\u{2212}1 h");
}

/// Presses a key and lets it go.
fn press(browser: &mut Browser, key: &str) {
    let actions = [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
    browser.call(
        "POST",
        "/actions",
        &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}),
    );
}

/// Keeps what is shown of the verdict, each time that its word is another.
const RECORDER: &str = r"
    const word = document.getElementById('word');
    const record = () => window.shown.push({
        word: word.textContent,
        live: document.getElementById('live').textContent,
        title: document.title,
        class: document.getElementById('verdict').className,
    });
    window.shown = [];
    new MutationObserver(record).observe(word, {childList: true});
    record();
";

/// The texts whose contrast is below that of WCAG 2.1, level AA, section 1.4.3: 4.5, or 3 for large ones.
const FAINT: &str = r"
    const parse = text => {
        const numbers = text.match(/[\d.]+/g).map(Number);
        return text.startsWith('color(') ? numbers.slice(-3).concat(1) : [...numbers.slice(0, 3).map(n => n / 255), numbers[3] ?? 1];
    };
    const luminance = color => {
        const [r, g, b] = color.map(n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = node => {
        const color = parse(getComputedStyle(node).backgroundColor);
        return color[3] === 1 || !node.parentElement ? color : behind(node.parentElement);
    };
    const faint = [];
    for (const node of document.querySelectorAll('body *')) {
        const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
        const box = node.getBoundingClientRect();
        if (!own || box.width < 2 || node.closest('script, style, noscript')) continue;
        const [a, b] = [luminance(parse(getComputedStyle(node).color)), luminance(behind(node))].sort((a, b) => b - a);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < (parseFloat(getComputedStyle(node).fontSize) >= 24 ? 3 : 4.5)) faint.push([node.textContent, contrast]);
    }
    return faint;
";

/// The texts that reach beyond the room that their section has for them.
const PROTRUDING: &str = r"
    const protruding = [];
    for (const section of document.querySelectorAll('section')) {
        const edge = section.getBoundingClientRect().right - parseFloat(getComputedStyle(section).paddingRight);
        const range = document.createRange();
        for (const node of section.querySelectorAll('*')) {
            range.selectNodeContents(node);
            const right = range.getBoundingClientRect().right;
            if (right > edge + 1 && !node.closest('.sr')) protruding.push([node.id || node.tagName, right - edge]);
        }
    }
    return protruding;
";
