//! What bench/bench.h says, in Rust; change both.

use std::ffi::{c_char, c_int, c_void};

pub const CAPACITY: usize = 1024;
pub const WAKER_TOKEN: u64 = 7;

pub type Run = extern "C" fn(*mut c_void, *mut c_void, u64) -> u64;

#[repr(C)]
pub struct Peer {
    pub name: *const c_char,
    pub open: extern "C" fn(bool) -> *mut c_void,
    pub close: extern "C" fn(*mut c_void),
    pub add: extern "C" fn(*mut c_void, c_int, u64, bool),
    pub look: Run,
    pub change: Run,
    pub modify: Run,
    pub wake: Run,
    pub wake_and_wait: Run,
    pub ring: Run,
}

// The name is a literal.
unsafe impl Sync for Peer {}

#[repr(C)]
pub struct Fds {
    count: u64,
    fds: *const c_int,
    first: u64,
}

impl Fds {
    /// Descriptors and their tokens.
    pub fn each(&self) -> impl Iterator<Item = (c_int, u64)> + '_ {
        // SAFETY: core.c keeps the array while a row is measured.
        let fds = unsafe {
            std::slice::from_raw_parts(self.fds, self.count as usize)
        };
        fds.iter().copied().zip(self.first..)
    }

    pub fn len(&self) -> u64 {
        self.count
    }
}

extern "C" {
    pub fn bench_hop(ring: *const c_void, at: u64) -> u64;
}

/// SAFETY: `pointer` must come from bench-core: a set that `open` gave, or the
/// input that belongs to the function that is called.
pub unsafe fn at<'a, T>(pointer: *mut c_void) -> &'a mut T {
    &mut *pointer.cast::<T>()
}
