//! The consumer on transports that others have built: it is moved there instead of by hand. Each is a feature, off by
//! default.

#[cfg(feature = "embedded-io")]
pub mod embedded_io;
#[cfg(feature = "smoltcp")]
pub mod smoltcp;
