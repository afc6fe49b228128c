//! A table: values by key, a few hundred at most, in the order in which they came.

/// Values by key. Each search passes over all of them.
#[derive(Debug)]
pub(crate) struct Table<K, V>(Vec<(K, V)>);

impl<K: Copy + Eq, V> Table<K, V> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a value under a key that is not there yet.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        debug_assert!(self.get(key).is_none(), "a key is there once");
        self.0.push((key, value));
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.0.iter().find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.0.iter_mut().find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let place = self.0.iter().position(|(other, _)| *other == key)?;
        Some(self.0.remove(place).1)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (*key, value))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = K> {
        self.0.iter().map(|(key, _)| *key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}
