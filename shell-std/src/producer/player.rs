//! Where a script is: which step is due, and when the next.

use ptpwatch_core::time::Instant;

use super::script::{Script, Step};

/// A script being carried out.
#[derive(Debug)]
pub(super) struct Player {
    script: Script,
    next: usize,
    due: Instant,
    /// Where each open block began, and how often it comes again; `None`: for ever.
    blocks: Vec<(usize, Option<u32>)>,
    finished: bool,
}

impl Player {
    pub(super) fn new(script: Script, now: Instant) -> Self {
        Self { script, next: 0, due: now, blocks: Vec::new(), finished: false }
    }

    /// The next step that is due, waits and blocks aside. There is a wait in each block, so this ends.
    pub(super) fn poll(&mut self, now: Instant) -> Option<Step> {
        while now >= self.due {
            let Some(step) = self.script.steps.get(self.next) else {
                self.finished = true;
                return None;
            };
            self.next += 1;
            match step {
                Step::Wait(nanos) => self.due = now.after(*nanos),
                Step::Repeat(count) => {
                    self.blocks.push((self.next, count.map(|count| count.saturating_sub(1))));
                }
                Step::End => self.end_block(),
                step => return Some(step.clone()),
            }
        }
        None
    }

    /// When to poll again; `None` if there is nothing left.
    pub(super) fn due(&self) -> Option<Instant> {
        (!self.finished).then_some(self.due)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    fn end_block(&mut self) {
        let Some((start, left)) = self.blocks.pop() else { return };
        if left != Some(0) {
            self.next = start;
            self.blocks.push((start, left.map(|left| left - 1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptpwatch_core::time::SECOND_NS;

    /// The clock classes that a script sets, with the second of each.
    fn classes(text: &str, steps_max: usize) -> Vec<(u64, u8)> {
        let mut player = Player::new(Script::parse(text).unwrap(), Instant::from_nanos(0));
        let mut classes = Vec::new();
        while let Some(now) = player.due().filter(|_| classes.len() < steps_max) {
            while let Some(step) = player.poll(now) {
                let Step::ClockClass { class, .. } = step else { panic!("{step:?}") };
                classes.push((now.as_nanos() / SECOND_NS, class));
            }
        }
        classes
    }

    #[test]
    fn blocks_repeat() {
        let text = "clock-class 1\nrepeat 2\nclock-class 2\nrepeat 2\nclock-class 3\nwait 1s\nend\nend\nclock-class 4";
        let expected = [(0, 1), (0, 2), (0, 3), (1, 3), (2, 2), (2, 3), (3, 3), (4, 4)];
        assert_eq!(classes(text, 100), expected);
        assert_eq!(classes("loop\nclock-class 7\nwait 5s\nend", 3), [(0, 7), (5, 7), (10, 7)]);
    }

    #[test]
    fn a_script_is_finished_after_its_last_wait() {
        let mut player = Player::new(Script::parse("wait 2s").unwrap(), Instant::from_nanos(0));
        assert_eq!(player.poll(Instant::from_nanos(0)), None);
        assert!(!player.is_finished());
        let end = player.due().unwrap();
        assert_eq!(end, Instant::from_nanos(2 * SECOND_NS));
        assert_eq!(player.poll(end), None);
        assert!(player.is_finished());
        assert_eq!(player.due(), None);
    }
}
