//! The scripts that are built in.

use super::script::Script;

impl Script {
    /// The scripts that are built in.
    pub const NAMES: [&'static str; BUILT_IN.len()] = {
        let mut names = [""; BUILT_IN.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = BUILT_IN[index].0;
            index += 1;
        }
        names
    };

    /// The script that is built in under `name`.
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.into_iter().find(|(known, _)| *known == name)?;
        Self::parse(text).ok()
    }
}

const BUILT_IN: [(&str, &str); 11] = [
    ("chaos", include_str!("chaos.txt")),
    ("clock-step", include_str!("clock-step.txt")),
    ("demo", include_str!("demo.txt")),
    ("flapping", include_str!("flapping.txt")),
    ("gnss-loss", include_str!("gnss-loss.txt")),
    ("ha-standby", include_str!("ha-standby.txt")),
    ("link-down", include_str!("link-down.txt")),
    ("locked", include_str!("locked.txt")),
    ("long-holdover", include_str!("long-holdover.txt")),
    ("ntp", include_str!("ntp.txt")),
    ("restart", include_str!("restart.txt")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_can_be_read() {
        for name in Script::NAMES {
            assert!(Script::named(name).is_some_and(|script| !script.steps.is_empty()), "{name}");
        }
        assert!(Script::NAMES.is_sorted());
        assert_eq!(Script::named("nope"), None);
    }
}
