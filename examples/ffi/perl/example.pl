# libmiopoll from Perl, by FFI::Platypus (Debian: libffi-platypus-perl).
#
# Integers of Perl hold every 64-bit token. Its threads are copies of the
# interpreter, and a copy that ends takes the functions of FFI::Platypus with
# it: here a signal handler wakes instead. Handlers run between two operations
# of Perl, so right after a wait that came back with EINTR. This is Ctrl-C too:
# without the EINTR the handler would never run.
use strict;
use warnings;
no warnings 'portable';    # Tokens above 2^32.
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(scalar_to_pointer);
use Time::HiRes qw(ualarm);
use constant { READABLE => 1, TOKEN => 0x1122334455667788, WAKER_TOKEN => 7 };

my $ffi = FFI::Platypus->new(api => 2,
    lib => $ENV{MIOPOLL_LIBRARY} // 'libmiopoll.so.0');
$ffi->attach(mio_err_name => ['sint32'] => 'string');
$ffi->attach(mio_poll_new => [qw(opaque* opaque)] => 'sint32');
$ffi->attach(mio_poll_registry => [qw(opaque opaque*)] => 'sint32');
$ffi->attach(mio_poll_wait => [qw(opaque opaque uint32 sint64)] => 'sint32');
$ffi->attach(mio_registry_register_fd =>
    [qw(opaque sint64 uint64 uint32)] => 'sint32');
$ffi->attach(mio_registry_deregister_fd => [qw(opaque sint64)] => 'sint32');
$ffi->attach(mio_waker_new => [qw(opaque* opaque uint64)] => 'sint32');
$ffi->attach(mio_waker_wake => ['opaque'] => 'sint32');
$ffi->attach("mio_${_}_free" => ['opaque'] => 'void')
    for qw(poll registry waker);

# 0 or a count when all went well, else a negative errno.
sub check { $_[0] >= 0 ? $_[0] : die mio_err_name($_[0]), "\n" }

check(mio_poll_new(\my $poll, undef));
check(mio_poll_registry($poll, \my $registry));
check(mio_waker_new(\my $waker, $registry, WAKER_TOKEN));
$SIG{ALRM} = sub { check(mio_waker_wake($waker)) };
$SIG{INT} = sub { print "interrupted\n"; exit 130 };

my $events = "\0" x (64 * 16);    # An event: token, readiness, 4 bytes unused.

sub wait_for_tokens {
    my $count = mio_poll_wait($poll, scalar_to_pointer($events), 64, -1);
    return wait_for_tokens() if mio_err_name($count) eq 'EINTR';
    return unpack 'Q' . 'x8Q' x (check($count) - 1), $events;
}

pipe my $reader, my $writer;
syswrite $writer, 'x';
check(mio_registry_register_fd($registry, fileno $reader, TOKEN, READABLE));
printf "token %x: %d byte\n", $_, sysread $reader, my $byte, 1
    for wait_for_tokens();
printf "again: %s\n", mio_err_name(
    mio_registry_register_fd($registry, fileno $reader, TOKEN, READABLE));
ualarm 10_000;
printf "token %x: woken\n", wait_for_tokens();
if ("@ARGV" eq 'block') { $| = 1; print "blocked\n"; wait_for_tokens() }
check(mio_registry_deregister_fd($registry, fileno $reader));
mio_waker_free($waker);
mio_registry_free($registry);
mio_poll_free($poll);
