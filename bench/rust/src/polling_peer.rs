//! polling, by edge, or by level for what must stay ready. A notification is
//! no event for it, only an end of the wait.

use crate::peer::{at, bench_hop, Fds, Peer, Run, CAPACITY, WAKER_TOKEN};
use polling::{Event, Events, PollMode, Poller};
use std::ffi::{c_int, c_void};
use std::num::NonZeroUsize;
use std::os::fd::BorrowedFd;
use std::time::Duration;

struct Set {
    poller: Poller,
    events: Events,
}

/// SAFETY: `fd` must be open while a row is measured, as core.c sees to.
unsafe fn source<'a>(fd: c_int) -> BorrowedFd<'a> {
    BorrowedFd::borrow_raw(fd)
}

impl Set {
    fn wait(&mut self, timeout: Option<Duration>) {
        self.events.clear();
        self.poller.wait(&mut self.events, timeout).unwrap();
    }

    fn take(&mut self, timeout: Option<Duration>) -> u64 {
        self.wait(timeout);
        let readable = self.events.iter().filter(|event| event.readable);
        readable.map(|event| event.key as u64 + 1).sum()
    }

    fn register(&self, fd: c_int, token: u64, mode: PollMode) {
        let event = Event::readable(token as usize);
        // SAFETY: it is deregistered, or the set closed, before the descriptor.
        unsafe { self.poller.add_with_mode(fd, event, mode) }.unwrap();
    }

    fn modify_all(&mut self, fds: &Fds, interest: fn(usize) -> Event) {
        for (fd, token) in fds.each() {
            let event = interest(token as usize);
            self.poller
                .modify_with_mode(unsafe { source(fd) }, event, PollMode::Edge)
                .unwrap();
        }
        self.take(Some(Duration::ZERO));
    }
}

extern "C" fn open(_: bool) -> *mut c_void {
    let poller = Poller::new().unwrap();
    let events = Events::with_capacity(NonZeroUsize::new(CAPACITY).unwrap());
    Box::into_raw(Box::new(Set { poller, events })).cast()
}

extern "C" fn close(set: *mut c_void) {
    // SAFETY: it comes from open(), and is not used again.
    drop(unsafe { Box::from_raw(set.cast::<Set>()) });
}

extern "C" fn add(set: *mut c_void, fd: c_int, token: u64, stays_ready: bool) {
    let set: &mut Set = unsafe { at(set) };
    let mode = if stays_ready { PollMode::Level } else { PollMode::Edge };
    set.register(fd, token, mode);
}

extern "C" fn look(set: *mut c_void, _: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    (0..rounds).map(|_| set.take(Some(Duration::ZERO))).sum()
}

extern "C" fn change(set: *mut c_void, fds: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let fds: &mut Fds = unsafe { at(fds) };
    let mut done = 0;
    while done < rounds {
        for (fd, token) in fds.each() {
            set.register(fd, token, PollMode::Edge);
        }
        set.take(Some(Duration::ZERO));
        for (fd, _) in fds.each() {
            set.poller.delete(unsafe { source(fd) }).unwrap();
        }
        set.take(Some(Duration::ZERO));
        done += fds.len();
    }
    done
}

extern "C" fn modify(set: *mut c_void, fds: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let fds: &mut Fds = unsafe { at(fds) };
    let mut done = 0;
    while done < rounds {
        set.modify_all(fds, Event::all);
        set.modify_all(fds, Event::readable);
        done += 2 * fds.len();
    }
    done
}

extern "C" fn wake(set: *mut c_void, _: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    (0..rounds).map(|_| set.poller.notify().is_ok() as u64).sum()
}

extern "C" fn wake_and_wait(
    set: *mut c_void,
    _: *mut c_void,
    rounds: u64,
) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let mut sum = 0;
    for _ in 0..rounds {
        set.poller.notify().unwrap();
        sum += set.take(None) + WAKER_TOKEN + 1;
    }
    sum
}

extern "C" fn ring(set: *mut c_void, ring: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let mut hops = 0;
    while hops < rounds {
        set.wait(None);
        for event in set.events.iter().filter(|event| event.readable) {
            // SAFETY: the ring is the row's input.
            hops += unsafe { bench_hop(ring, event.key as u64) };
        }
    }
    hops
}

#[no_mangle]
pub static bench_peer_rust_polling: Peer = Peer {
    name: c"polling (Rust)".as_ptr(),
    open,
    close,
    add,
    look: look as Run,
    change,
    modify,
    wake,
    wake_and_wait,
    ring,
};
