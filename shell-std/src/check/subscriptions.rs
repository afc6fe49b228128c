//! `subscriptions`: who is subscribed at a producer; and what is to go, by its id and never all at once.

use std::fmt::{self, Write};
use std::mem;
use std::time::{Duration, Instant};

use super::Visit;
use super::report::Report;
use crate::api::Subscription;
use crate::escape::Escaped;
use crate::failure::Failure;
use crate::json::{Json, Object, Optional, Plain, members};
use crate::logger::Utc;
use crate::options::{Errand, Format, Subscriptions};
use crate::output::Output;
use crate::view::{Moment, VERSION};

/// Lists, or deletes and says what.
///
/// # Errors
/// If the producer does not answer, does not delete, or has no such subscription; or stdout is gone.
#[inline(never)]
pub fn subscriptions(options: &Subscriptions) -> Result<(), Failure> {
    let watch = &options.watch;
    let mut report = Report::new(watch, true)?;
    let mut visit = Visit::new(watch)?;
    let is_reached = visit.reach(&mut report);
    let dialect = if is_reached { visit.find_dialect(&mut report) } else { None };
    let Some(dialect) = dialect else { return Err(report.failure()) };
    let mut output = Output::stdout()?;
    let mut is_found = false;
    for one in mem::take(&mut visit.listed) {
        let is_own = visit.is_own(&one);
        let (is_meant, deletes) = match &options.errand {
            Errand::List => (true, false),
            Errand::ListMine => (is_own, false),
            Errand::DeleteMine => (is_own, true),
            Errand::Delete(id) => (one.id == *id, true),
        };
        if !is_meant {
            continue;
        }
        if deletes && !visit.api.delete(dialect, &one.id) {
            let id = Escaped(one.id.as_bytes());
            return Err(Failure::new(format_args!("the producer does not delete {id}")));
        }
        is_found = true;
        output.push_line_with(|line, _| match watch.lines.format {
            Format::Json => write_json(line, &one, is_own, deletes),
            Format::Text => write_text(line, &one, is_own, deletes),
        });
        output
            .drain(Instant::now() + DRAIN)
            .map_err(|error| Failure::new(format_args!("stdout: {error}")))?;
    }
    match &options.errand {
        Errand::Delete(id) if !is_found => Err(Failure::new(format_args!("no subscription has the id {id}"))),
        _ => Ok(()),
    }
}

fn write_text(line: &mut dyn Write, one: &Subscription, is_own: bool, is_deleted: bool) -> fmt::Result {
    line.write_str(if is_own { "ours " } else { "other" })?;
    for text in [&one.id, &one.address, &one.endpoint] {
        write!(line, "  {}", Escaped(text.as_bytes()))?;
    }
    line.write_str(if is_deleted { "  deleted" } else { "" })
}

fn write_json(line: &mut dyn Write, one: &Subscription, is_own: bool, is_deleted: bool) -> fmt::Result {
    Object(members! {
        "v": &VERSION,
        "kind": &"subscription",
        "at": &Plain(Utc(Moment::now().wall)),
        "id": &one.id,
        "resource": &one.address,
        "endpoint": &one.endpoint,
        "mine": &is_own,
        "deleted": &Optional(Some(true).filter(|_| is_deleted)),
    })
    .write(line)
}

/// How long a line may take.
const DRAIN: Duration = Duration::from_secs(2);
