# libmiopoll from Ruby's own fiddle. (miopoll.rb beside this is a binding.)
#
# Fiddle lets other threads of Ruby run during a call. Tokens are whole 64-bit
# numbers. Ctrl-C: the wait comes back with EINTR, and Ruby runs the handler,
# or raises Interrupt where there is none, as the call returns.
require "fiddle/import"
$stdout.sync = true

module Mio
  extend Fiddle::Importer
  dlload ENV.fetch("MIOPOLL_LIBRARY", "libmiopoll.so.0")
  extern "const char *mio_err_name(int)"
  extern "int mio_poll_new(void **, void *)"
  extern "int mio_poll_registry(void *, void **)"
  extern "int mio_poll_wait(void *, void *, uint32_t, int64_t)"
  extern "int mio_registry_register_fd(void *, int64_t, uint64_t, uint32_t)"
  extern "int mio_registry_deregister_fd(void *, int64_t)"
  extern "int mio_waker_new(void **, void *, uint64_t)"
  extern "int mio_waker_wake(void *)"
  %w[poll registry waker].each { |it| extern "void mio_#{it}_free(void *)" }

  def self.check(result) # 0 or a count; an error is raised by its name.
    raise Errno.const_get(mio_err_name(result).to_s) if result.negative?
    result
  end

  def self.make # A new handle, from a function that stores it in a place.
    check(yield(place = "\0" * Fiddle::SIZEOF_VOIDP))
    place.unpack1("J")
  end

  def self.wait(poll) # Tokens. An event: token, readiness, 4 bytes unused.
    events = "\0" * (64 * 16)
    count = check(mio_poll_wait(poll, events, 64, -1))
    events.unpack("Qx8" * count)
  rescue Errno::EINTR
    retry
  end
end

poll = Mio.make { |place| Mio.mio_poll_new(place, nil) }
registry = Mio.make { |place| Mio.mio_poll_registry(poll, place) }
waker = Mio.make { |place| Mio.mio_waker_new(place, registry, 7) }
pipe, writer = IO.pipe
writer.write("x")
arguments = [registry, pipe.fileno, 0x1122334455667788, 1] # MIO_READABLE
Mio.check(Mio.mio_registry_register_fd(*arguments))
printf("token %x: %d byte\n", *Mio.wait(poll), pipe.readpartial(1).size)
puts "again: #{Mio.mio_err_name(Mio.mio_registry_register_fd(*arguments))}"
Thread.new { sleep 0.01; Mio.mio_waker_wake(waker) }
printf("token %x: woken\n", *Mio.wait(poll))
trap("INT") { puts "interrupted"; exit 130 }
if ARGV.include?("block")
  puts "blocked"
  Mio.wait(poll)
end
Mio.check(Mio.mio_registry_deregister_fd(registry, pipe.fileno))
Mio.mio_waker_free(waker)
Mio.mio_registry_free(registry)
Mio.mio_poll_free(poll)
