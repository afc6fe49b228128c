//! What smoltcp may return, whatever it does: the functions that core calls, with a result the optimiser cannot know.
//!
//! smoltcp has panics of its own that the linker finds reachable. With this in its place, what remains is core's.
#![no_std]

pub mod iface {
    use crate::any;
    use crate::socket::Socket;
    use crate::time::Instant;
    use core::marker::PhantomData;

    /// An interface.
    #[derive(Debug)]
    pub struct Interface(InterfaceInner);

    /// The part of it that sockets are told.
    #[derive(Debug)]
    pub struct InterfaceInner;

    impl Interface {
        pub fn context(&mut self) -> &mut InterfaceInner {
            &mut self.0
        }

        #[inline(never)]
        pub fn poll_at(&mut self, _now: Instant, _sockets: &SocketSet<'_>) -> Option<Instant> {
            any(None)
        }
    }

    /// A socket's name in its set.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct SocketHandle(usize);

    /// Any number of sockets.
    #[derive(Debug)]
    pub struct SocketSet<'a>(&'a mut [Socket<'a>], PhantomData<&'a ()>);

    impl<'a> SocketSet<'a> {
        pub fn iter_mut(&mut self) -> impl Iterator<Item = (SocketHandle, &mut Socket<'a>)> {
            self.0.iter_mut().map(|socket| (SocketHandle(any(0)), socket))
        }
    }
}

pub mod socket {
    /// A socket of any sort.
    #[derive(Debug)]
    pub enum Socket<'a> {
        Other,
        Tcp(tcp::Socket<'a>),
    }

    /// A socket of one sort.
    pub trait AnySocket<'a>: Sized {
        fn downcast_mut<'c>(socket: &'c mut Socket<'a>) -> Option<&'c mut Self>;
    }

    impl<'a> AnySocket<'a> for tcp::Socket<'a> {
        fn downcast_mut<'c>(socket: &'c mut Socket<'a>) -> Option<&'c mut Self> {
            match socket {
                Socket::Other => None,
                Socket::Tcp(socket) => Some(socket),
            }
        }
    }

    pub mod tcp {
        use crate::any;
        use crate::iface::InterfaceInner;
        use crate::wire::{IpEndpoint, IpListenEndpoint};

        /// What a socket is in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum State {
            Closed,
            Listen,
            SynSent,
            SynReceived,
            Established,
            FinWait1,
            FinWait2,
            CloseWait,
            Closing,
            LastAck,
            TimeWait,
        }

        /// Why a call failed.
        #[derive(Clone, Copy, Debug)]
        pub struct Error;

        /// A TCP socket.
        #[derive(Debug)]
        pub struct Socket<'a>(&'a mut [u8]);

        impl Socket<'_> {
            #[inline(never)]
            pub fn listen<T: Into<IpListenEndpoint>>(&mut self, endpoint: T) -> Result<(), Error> {
                any::<IpListenEndpoint>(endpoint.into());
                any(Ok(()))
            }

            #[inline(never)]
            pub fn connect<T: Into<IpEndpoint>, U: Into<IpListenEndpoint>>(
                &mut self,
                _context: &mut InterfaceInner,
                remote: T,
                local: U,
            ) -> Result<(), Error> {
                any::<IpEndpoint>(remote.into());
                any::<IpListenEndpoint>(local.into());
                any(Ok(()))
            }

            #[inline(never)]
            pub fn close(&mut self) {
                self.0.fill(any(0));
            }

            #[inline(never)]
            pub fn abort(&mut self) {
                self.0.fill(any(0));
            }

            #[inline(never)]
            pub fn set_nagle_enabled(&mut self, _is_enabled: bool) {
                self.0.fill(any(0));
            }

            pub fn state(&self) -> State {
                any(State::Closed)
            }

            pub fn remote_endpoint(&self) -> Option<IpEndpoint> {
                any(None)
            }

            pub fn is_active(&self) -> bool {
                any(true)
            }

            pub fn may_recv(&self) -> bool {
                any(true)
            }

            pub fn recv<'b, R>(&'b mut self, take: impl FnOnce(&'b mut [u8]) -> (usize, R)) -> Result<R, Error> {
                let taken = take(self.0.get_mut(..any(0)).unwrap_or_default());
                any::<usize>(taken.0);
                if any(true) { Ok(taken.1) } else { Err(Error) }
            }

            #[inline(never)]
            pub fn recv_slice(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
                bytes.fill(any(0));
                any(Ok(0))
            }

            #[inline(never)]
            pub fn send_slice(&mut self, bytes: &[u8]) -> Result<usize, Error> {
                any::<Option<u8>>(bytes.last().copied());
                any(Ok(0))
            }
        }
    }
}

pub mod time {
    /// A time, in microseconds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Instant(i64);

    impl Instant {
        pub const fn from_micros_const(micros: i64) -> Self {
            Self(micros)
        }

        pub const fn total_micros(&self) -> i64 {
            self.0
        }
    }
}

pub mod wire {
    /// Where a connection goes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct IpEndpoint([u8; 18]);

    /// Where one comes from.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct IpListenEndpoint(u16);

    impl From<u16> for IpListenEndpoint {
        fn from(port: u16) -> Self {
            Self(port)
        }
    }
}

/// Any value of the type of `example`.
fn any<T: Copy>(example: T) -> T {
    // SAFETY: a reference is valid to be read from, and `T` is `Copy`; the compiler must take what comes for any `T`.
    unsafe { core::ptr::read_volatile(&example) }
}
