//! Carries out the steps of a script: clocks change, the producer dies and comes back.

use ptpwatch_core::time::Instant;

use super::clock::{Gnss, Kind, State};
use super::faults::Fault;
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
                let instance = self.site.instance(instance.as_deref());
                self.clock.set_lock_state(&instance, state, offset_ns);
                self.note_change(now, Kind::LockState, state.word(), &instance);
                if followed {
                    self.plan_follow(now, state);
                }
            }
            Step::OsClock { state, offset_ns } => {
                self.follow_at = None;
                self.set_os_clock(now, state, offset_ns);
            }
            Step::ClockClass { class, instance } => {
                let instance = self.site.instance(instance.as_deref());
                self.clock.set_clock_class(&instance, class);
                self.note_change(now, Kind::ClockClass, &class.to_string(), &instance);
            }
            Step::Gnss { word, offset_ns } => {
                let usual_ns = if word == "SYNCHRONIZED" { 5 } else { 99_999 };
                self.clock.set_gnss(Gnss { word: word.clone(), offset_ns: offset_ns.unwrap_or(usual_ns) });
                let instance = self.site.gnss_instance();
                self.note_change(now, Kind::Gnss, &word, &instance);
            }
            Step::SynceLock(word) => {
                self.clock.set_synce_word(&word);
                let instance = self.site.synce_instance();
                self.note_change(now, Kind::SynceLock, &word, &instance);
            }
            Step::SynceQuality { level, extended } => {
                self.clock.set_synce_quality(level, extended);
                let instance = self.site.synce_instance();
                self.note_change(now, Kind::SynceQuality, &level.to_string(), &instance);
            }
            Step::SyncState(state) => {
                self.clock.force_sync_state(state);
                self.reported_sync_state = None;
                let instance = self.site.instance(None);
                self.derive(now, &instance);
            }
            Step::Fault(fault) => self.suffer(fault),
            Step::Restart(restart) => self.restart(now, restart),
            // The player keeps these to itself.
            Step::Wait(_) | Step::Repeat(_) | Step::End => {}
        }
    }

    /// Tells of a change of the clock called `cause`, and of the overall state if that changed with it.
    fn note_change(&mut self, now: Instant, kind: Kind, word: &str, cause: &str) {
        self.tell(format!("{} {word}", kind.word()));
        self.clock.note_change(kind, cause, self.wall_ns(now));
        self.announce(now, kind, cause);
        self.derive(now, cause);
    }

    /// Tells of the overall state if that changed. `cause` is the clock that changed.
    fn derive(&mut self, now: Instant, cause: &str) {
        let state = self.clock.sync_state();
        if let Some(state) = state.filter(|_| state != self.reported_sync_state) {
            self.tell(format!("{} {state}", Kind::SyncState.word()));
            self.clock.note_change(Kind::SyncState, "", self.wall_ns(now));
            self.announce(now, Kind::SyncState, cause);
        }
        self.reported_sync_state = state;
        self.history.push(now.as_nanos(), self.clock.clone());
    }

    fn set_os_clock(&mut self, now: Instant, state: State, offset_ns: Option<i64>) {
        self.clock.set_os_clock(state, offset_ns);
        self.note_change(now, Kind::OsClock, state.word(), self.site.manners.names.os);
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
            self.set_os_clock(now, state, None);
        }
    }

    fn suffer(&mut self, fault: Fault) {
        self.tell(fault.to_string());
        match fault {
            Fault::Drop(drops) => self.set_drops(drops),
            Fault::Duplicate(duplicates) => self.set_duplicates(duplicates),
            Fault::Lag(nanos) => self.set_lag(nanos),
            Fault::Freeze(nanos) => self.set_freeze(nanos),
            Fault::StepClock(nanos) => self.step_clock(nanos),
            Fault::LoseSubscriptions => self.lose_subscriptions(),
            Fault::LoseRegistrations => self.lose_registrations(),
        }
    }

    fn restart(&mut self, now: Instant, restart: Restart) {
        self.tell("restart");
        let conns: Vec<_> = self.sessions.keys().chain(self.callbacks.conns()).collect();
        self.actions.extend(conns.into_iter().map(Action::Close));
        self.sessions.clear();
        self.callbacks.clear();
        self.queue.clear();
        self.held.clear();
        self.store.restart(restart.forget);
        let back_at = now.after(restart.down_ns);
        self.back_at = Some(back_at);
        self.ready_at = back_at.after(restart.ready_ns.unwrap_or(self.site.manners.ready_ns));
    }
}
