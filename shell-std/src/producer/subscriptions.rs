//! Who is subscribed: in memory, and in the store on disk that a restart brings back.

use std::fmt;

use super::answer::Reply;
use super::event::Site;
use super::go;
use super::json::Json;
use super::manners::{Duplicate, Manners, Member};
use super::resources::Resource;

/// One subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    pub id: String,
    pub wanted: Wanted,
    /// Someone asked for the same again; see [`Duplicate::Old`].
    pub doubled: bool,
    /// The publisher behind a sidecar knows of it, and has events for it.
    pub registered: bool,
}

/// What a subscriber asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// `None` if the body did not name one.
    pub endpoint: Option<String>,
    pub resource: String,
}

/// All subscriptions.
#[derive(Debug)]
pub(super) struct Store {
    manners: &'static Manners,
    memory: Vec<Subscription>,
    /// `None` while there is no file.
    disk: Option<Vec<Subscription>>,
    /// Pushes in a row that did not get through, by endpoint.
    failures: Vec<(String, u32)>,
    /// The publisher behind a sidecar knows that.
    has_client: bool,
}

impl Store {
    pub(super) fn new(manners: &'static Manners) -> Self {
        Self { manners, memory: Vec::new(), disk: None, failures: Vec::new(), has_client: true }
    }

    /// Keeps a subscription.
    pub(super) fn insert(&mut self, id: String, wanted: Wanted) -> Subscription {
        let subscription = Subscription { id, wanted, doubled: false, registered: true };
        self.has_client = true;
        self.memory.push(subscription.clone());
        self.disk.get_or_insert_default().push(subscription.clone());
        subscription
    }

