<?php
// libmiopoll from PHP's own FFI, which is switched on for the command line.
//
// PHP reads boundary C itself: abi/generated/miopoll.cdef declares everything,
// constants too. Its integers are signed 64-bit: a token from 2^63 up shows as
// the negative number with the same bits. PHP has no threads: here a signal
// handler wakes instead. Handlers run right after the call that was
// interrupted (pcntl_async_signals), since the wait came back with EINTR; so
// does that of Ctrl-C.
const TOKEN = 0x1122334455667788, WAKER_TOKEN = 7;

// PHP does not tell the descriptor of a stream: the pipe is libmiopoll's own.
$mio = FFI::cdef(
    file_get_contents(__DIR__ . "/../../../abi/generated/miopoll.cdef") .
    "int ualarm(unsigned, unsigned);", // The C library's.
    getenv("MIOPOLL_LIBRARY") ?: "libmiopoll.so.0");

function check(int $result): int { // A count from 0 up, or a negative errno.
    global $mio;
    return $result >= 0 ? $result
        : throw new RuntimeException($mio->mio_err_name($result));
}

function wait_for_token(): int {
    global $mio, $poll, $events;
    do {
        $count = $mio->mio_poll_wait($poll, $events, 64, -1);
    } while ($mio->mio_err_name($count) === "EINTR");
    check($count);
    return $events[0]->token;
}

[$poll, $registry, $waker, $sender, $receiver] = array_map(
    fn($kind) => $mio->new("mio_{$kind}_t *"),
    ["poll", "registry", "waker", "source", "source"]);
$events = $mio->new("mio_event_t[64]");
check($mio->mio_poll_new(FFI::addr($poll), null));
check($mio->mio_poll_registry($poll, FFI::addr($registry)));
check($mio->mio_waker_new(FFI::addr($waker), $registry, WAKER_TOKEN));
pcntl_async_signals(true);
pcntl_signal(SIGALRM, fn() => check($mio->mio_waker_wake($waker)));
pcntl_signal(SIGINT, function () { echo "interrupted\n"; exit(130); });

$byte = $mio->new("char[1]");
check($mio->mio_pipe_new(FFI::addr($sender), FFI::addr($receiver)));
check($mio->mio_source_write($sender, $byte, 1));
$register = fn() => $mio->mio_registry_register(
    $registry, $receiver, TOKEN, $mio->MIO_READABLE);
check($register());
printf("token %x: ", wait_for_token());
printf("%d byte\nagain: ", $mio->mio_source_read($receiver, $byte, 1));
echo $mio->mio_err_name($register()), "\n"; // Errors go by name.
$mio->ualarm(10000, 0);
printf("token %x: woken\n", wait_for_token());
if (in_array("block", $argv)) { echo "blocked\n"; wait_for_token(); }
$mio->mio_source_free($sender);
$mio->mio_source_free($receiver); // Which deregisters it.
$mio->mio_waker_free($waker);
$mio->mio_registry_free($registry);
$mio->mio_poll_free($poll);
