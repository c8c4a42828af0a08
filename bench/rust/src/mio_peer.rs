//! mio. It knows edges only: for what must stay ready, its epoll set is told
//! directly to watch by level; its wait does not see the difference.

use crate::peer::{at, bench_hop, Fds, Peer, Run, CAPACITY, WAKER_TOKEN};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use std::ffi::{c_int, c_void};
use std::os::fd::AsRawFd;
use std::time::Duration;

struct Set {
    poll: Poll,
    events: Events,
    waker: Option<Waker>,
}

impl Set {
    fn wait(&mut self, timeout: Option<Duration>) {
        self.poll.poll(&mut self.events, timeout).unwrap();
    }

    fn take(&mut self, timeout: Option<Duration>) -> u64 {
        self.wait(timeout);
        let readable = self.events.iter().filter(|event| event.is_readable());
        readable.map(|event| event.token().0 as u64 + 1).sum()
    }

    fn register(&self, fd: c_int, token: u64) {
        let token = Token(token as usize);
        self.poll
            .registry()
            .register(&mut SourceFd(&fd), token, Interest::READABLE)
            .unwrap();
    }

    fn register_by_level(&self, fd: c_int, token: u64) {
        let flags = libc::EPOLLIN | libc::EPOLLRDHUP;
        let mut event = libc::epoll_event { events: flags as u32, u64: token };
        let set = self.poll.as_raw_fd();
        // SAFETY: the event lives until the call returns.
        let rc = unsafe {
            libc::epoll_ctl(set, libc::EPOLL_CTL_ADD, fd, &mut event)
        };
        assert_eq!(rc, 0);
    }

    fn modify_all(&mut self, fds: &Fds, interest: Interest) {
        for (fd, token) in fds.each() {
            let token = Token(token as usize);
            self.poll
                .registry()
                .reregister(&mut SourceFd(&fd), token, interest)
                .unwrap();
        }
        self.take(Some(Duration::ZERO));
    }
}

extern "C" fn open(with_waker: bool) -> *mut c_void {
    let poll = Poll::new().unwrap();
    let token = Token(WAKER_TOKEN as usize);
    let waker =
        with_waker.then(|| Waker::new(poll.registry(), token).unwrap());
    let events = Events::with_capacity(CAPACITY);
    Box::into_raw(Box::new(Set { poll, events, waker })).cast()
}

extern "C" fn close(set: *mut c_void) {
    // SAFETY: it comes from open(), and is not used again.
    drop(unsafe { Box::from_raw(set.cast::<Set>()) });
}

extern "C" fn add(set: *mut c_void, fd: c_int, token: u64, stays_ready: bool) {
    let set: &mut Set = unsafe { at(set) };
    if stays_ready {
        set.register_by_level(fd, token);
    } else {
        set.register(fd, token);
    }
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
            set.register(fd, token);
        }
        set.take(Some(Duration::ZERO));
        for (fd, _) in fds.each() {
            set.poll.registry().deregister(&mut SourceFd(&fd)).unwrap();
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
        set.modify_all(fds, Interest::READABLE | Interest::WRITABLE);
        set.modify_all(fds, Interest::READABLE);
        done += 2 * fds.len();
    }
    done
}

extern "C" fn wake(set: *mut c_void, _: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let waker = set.waker.as_ref().unwrap();
    (0..rounds).map(|_| waker.wake().is_ok() as u64).sum()
}

extern "C" fn wake_and_wait(
    set: *mut c_void,
    _: *mut c_void,
    rounds: u64,
) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let mut sum = 0;
    for _ in 0..rounds {
        set.waker.as_ref().unwrap().wake().unwrap();
        sum += set.take(None);
    }
    sum
}

extern "C" fn ring(set: *mut c_void, ring: *mut c_void, rounds: u64) -> u64 {
    let set: &mut Set = unsafe { at(set) };
    let mut hops = 0;
    while hops < rounds {
        set.wait(None);
        for event in set.events.iter().filter(|event| event.is_readable()) {
            // SAFETY: the ring is the row's input.
            hops += unsafe { bench_hop(ring, event.token().0 as u64) };
        }
    }
    hops
}

#[no_mangle]
pub static bench_peer_rust_mio: Peer = Peer {
    name: c"mio (Rust)".as_ptr(),
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
