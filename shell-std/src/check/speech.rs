//! How the producer speaks, and whether it says that it is well.

use ptpwatch_core::dialect::{self, Dialect};
use ptpwatch_core::http::Method;

use super::Visit;
use super::report::{Grade, Report};
use crate::api::{Outcome, now};

impl Visit<'_> {
    /// Finds out how the producer speaks, which may be otherwise than was said, and what is subscribed.
    pub(super) fn find_dialect(&mut self, report: &mut Report<'_>) -> Option<&'static Dialect> {
        report.step = "dialect";
        let named = self.watch.dialect.as_deref().and_then(dialect::from_name);
        let found = match self.api.find_dialect(named, &mut self.listed) {
            Ok(found) => found,
            Err(outcome) => {
                let cause = match outcome {
                    Outcome::Silent => "the producer hangs",
                    Outcome::Answered(_) => "no API of a producer is there, or it is still starting",
                    _ => "it is another program, or one that speaks TLS",
                };
                report.say(
                    Grade::Fail,
                    format_args!("{outcome}\t{cause}\tcorrect --producer, or start it anew"),
                );
                return None;
            }
        };
        self.dated = self.api.desk.date.map(|date| (date, now(), self.api.desk.took));
        let Dialect { name, base, .. } = found;
        match named {
            Some(named) if named.base != *base => report.say(
                Grade::Fail,
                format_args!(
                    "{name}, at {base}, not {}\tOpenShift 4.19 and later speak v2 alone, 4.16 to 4.18 one of the two, older \
                     ones v1\t--dialect auto, or --dialect {name}",
                    named.name
                ),
            ),
            _ => report.say(Grade::Ok, format_args!("{name}, at {base}")),
        }
        Some(found)
    }

    /// Asks where the producer says that it is well.
    #[inline(never)]
    pub(super) fn ask_health(&mut self, dialect: &'static Dialect, report: &mut Report<'_>) {
        let Some(path) = dialect.probe else {
            return report.say(Grade::Skipped, format_args!("this producer has no health page"));
        };
        let outcome = self.api.ask(Method::Get, &[path.as_bytes()], None);
        let (grade, advice) = match outcome {
            Outcome::Answered(200) => (Grade::Ok, ""),
            Outcome::Answered(404) => {
                self.is_lax = true;
                (
                    Grade::Warn,
                    "\tthe producer in the node's own daemon has no health page\tif it is that one: --dialect \
                     openshift-v2-daemon",
                )
            }
            _ => (Grade::Fail, "\tthe producer is not well\tlook at its log; start it anew"),
        };
        report.say(grade, format_args!("{outcome} at {path}{advice}"));
    }
}
