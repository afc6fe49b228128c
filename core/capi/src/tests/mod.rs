//! x
#[test]
fn sizes() {
    extern crate std;
    for p in 1..=3 {
        std::println!("{p} {}", crate::entry::begin::ptpwatch_size(p));
    }
    std::println!(
        "head {} conn {} chan {} stage {}",
        size_of::<crate::watch::Watch>(),
        size_of::<ptpwatch_core::consumer::Conn>(),
        size_of::<ptpwatch_core::consumer::ChannelSlot>(),
        size_of::<ptpwatch_core::event::Stage>()
    );
}
