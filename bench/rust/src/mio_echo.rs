//! mio's echo server for bench-echo, with its own streams: see bench/echo.

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::ffi::c_int;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;

const BUFFER: usize = 4096;
const EVENTS: usize = 1024;
const LISTENER: Token = Token(0);

/// Returns how many bytes were echoed, or nothing if that ended.
fn echo(stream: &mut TcpStream, buffer: &mut [u8]) -> Option<usize> {
    let n = stream.read(buffer).ok().filter(|n| *n > 0)?;
    (stream.write(&buffer[..n]).ok()? == n).then_some(n)
}

fn accept_all(
    poll: &Poll,
    listener: &TcpListener,
    streams: &mut Vec<Option<TcpStream>>,
) {
    while let Ok((mut stream, _)) = listener.accept() {
        streams.push(None);
        let token = Token(streams.len());
        poll.registry()
            .register(&mut stream, token, Interest::READABLE)
            .unwrap();
        streams[token.0 - 1] = Some(stream);
    }
}

/// Serves a non-blocking listener until it is killed.
#[no_mangle]
pub extern "C" fn bench_echo_mio(listener: c_int) {
    // SAFETY: bench-echo gives it away.
    let mut listener = unsafe { TcpListener::from_raw_fd(listener) };
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(EVENTS);
    let mut streams = Vec::new();
    let mut buffer = [0; BUFFER];
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)
        .unwrap();
    loop {
        poll.poll(&mut events, None).unwrap();
        for event in events.iter() {
            if event.token() == LISTENER {
                accept_all(&poll, &listener, &mut streams);
                continue;
            }
            let place = &mut streams[event.token().0 - 1];
            let Some(stream) = place else { continue };
            // A short read has drained it, unless the end was told.
            let ended = event.is_read_closed();
            loop {
                match echo(stream, &mut buffer) {
                    Some(n) if n == BUFFER || ended => (),
                    None if ended => break *place = None,
                    _ => break,
                }
            }
        }
    }
}
