//! What has a name or a number, and the tables.

use crate::opaque::{keep, opaque, show, text};
use ptpwatch_core::consumer::Resources;
use ptpwatch_core::dialect::{self, OPENSHIFT_V2};
use ptpwatch_core::event::{Metric, Resource, State, Word};
use ptpwatch_core::track::{Change, Freshness, Value};
use ptpwatch_core::verdict::{OsClock, Policy, Reason, Reasons, Role};

pub fn drive(bytes: &[u8]) {
    drive_resource(opaque(Resource::LockState));
    let (word, state, reason) = (opaque(Word::Locked), opaque(State::Locked), opaque(Reason::Starting));
    show(word);
    show(state);
    show(reason);
    keep((word.name(), word.state(), word.badness(), state.name(), reason.name()));
    keep((opaque(Metric::ClockClass).name(), opaque(Freshness::Fresh).name()));
    keep((Resource::from_name(text(bytes)), OsClock::from_name(text(bytes)), Role::from_name(text(bytes))));
    keep(dialect::from_name(text(bytes)).map(|dialect| dialect.has(opaque(Resource::Gnss))));
    keep(opaque(&OPENSHIFT_V2).has(opaque(Resource::Gnss)));
    drive_dialect(bytes);
    keep(opaque(Value::Level(0)).is_worse_than(opaque(Value::Level(0))));
    keep(opaque(Change::default()).distance(opaque(Change::default())));
    keep((Policy::for_role(opaque(Role::Assumed)), opaque(Policy::default()).requires_something()));
    drive_reasons(opaque(Reasons::NONE), reason);
}

fn drive_dialect(bytes: &[u8]) {
    let Some(dialect) = dialect::ALL.get(opaque(0_usize)) else { return };
    keep((dialect.is_forgotten(bytes), dialect.subscription_fields()));
    keep(dialect.has_one_subscription_per_resource());
    let (resource, mut buffer) = (opaque(Resource::LockState), opaque([0; 512]));
    keep(dialect.current_state_of(resource, text(bytes), &mut buffer));
    keep(dialect.subscription_to(resource, text(bytes), text(bytes), &mut buffer));
}

fn drive_resource(resource: Resource) {
    show(resource);
    keep((resource.index(), resource.name(), resource.suffix(), resource.is_node_wide()));
    keep((resource.has_words(), resource.default_metric()));
    let resources = opaque(Resources::NONE).with(opaque(resource));
    keep((resources, resources.bits(), resources.contains(opaque(resource))));
    keep(Resources::from_bits(opaque(0)));
}

fn drive_reasons(mut reasons: Reasons, reason: Reason) {
    reasons.set(reason, opaque(true));
    keep(reasons.with(opaque(reason)).and(opaque(reasons)));
    keep(Reasons::from_bits(opaque(0)));
    keep((reasons.bits(), reasons.is_empty(), reasons.contains(opaque(reason))));
    reasons.names().for_each(keep);
}