    /// Removes a subscription; whether it was there.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let known = self.by_id(id).is_some();
        // Of two registrations only one goes: the other is no longer listed, but goes on delivering.
        let leaves_one = |kept: &Subscription| self.manners.duplicate == Duplicate::Old && kept.doubled;
        self.memory.retain(|kept| kept.id != id || leaves_one(kept));
        if let Some(disk) = &mut self.disk {
            disk.retain(|kept| kept.id != id);
        }
        known
    }

    /// Removes all subscriptions and the file with them.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.manners);
    }

    /// What a new process finds; `forget` takes its disk away first.
    pub(super) fn restart(&mut self, forget: bool) {
        let disk = self.disk.take().filter(|_| !forget);
        let memory = disk.clone().unwrap_or_default();
        *self = Self { memory, disk, ..Self::new(self.manners) };
    }

    /// Hands out the subscription that stands in the way of another one, if that is how it is done; the publisher hears
    /// of it again.
    pub(super) fn renew(&mut self, site: &Site, wanted: &Wanted) -> Option<&Subscription> {
        if self.manners.duplicate != Duplicate::Old {
            return None;
        }
        self.has_client = true;
        let old = self.memory.iter_mut().find(|kept| site.is_duplicate(kept, wanted))?;
        old.doubled = true;
        old.registered = true;
        Some(old)
    }

    /// The publisher behind a sidecar forgets it, which the sidecar never learns.
    pub(super) fn lose_registrations(&mut self) {
        if self.manners.replies.unregistered.is_some() {
            self.has_client = false;
            self.memory.iter_mut().for_each(|kept| kept.registered = false);
        }
    }

    /// What the publisher behind a sidecar says to a question about an address that the sidecar is subscribed to, if it
    /// does not know of that.
    pub(super) fn unregistered(&self, address: &str) -> Option<Reply> {
        let replies = self.manners.replies.unregistered.as_ref()?;
        if !self.has_client {
            return Some(replies.client);
        }
        let is_registered = self.memory.iter().any(|kept| kept.registered && kept.wanted.resource == address);
        (!is_registered).then_some(replies.subscription)
    }

    /// Notes that a push got through, and that its endpoint is well.
    pub(super) fn note_success(&mut self, endpoint: &str) {
        self.failures.retain(|(failing, _)| failing != endpoint);
    }

    /// Notes that a push did not get through; whether its endpoint lost its subscriptions for that.
    pub(super) fn note_failure(&mut self, endpoint: &str) -> bool {
        let Some(failures_max) = self.manners.failures_max else { return false };
        let place = self.failures.iter().position(|(failing, _)| failing == endpoint);
        let failures = place.map_or(0, |place| self.failures.swap_remove(place).1) + 1;
        let dropped = failures >= failures_max;
        if dropped {
            self.memory.retain(|kept| kept.wanted.endpoint.as_deref() != Some(endpoint));
        } else {
            self.failures.push((endpoint.into(), failures));
        }
        dropped
    }

    /// The subscription in memory that stands in the way of another one.
    pub(super) fn duplicate_of(&self, site: &Site, wanted: &Wanted) -> Option<&Subscription> {
        self.memory.iter().find(|kept| site.is_duplicate(kept, wanted))
    }

    /// Whether a subscription is in memory, listed or not.
    pub(super) fn is_kept(&self, id: &str) -> bool {
        self.memory.iter().any(|kept| kept.id == id)
    }

    /// A subscription that is listed.
    pub(super) fn by_id(&self, id: &str) -> Option<&Subscription> {
        self.listed().iter().find(|kept| kept.id == id)
    }

    /// Whether there is a subscription to an address, to the letter.
    pub(super) fn has(&self, address: &str) -> bool {
        self.memory.iter().any(|kept| kept.wanted.resource == address)
    }

    /// The subscriptions that get an event about a resource and instance.
    pub(super) fn to<'s>(
        &'s self,
        site: &'s Site,
        resource: &'s Resource,
        instance: &'s str,
    ) -> impl Iterator<Item = &'s Subscription> {
        let matching = self
            .memory
            .iter()
            .filter(move |kept| kept.registered && site.is_wanted(&kept.wanted, resource, instance));
        matching.take(if self.manners.pushes_to_first { 1 } else { usize::MAX })
    }

    /// The body of the list, or what stands for an empty one.
    pub(super) fn list(&self, site: &Site) -> Result<String, Reply> {
        let replies = self.manners.replies;
        if self.listed().is_empty() {
            return Err(if self.disk.is_some() { replies.list_empty } else { replies.list_never_used });
        }
        let json = self.manners.json;
        if self.manners.indents_list {
            let items: Vec<_> = self.listed().iter().map(|kept| kept.members(site, json)).collect();
            return Ok(go::indented(&items));
        }
        Ok(json.array(&self.listed().iter().map(|kept| kept.line(site)).collect::<Vec<_>>()))
    }

    fn listed(&self) -> &[Subscription] {
        let disk = self.disk.as_deref().unwrap_or_default();
        if self.manners.lists_disk { disk } else { &self.memory }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.resource, self.endpoint.as_deref().unwrap_or_default())
    }
}

impl Subscription {
    /// The subscription as one line of JSON.
    pub(super) fn line(&self, site: &Site) -> String {
        self.write(site, site.manners.json)
    }

    /// The subscription as an object in another spelling.
    pub(super) fn write(&self, site: &Site, json: &Json) -> String {
        json.object(self.members(site, json))
    }

    fn members(&self, site: &Site, json: &Json) -> Vec<(&'static str, String)> {
        let location = format!("http://{}{}/subscriptions/{}", site.authority, site.manners.base, self.id);
        let resource = (json.quoted)(&self.wanted.resource);
        let value = |member| match member {
            Member::Fixed(text) => (json.quoted)(text),
            Member::Id => (json.quoted)(&self.id),
            Member::Endpoint => self.wanted.endpoint.as_deref().map_or("null".into(), json.quoted),
            Member::Location => (json.quoted)(&location),
            Member::Resource => resource.clone(),
            Member::Qualifier(key) => json.object([(key, resource.clone())]),
        };
        site.manners.subscription.iter().map(|(key, member)| (*key, value(*member))).collect()
    }
}
