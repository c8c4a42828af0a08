# libmiopoll for Ruby, by the standard library's fiddle.
#
#   require_relative "miopoll"
#   poll = Miopoll::Poll.new
#   udp = Miopoll::UdpSocket.bind("127.0.0.1:7000")
#   poll.registry.register(udp, 42, Miopoll::READABLE)
#   poll.wait(5) { |token, readiness| ... }
#
# Functions, types and constants are read from abi.json, so that nothing is
# declared twice. Names and order are those of miopoll.h, whose manual holds
# here too, and those of mio for sockets and pipes (miopoll/net.rb). Errors are
# Ruby's own (Errno::EEXIST), and a closed object raises IOError.
# docs/bind-your-language.md tells why it is made like this.
require "fiddle"
require "json"
require "monitor"

module Miopoll
  ABI = JSON.parse(File.read(ENV.fetch("MIOPOLL_ABI") do
    File.expand_path("../../../abi/generated/abi.json", __dir__)
  end))

  # READABLE, ONESHOT, FEATURE_FD and so on.
  ABI["constants"].each do |constant|
    const_set(constant["name"].delete_prefix("MIO_"), constant["value"])
  end

  # The library's own functions: Miopoll::C.mio_version_string => "0.1.0".
  module C
    # RTLD_LOCAL: Fiddle.dlopen would make the symbols global.
    LIBRARY = Fiddle::Handle.new(
      ENV.fetch("MIOPOLL_LIBRARY", "libmiopoll.so.0"), Fiddle::Handle::RTLD_NOW)

    # A minus means unsigned. Everything else that has a `*` is a pointer.
    TYPES = {
      "void" => Fiddle::TYPE_VOID,
      "int32_t" => Fiddle::TYPE_INT,
      "uint32_t" => -Fiddle::TYPE_INT,
      "int64_t" => Fiddle::TYPE_LONG_LONG,
      "uint64_t" => -Fiddle::TYPE_LONG_LONG,
      "const char *" => Fiddle::TYPE_CONST_STRING
    }
    ABI["types"].each do |type|
      TYPES[type["name"]] = TYPES.fetch(type["type"]) if type["type"]
    end

    def self.type(name)
      TYPES.fetch(name) { name.end_with?("*") ? Fiddle::TYPE_VOIDP : raise(KeyError, name) }
    end

    def self.define(function, method, need_gvl)
      native = Fiddle::Function.new(
        LIBRARY[function["name"]], function["params"].map { |param| type(param["type"]) },
        type(function["result"]["type"]), name: method, need_gvl: need_gvl)
      define_singleton_method(method) { |*arguments| native.call(*arguments) }
    end

    # Only the wait can block: it lets other threads run, the rest is quicker
    # without that. What moves bytes is there once more, as
    # `mio_source_read_and_wait`, for pipes that were made blocking.
    ABI["functions"].each do |function|
      name = function["name"]
      define(function, name, name != "mio_poll_wait")
      define(function, "#{name}_and_wait", false) if name.match?(/_source_(read|write)/)
    end
  end

  UINT32 = (0..0xffff_ffff)
  UINT64 = (0..0xffff_ffff_ffff_ffff)
  FD = (-2**63...2**63)
  EAGAIN, EINVAL, EINTR = %w[EAGAIN EINVAL EINTR].map { |name| C.mio_err_from_name(name) }
  EVENT = ABI["types"].find { |type| type["name"] == "mio_event_t" }["size"]
  CAPACITY_MAX = 65_536

  # A count from 0 up is returned, an error raised by its name.
  def self.check(result, what)
    result.negative? ? raise(error(result, what)) : result
  end

  def self.error(result, what)
    name = C.mio_err_name(result)
    return SystemCallError.new(what, -result) unless Errno.const_defined?(name)
    Errno.const_get(name).new(what)
  end

  # Fiddle would take -1 for the largest unsigned number.
  def self.fit(number, range, what)
    raise TypeError, "#{what} is no Integer: #{number.inspect}" unless number.is_a?(Integer)
    raise RangeError, "#{what} does not fit: #{number}" unless range.cover?(number)
    number
  end

  # Memory for what a function stores, which the garbage collector frees.
  def self.place(size = Fiddle::SIZEOF_VOIDP)
    Fiddle::Pointer.malloc([size, 1].max, Fiddle::RUBY_FREE)
  end

  # What Poll, Registry, Waker and Source have in common: a handle that is freed once,
  # and not while a call with it is going on.
  class Handle
    def initialize
      place = Miopoll.place
      Miopoll.check(yield(place), self.class.name)
      @box = [place.ptr]
      @monitor = Monitor.new
      @pid = Process.pid
      ObjectSpace.define_finalizer(self, self.class.finalizer(@box))
    end

    def initialize_copy(_other)
      raise TypeError, "#{self.class.name} cannot be copied"
    end

    def self.finalizer(box)
      proc { free(box) }
    end

    def self.free(box)
      pointer = box[0]
      box[0] = nil
      C.public_send(self::FREE, pointer) if pointer
    end

    def closed?
      @box[0].nil?
    end

    # Closing twice is nothing. In the child of a fork it is all that is left.
    def close
      @monitor.synchronize { self.class.free(@box) }
      nil
    end

    # Calls the block with the pointer, which nobody frees meanwhile.
    def with
      @monitor.synchronize { yield pointer }
    end

    private

    def pointer
      raise IOError, "closed #{self.class.name}" if closed?
      raise IOError, "#{self.class.name} of the parent process" if Process.pid != @pid
      @box[0]
    end
  end

  # Waits. One thread at a time; others get Errno::EBUSY.
  class Poll < Handle
    FREE = :mio_poll_free

    # Ruby ends its other threads when the main one ends, but one that is
    # inside C is waited for, and it does not return for that by itself.
    WAITING = {}
    at_exit do
      WAITING.to_a.each do |thread, poll|
        thread.kill
        poll.close
      end
    end

    # The registry that belongs to this poll, and is closed with it.
    attr_reader :registry

    # `selector` is a name ("epoll") or nil for the default. `options` are the
    # bytes of a mio_poll_options_t instead.
    def initialize(selector: nil, options: nil)
      options ||= [16, Poll.number(selector), 0, 0].pack("L4")
      super() { |place| C.mio_poll_new(place, options) }
      @waiting = 0
      @nobody = @monitor.new_cond
      @registry = Registry.new(self)
    end

    def self.number(selector)
      return SELECTOR_DEFAULT if selector.nil?
      Miopoll.check(C.mio_selector_from_name(selector), "selector #{selector}")
    end

    # The events as [[token, readiness], ...], or one by one to a block, and
    # then their number. `timeout` is in seconds (an Integer, Rational or
    # Float), nil is for ever. Ctrl-C and Thread#raise leave a wait as soon as
    # a signal or an event ends it; what that event was is then lost.
    def wait(timeout = nil, capacity: 64, &block)
      events = wait_raw(Poll.nanoseconds(timeout), Miopoll.fit(capacity, UINT32, "capacity"))
      return events unless block
      events.each(&block)
      events.size
    end

    def self.nanoseconds(timeout)
      return -1 if timeout.nil?
      raise ArgumentError, "timeout is negative" if timeout.negative?
      [(timeout * 1_000_000_000).ceil, 0x7fff_ffff_ffff_ffff].min
    end

    def selector
      with { |poll| C.mio_selector_name(C.mio_poll_selector(poll)) }
    end

    def features
      with { |poll| C.mio_poll_features(poll) }
    end

    # The selector's own descriptor, for another poll or IO.select.
    def fileno
      place = Miopoll.place(8)
      with { |poll| Miopoll.check(C.mio_poll_fd(poll, place), "mio_poll_fd") }
      place[0, 8].unpack1("q")
    end

    # A thread that is waiting is woken, and its wait raises IOError.
    def close
      @monitor.synchronize do
        return if closed?
        turn_out if @waiting.positive? && Process.pid == @pid
        Poll.free(@box)
      end
      @registry&.close
    end

    def closed?
      super || @closing
    end

    private

    # The private waker is made here, since a poll has only WAKERS_MAX of
    # them; if none is left, close fails, and the poll stays open.
    def turn_out
      registry = Registry.new(self)
      waker = Waker.new(registry, 0)
      @closing = true
      waker.wake
      @nobody.wait while @waiting.positive?
    ensure
      waker&.close
      registry&.close
    end

    # Who waits is counted, whatever is raised out of the wait.
    def wait_raw(nanoseconds, capacity)
      Thread.handle_interrupt(Object => :never) do
        poll = @monitor.synchronize { pointer.tap { @waiting += 1 } }
        WAITING[Thread.current] = self
        begin
          Thread.handle_interrupt(Object => :immediate) { call(poll, nanoseconds, capacity) }
        ensure
          WAITING.delete(Thread.current)
          @monitor.synchronize do
            @waiting -= 1
            @nobody.broadcast
          end
        end
      end
    end

    # After EINTR a handler has run, which may have raised; else wait for the
    # rest of the time. The array is this call's own.
    def call(poll, nanoseconds, capacity)
      events = "\0".b * (EVENT * [capacity, CAPACITY_MAX].min)
      deadline = C.mio_clock_now + nanoseconds
      left = nanoseconds
      begin
        count = Miopoll.check(C.mio_poll_wait(poll, events, capacity, left), "mio_poll_wait")
        raise IOError, "closed while waiting" if @closing
        events.unpack("QLx4" * count).each_slice(2).to_a
      rescue Errno::EINTR
        raise IOError, "closed while waiting" if @closing
        left = [deadline - C.mio_clock_now, 0].max unless nanoseconds.negative?
        retry
      end
    end
  end

  # Registers, from any thread. `io` is a source, a descriptor, or has a
  # `fileno`; keep it, since Ruby closes what nobody refers to.
  class Registry < Handle
    FREE = :mio_registry_free

    # `source` is a poll, or another registry of it.
    def initialize(source)
      make = source.is_a?(Registry) ? :mio_registry_clone : :mio_poll_registry
      super() { |place| source.with { |handle| C.public_send(make, handle, place) } }
    end

    def register(io, token, interest)
      set("register", io, token, interest)
    end

    def reregister(io, token, interest)
      set("reregister", io, token, interest)
    end

    def deregister(io)
      call("mio_registry_deregister", io)
    end

    # Another handle of the same, as for a thread that closes its own.
    def clone
      Registry.new(self)
    end

    private

    def set(verb, io, token, interest)
      Miopoll.fit(token, UINT64, "token")
      Miopoll.fit(interest, UINT32, "interest")
      call("mio_registry_#{verb}", io, token, interest)
    end

    # A source is given by its handle: the library knows its descriptor.
    def call(function, io, *arguments)
      return io.with { |source| use(function, source, io.class.name, arguments) } if io.is_a?(Source)
      fd = io.respond_to?(:fileno) ? io.fileno : Miopoll.fit(io, FD, "descriptor")
      use("#{function}_fd", fd, "descriptor #{fd}", arguments)
    end

    def use(function, it, what, arguments)
      with { |registry| Miopoll.check(C.public_send(function, registry, it, *arguments), what) }
      nil
    end
  end

  # Ends a wait from another thread. In a `trap` block Ruby allows no lock:
  # trap("TERM") { Thread.new { waker.wake } }.
  class Waker < Handle
    FREE = :mio_waker_free

    def initialize(registry, token)
      Miopoll.fit(token, UINT64, "token")
      super() do |place|
        registry.with { |handle| C.mio_waker_new(place, handle, token) }
      end
    end

    def wake
      with { |waker| Miopoll.check(C.mio_waker_wake(waker), "mio_waker_wake") }
      nil
    end
  end
end

require_relative "miopoll/addr"
require_relative "miopoll/source"
require_relative "miopoll/net"
