//! Carries out the steps of a script: clocks change, the producer dies and comes back.

use ptpwatch_core::time::Instant;

use super::clock::{Gnss, Kind, State};
use super::event::OS_INSTANCE;
use super::script::{Restart, Step};
use super::{Action, Producer};

impl Producer {
    /// Carries out what is due of the script, and what follows from it.
    pub(super) fn perform(&mut self, now: Instant) {
        if self.back_at.is_some_and(|back_at| back_at <= now) {
            self.back_at = None;
            self.tell("back");
        }
        self.follow(now);
        while let Some(step) = self.player.poll(now) {
            self.perform_step(now, step);
        }
    }

    fn perform_step(&mut self, now: Instant, step: Step) {
        match step {
            Step::LockState { state, offset_ns, instance, followed } => {
                let instance = instance.unwrap_or_else(|| self.site.instance.clone());
                self.clock.set_lock_state(&instance, state, offset_ns);
                self.note_change(now, Kind::LockState, state.word(), &instance);
                if followed {
                    self.plan_follow(now, state);
                }
            }
            Step::OsClock { state, offset_ns } => {
                self.follow_at = None;
                self.clock.set_os_clock(state, offset_ns);
                self.note_change(now, Kind::OsClock, state.word(), OS_INSTANCE);
            }
            Step::ClockClass(class) => {
                self.clock.set_clock_class(class);
                self.note_change(now, Kind::ClockClass, &class.to_string(), "");
            }
            Step::Gnss { word, offset_ns } => {
                let usual_ns = if word == "SYNCHRONIZED" { 5 } else { 99_999 };
                self.clock.set_gnss(Gnss { word: word.clone(), offset_ns: offset_ns.unwrap_or(usual_ns) });
                self.note_change(now, Kind::Gnss, &word, "");
            }
            Step::SyncState(state) => {
                self.clock.force_sync_state(state);
                self.reported_sync_state = None;
                let instance = self.site.instance.clone();
                self.derive(now, &instance);
            }
            Step::Drop(drops) => {
                self.drops_pushes = drops;
                self.tell(if drops { "drop on" } else { "drop off" });
            }
            Step::Restart(restart) => self.restart(now, restart),
            // The player keeps these to itself.
            Step::Wait(_) | Step::Repeat(_) | Step::End => {}
        }
    }

    /// Tells of a change of the clock called `cause`, and of the overall state if that changed with it.
    fn note_change(&mut self, now: Instant, kind: Kind, word: &str, cause: &str) {
        self.tell(format!("{} {word}", kind.word()));
        self.announce(now, kind, cause);
        self.derive(now, cause);
    }

    fn derive(&mut self, now: Instant, cause: &str) {
        let state = self.clock.sync_state();
        if state == self.reported_sync_state {
            return;
        }
        self.reported_sync_state = state;
        if let Some(state) = state {
            self.tell(format!("{} {state}", Kind::SyncState.word()));
            self.announce(now, Kind::SyncState, cause);
        }
    }

    fn plan_follow(&mut self, now: Instant, ptp: State) {
        let follow = self.site.manners.follows.iter().find(|follow| follow.ptp == ptp);
        self.follow_at = follow.map(|follow| (now.after(follow.after_ns), follow.os));
    }

    /// The OS clock follows the PTP clock.
    fn follow(&mut self, now: Instant) {
        let Some((_, state)) = self.follow_at.filter(|(at, _)| *at <= now) else { return };
        self.follow_at = None;
        if self.clock.os_clock().is_none_or(|reading| reading.state != state) {
            self.clock.set_os_clock(state, None);
            self.note_change(now, Kind::OsClock, state.word(), OS_INSTANCE);
        }
    }

    fn restart(&mut self, now: Instant, restart: Restart) {
        self.tell("restart");
        let conns: Vec<_> = self.sessions.keys().copied().chain(self.callbacks.conns()).collect();
        self.actions.extend(conns.into_iter().map(Action::Close));
        self.sessions.clear();
        self.callbacks.clear();
        self.queue.clear();
        self.store.restart(restart.forget);
        let back_at = now.after(restart.down_ns);
        self.back_at = Some(back_at);
        self.ready_at = back_at.after(restart.ready_ns.unwrap_or(self.site.manners.ready_ns));
    }
}
