//! libmiopoll from Rust, by declarations of its own: no crate, no header.
//!
//! Handles are pointers, events are read in place. Ctrl-C: mio_waker_wake is
//! the one function that a signal handler may call. The wait comes back with
//! EINTR, is repeated, and gives the waker's token: a signal between two waits
//! is not lost either. The end of the process frees the handles.
use std::os::{raw::c_char, raw::c_void, unix::io::AsRawFd, unix::net::UnixStream};
use std::ptr::{addr_of_mut, null, null_mut};
use std::{ffi::CStr, io::Read, io::Write, process, thread, time::Duration};

type Handle = *mut c_void;
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Event(u64, u32, u32); // Token, readiness, reserved.

#[link(name = "miopoll")]
extern "C" {
    fn mio_err_name(rc: i32) -> *const c_char;
    fn mio_poll_new(out: *mut Handle, options: *const c_void) -> i32;
    fn mio_poll_registry(poll: Handle, out: *mut Handle) -> i32;
    fn mio_poll_wait(poll: Handle, events: *mut Event, capacity: u32, ns: i64) -> i32;
    fn mio_registry_register_fd(registry: Handle, fd: i64, token: u64, interest: u32) -> i32;
    fn mio_waker_new(out: *mut Handle, registry: Handle, token: u64) -> i32;
    fn mio_waker_wake(waker: Handle) -> i32;
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize; // The C library's.
}
fn name(result: i32) -> &'static str {
    unsafe { CStr::from_ptr(mio_err_name(result)).to_str().unwrap() }
}
fn check(result: i32) {
    assert!(result >= 0, "{}", name(result)); // A negative errno.
}
unsafe fn wait(poll: Handle) -> u64 {
    let mut events = [Event::default(); 64];
    let count = mio_poll_wait(poll, events.as_mut_ptr(), 64, -1);
    if name(count) == "EINTR" { wait(poll) } else { check(count); events[0].0 }
}
static mut WAKER: Handle = null_mut();
extern "C" fn wake(_: i32) { check(unsafe { mio_waker_wake(WAKER) }) }

fn main() { unsafe {
    let (mut poll, mut registry) = (null_mut(), null_mut());
    check(mio_poll_new(&mut poll, null()));
    check(mio_poll_registry(poll, &mut registry));
    check(mio_waker_new(addr_of_mut!(WAKER), registry, 7));
    let (mut socket, mut peer) = UnixStream::pair().unwrap();
    peer.write_all(b"x").unwrap();
    let fd = i64::from(socket.as_raw_fd());
    check(mio_registry_register_fd(registry, fd, 0x1122334455667788, 1)); // Readable.
    println!("token {:x}: {} byte", wait(poll), socket.read(&mut [0]).unwrap());
    println!("again: {}", name(mio_registry_register_fd(registry, fd, 2, 1)));
    thread::spawn(|| { thread::sleep(Duration::from_millis(10)); wake(0) });
    println!("token {:x}: woken", wait(poll));
    if std::env::args().nth(1).is_none() { return }
    signal(2, wake); // SIGINT
    println!("blocked");
    wait(poll);
    println!("interrupted");
    process::exit(130);
} }
