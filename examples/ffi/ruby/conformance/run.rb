# One case, from its first step to what it leaves: chapters 2 and 3 of
# docs/conformance.md.
require_relative "addresses"
require_relative "descriptors"
require_relative "sources"
require_relative "text"
require_relative "waiting"

module Conformance
  # A case has failed, in one of the kinds of chapter 5.
  class Failure < StandardError
    attr_reader :kind

    def initialize(kind, what)
      @kind = kind
      super(what)
    end
  end

  def self.now
    Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  end

  def self.descriptors_open
    Dir.children("/proc/self/fd").size
  end

  # A descriptor has a number that outlives it. A poll or a source keeps what
  # is borrowed of it.
  Descriptor = Struct.new(:io, :number, :open, :borrowed)

  class Run
    include Addresses
    include Sources
    include Waiting

    MAKE = %w[pair dgram pipe tcp udp socket listen listen-unix refused file
              directory null mounts].freeze
    MAKE_FROM = %w[connect accept dup].freeze
    USE = %w[drain fill oob so-error reset].freeze

    def initialize(selector)
      @selector = selector
      @objects = {} # In the order in which they were made.
      @threads = []
      @counts = Hash.new(0)
      @posted = 0
      @began = nil
      @after = false
    end

    def run(owner)
      before = Conformance.descriptors_open
      steps(owner)
      join
    rescue StandardError => error
      failed = error
    ensure
      finish
      raise failed if failed
      left = Conformance.descriptors_open - before
      raise Failure.new("leak", "#{left} descriptors are left") unless left.zero?
    end

    private

    def steps(owner)
      owner.steps.each do |step|
        take(step)
      rescue Failure => failure
        raise Failure.new(failure.kind, "#{owner.file}:#{step.line}: #{step.verb}: #{failure.message}")
      end
    end

    # After a failure too: what failed first is told.
    def finish
      settle
      give_back
      @objects.keys.reverse_each { |name| close(name) if open?(name) }
      remove_folder
    end

    # --- names

    def format(what)
      raise Failure.new("format", what)
    end

    def open?(name)
      object = @objects[name]
      object.is_a?(Descriptor) ? object.open : !object.nil?
    end

    def add(name, object)
      format("bad name #{name}") unless name.match?(/\A[A-Za-z]/)
      @objects.delete(name)
      @objects[name] = object
    end

    def free!(*names)
      names.each { |name| format("#{name} is in use") if open?(name) }
      format("#{names[0]} twice") if names.uniq != names
    end

    def object(name, *kinds)
      found = @objects[name]
      format("no #{name} of that kind") unless kinds.any? { |kind| found.is_a?(kind) }
      found
    end

    # Where a registry is asked for, a poll means its own.
    def registry(name)
      found = object(name, Miopoll::Registry, Miopoll::Poll)
      found.is_a?(Miopoll::Poll) ? found.registry : found
    end

    def descriptor(name)
      return Integer(name, 10) if name.match?(/\A-?\d+\z/)
      object(name, Descriptor).number
    end

    def io(name)
      found = object(name, Descriptor)
      raise Errno::EBADF unless found.open && found.io
      found.io
    end

    def number(word)
      Value.number(word) or format("no number: #{word}")
    end

    # --- outcomes

    # The block's result as a word, or the name of the error that it met.
    def outcome_of
      result = yield
      result.is_a?(String) ? result : "OK"
    rescue SystemCallError => error
      Conformance.name_of(error.errno)
    end

    def expect(step, got)
      wanted = step.outcome ? step.outcome - ["|"] : ["OK"]
      raise Failure.new("outcome", "gave #{got}, not #{wanted.join(" or ")}") unless wanted.include?(got)
    end

    # --- steps

    def take(step)
      name = step.verb.tr("-", "_")
      if respond_to?("step_#{name}", true)
        send("step_#{name}", step)
      elsif MAKE.include?(step.verb) || MAKE_FROM.include?(step.verb)
        make_descriptors(name, step)
      elsif KINDS.key?(step.verb)
        make_source(step)
      elsif PAIRS.key?(step.verb)
        make_pair(step)
      else
        expect(step, outcome_of { act(step) })
      end
    end

    # What other threads may do too.
    def act(step)
      args = step.args
      return act_on_source(step) if source?(args[0]) || SOURCE_VERBS.key?(step.verb)
      case step.verb
      when "wake" then object(args[0], Miopoll::Waker).wake
      when "post" then post(args[0])
      when "write", "read" then transfer(step)
      when "shutdown" then shutdown(*args)
      when "close-fd" then close_descriptor(own(args[0]))
      when "register", "reregister"
        registry(args[0]).public_send(step.verb, watched(args[1]),
                                      step.keys["token"], step.keys["interest"])
      when "deregister" then registry(args[0]).deregister(watched(args[1]))
      when *USE then use(step.verb, args[0])
      else format("no way to #{step.verb}")
      end
    end

    # A source, or the number of a descriptor.
    def watched(name)
      source?(name) ? source(name) : descriptor(name)
    end

    # The name of a descriptor that is the case's to close.
    def own(name)
      format("#{name} is only borrowed") if object(name, Descriptor).borrowed
      name
    end

    def transfer(step)
      format("#{step.keys.keys.first} is only of sources") unless step.keys.empty?
      Descriptors.public_send(step.verb, io(step.args[0]), amount(step, 1))
    end

    def use(verb, name)
      own(name) if verb == "reset"
      Descriptors.public_send(verb.tr("-", "_"), io(name)).tap do
        @objects[name].open = false if verb == "reset"
      end
    end

    def shutdown(name, how)
      format("shutdown #{how}") unless %w[read write both].include?(how)
      Descriptors.shutdown(io(name), how)
    end

    def post(name)
      @posted += 1
      object(name, Miopoll::Waker).wake
    end

    def close_descriptor(name)
      found = object(name, Descriptor)
      raise Errno::EBADF unless found.open
      found.open = false
      found.io&.close
      "OK"
    end

    def make_descriptors(kind, step)
      from = MAKE_FROM.include?(step.verb)
      names = from ? step.args.take(1) : step.args
      free!(*names)
      expect(step, outcome_of do
        made = [Descriptors.public_send(kind, from ? io(step.args[1]) : nil)].flatten
        Descriptors.unblock(*made)
        names.zip(made) { |name, io| add(name, Descriptor[io, io.fileno, true, false]) }
        "OK"
      end)
    end

    def accept_descriptor(step)
      format("peer is only of sources") if step.keys.key?("peer")
      make_descriptors("accept", step)
    end

    # --- the library's objects

    def make(step, name)
      free!(name)
      expect(step, outcome_of do
        add(name, yield)
        "OK"
      end)
    end

    def step_poll(step)
      name = step.args[0]
      make(step, name) { Miopoll::Poll.new(**options(step.keys)) }
      return if step.keys.key?("selector") || !open?(name)
      runs_on = @objects[name].selector
      raise Failure.new("outcome", "it runs on #{runs_on}") if runs_on != @selector
    end

    # The bytes of a mio_poll_options_t, and more of them.
    def options(keys)
      return { selector: @selector } if keys.empty?
      number = Miopoll::C.mio_selector_from_name(@selector)
      head = [keys.fetch("size", 16), keys.fetch("selector", number),
              keys.fetch("flags", 0), keys.fetch("reserved", 0)].pack("L4")
      format("size=#{keys["size"]}") if keys.fetch("size", 0) > 64
      { options: head + [keys.fetch("tail", 0)].pack("C") * 48 }
    end

    def step_registry(step)
      from = object(step.args[1], Miopoll::Poll)
      make(step, step.args[0]) { Miopoll::Registry.new(from) }
    end

    def step_clone(step)
      from = registry(step.args[1])
      make(step, step.args[0]) { from.clone }
    end

    def step_waker(step)
      from = registry(step.args[1])
      make(step, step.args[0]) { Miopoll::Waker.new(from, step.keys["token"]) }
    end

    # A descriptor that is never closed here: its poll does.
    def step_nest(step)
      poll = object(step.args[1], Miopoll::Poll)
      make(step, step.args[0]) { Descriptor[nil, poll.fileno, true, true] }
    end

    def step_close(step)
      name = step.args[0]
      object(name, Miopoll::Handle)
      close(name)
      expect(step, "OK")
    end

    # A poll closes its registry after itself.
    def close(name)
      return close_descriptor(name) if @objects[name].is_a?(Descriptor)
      @objects.delete(name).close
    end

    def step_leak(_step)
      IO.sysopen("/dev/null")
    end

    # --- checks

    def step_elapsed(step)
      word = step.args[0]
      limit = Value.time(word.delete_prefix(">=")) if word.start_with?(">=")
      format("elapsed #{word}") unless limit && @began
      passed = Conformance.now - @began
      raise Failure.new("early", "#{passed} ns") if passed < limit
    end

    def step_count(step)
      sign, limit = Value.comparison(step.args[1])
      format("count #{step.args[1]}") unless sign
      count = @counts[number(step.args[0])]
      raise Failure.new("count", "#{count} events, not #{sign}#{limit}") unless count.public_send(sign, limit)
    end

    def step_clock(_step)
      first, middle, last = Conformance.now, Miopoll::C.mio_clock_now, Conformance.now
      raise Failure.new("outcome", "#{first} #{middle} #{last}") unless middle.between?(first, last)
    end

    def step_features(step)
      features = object(step.args[0], Miopoll::Poll).features
      step.args.drop(1).each do |word|
        bit = Conformance.feature_bit(word.delete_prefix("no-")) or format("no feature #{word}")
        has = features.anybits?(bit)
        raise Failure.new("outcome", word) if has == word.start_with?("no-")
      end
    end

    def step_ask(step)
      name, word = step.args
      format("no function #{name}") unless name.start_with?("mio_") && Miopoll::C.respond_to?(name)
      got = Miopoll::C.public_send(name, *(step.args.size == 2 ? [argument(name, word)] : []))
      expect(step, answer(name, got))
    end

    def argument(name, word)
      return if word == "null"
      return word if name.end_with?("from_name")
      return Miopoll::C.mio_err_from_name(word) if word.start_with?("E")
      word.match?(/\A-?\d+\z/) ? Integer(word, 10) : format("no number: #{word}")
    end

    def answer(name, got)
      return got.tr(" ", "_") if got.is_a?(String)
      got.negative? ? Miopoll::C.mio_err_name(got) : got.to_s
    end

    # --- other threads

    def step_after(step)
      @after = true
      @began = Conformance.now
      inner = step.inner
      delay = Rational(step.args[0], 1_000_000_000)
      start do
        sleep(delay)
        got = outcome_of { act(inner) }
        raise Failure.new("thread", "#{inner.verb} gave #{got}") if got != "OK"
      end
    end

    def step_storm(step)
      inner = step.inner
      threads = inner.keys.fetch("threads", 1)
      action = inner.verb == "wake" ? waking(inner) : cycling(inner)
      threads.times { start { inner.keys["each"].times(&action) } }
    end

    def waking(step)
      waker = object(step.args[0], Miopoll::Waker)
      proc { waker.wake }
    end

    def cycling(step)
      registry = registry(step.args[0])
      fd = descriptor(step.args[1])
      token, interest = step.keys.values_at("token", "interest")
      proc do
        registry.register(fd, token, interest)
        registry.reregister(fd, token, interest)
        registry.deregister(fd)
      end
    end

    # The value of a thread is nil, or why it failed.
    def start
      @threads << Thread.new do
        yield
        nil
      rescue StandardError => error
        error.message
      end
    end

    def step_join(_step)
      join
    end

    def join
      failed = settle.first
      raise Failure.new("thread", failed) if failed
    end

    # Waits for all threads, and gives what those that failed say.
    def settle
      failed = @threads.map(&:value).compact
      @threads.clear
      failed
    end

    def step_posted(step)
      wanted = number(step.args[0])
      raise Failure.new("outcome", "posted #{@posted}") if @posted != wanted
    end
  end
end
