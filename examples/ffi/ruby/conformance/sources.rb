# The steps on sources: chapter 2 of docs/conformance.md. Those that make one
# are methods of their own; the others give their outcome as a word.

module Conformance
  module Sources
    LENGTH_MAX = 65_536
    WHERE = { "tcp-listener" => "127.0.0.1:0", "udp-socket" => "127.0.0.1:0",
              "unix-listener" => "unix:*" }.freeze
    PAIRS = { "unix-stream-pair" => -> { Miopoll::UnixStream.pair },
              "unix-datagram-pair" => -> { Miopoll::UnixDatagram.pair },
              "pipe-sources" => -> { Miopoll.pipe.reverse } }.freeze

    private

    def source(name)
      object(name, Miopoll::Source)
    end

    def source?(name)
      @objects[name].is_a?(Miopoll::Source)
    end

    # --- making

    # Each that was made is looked at.
    def keep(name, made)
      add(name, made)
      number = made.with { |handle| Miopoll::C.mio_source_kind(handle) }
      raise Failure.new("outcome", "it is of kind #{number}") if number != made.class::KIND
      born = flags_of(name)
      raise Failure.new("outcome", "born with #{born}") if born != Descriptors::BORN
      "OK"
    end

    def make_source(step)
      name, verb = step.args[0], step.verb
      free!(name)
      expect(step, outcome_of { keep(name, new_source(KINDS.fetch(verb), step)) })
    end

    def new_source(kind, step)
      where = step.keys["addr"] || WHERE[step.verb]
      return kind.unbound unless where
      return kind.connect(addr(where)) if kind < Miopoll::Stream
      return kind.bind(addr(where)) unless step.keys.key?("backlog")
      kind.bind(addr(where), backlog: step.keys["backlog"])
    end

    def make_pair(step)
      free!(*step.args)
      expect(step, outcome_of do
        step.args.zip(PAIRS.fetch(step.verb).call) { |name, made| keep(name, made) }
        "OK"
      end)
    end

    def step_accept(step)
      name, from = step.args
      return accept_descriptor(step) unless source?(from)
      free!(name)
      peer = nil
      expect(step, outcome_of do
        made, peer = source(from).accept
        made ? keep(name, made) : "EAGAIN"
      end)
      check_addr(step.keys["peer"], peer) if peer
    end

    def step_from_fd(step)
      name, from = step.args
      kind = step.keys["kind"]
      found = from.match?(/\A-?\d/) ? nil : object(from, Descriptor)
      format("#{from} is only borrowed") if found&.borrowed
      make(step, name) { kind.from_fd(descriptor(from)) }
      return unless open?(name)
      give(found) if found&.open
      keep(name, source(name))
    end

    # Ruby is not to close it any more.
    def give(found)
      found.io.autoclose = false
      found.open = false
    end

    def step_into_fd(step)
      from = source(step.args[1])
      make(step, step.args[0]) do
        fd = from.into_fd
        Descriptor[Descriptors.io(from.class, fd), fd, true, false]
      end
    end

    def step_source_fd(step)
      from = source(step.args[1])
      make(step, step.args[0]) do
        io = Descriptors.io(from.class, from.fileno)
        io.autoclose = false
        Descriptor[io, io.fileno, true, true]
      end
    end

    # --- looking

    def step_kind(step)
      wanted = Value.kind(step.args[1]) or format("no kind #{step.args[1]}")
      kind = source(step.args[0]).class
      raise Failure.new("outcome", "it is a #{kind}") if kind != wanted
      expect(step, "OK")
    end

    def step_flags(step)
      name, word = step.args
      format("flags #{word}") unless [nil, "none"].include?(word)
      expect(step, outcome_of do
        flags = flags_of(name)
        raise Failure.new("outcome", "it has #{flags}") if flags != (word ? [] : Descriptors::BORN)
        "OK"
      end)
    end

    def flags_of(name)
      return Descriptors.flags(io(name)) unless source?(name)
      Descriptors.of(source(name)) { |io| Descriptors.flags(io) }
    end

    def step_blocking(step)
      Descriptors.block(io(step.args[0]))
    end

    # --- what other threads may do too

    def act_on_source(step)
      verb, name = step.verb, step.args[0]
      case verb
      when *READS then source_read(step)
      when *WRITES then source_write(step)
      when "drain" then source_drain(source(name))
      when "fill" then source_fill(source(name))
      when "shutdown" then source_shutdown(source(name), step.args[1])
      when "so-error" then source(name).take_error.then { |error| error ? Conformance.name_of(error.errno) : "OK" }
      when "oob" then Descriptors.of(source(name)) { |io| Descriptors.oob(io) }
      when "would-block" then source(name).try_io(step.keys["interest"]) { nil }
      when "connect-to" then source(name).connect(addr(step.keys["addr"]))
      when "read-vectored" then read_vectored(step)
      when "write-vectored" then write_vectored(step)
      else format("no way to #{verb} a source")
      end
    end

    def amount(step, otherwise)
      return step.keys["data"].bytesize if step.keys["data"]
      length(step.args[1] || otherwise.to_s)
    end

    def length(word)
      number(word).tap { |n| format("#{n} bytes") if n > LENGTH_MAX }
    end

    # `count` is nil where it would block.
    def moved(count, asked, none)
      return "EAGAIN" if count.nil?
      return "OK" if count == asked
      count.zero? ? none : "SHORT"
    end

    def source_read(step)
      found = source(step.args[0])
      size = amount(step, nil)
      verb = step.verb == "read" && found.is_a?(Miopoll::Datagram) ? "recv" : step.verb.tr("-", "_")
      got, peer = found.public_send(verb, size)
      check_data(step, got)
      check_addr(step.keys["peer"], peer) if peer
      moved(got&.bytesize, size, "EOF")
    end

    def check_data(step, got)
      data = step.keys["data"]
      raise Failure.new("outcome", "gave #{got}") if data && got && !data.start_with?(got)
    end

    def write_to(found, data)
      found.is_a?(Miopoll::Datagram) ? found.send(data) : found.write(data)
    end

    def source_write(step)
      found = source(step.args[0])
      data = step.keys["data"] || "x" * amount(step, 1)
      count = step.verb == "write" ? write_to(found, data) : found.send_to(data, addr(step.keys["addr"]))
      moved(count, data.bytesize, "SHORT")
    end

    def source_drain(found)
      loop do
        got = found.read
        return got ? "EOF" : "OK" if got.nil? || got.empty?
      end
    end

    def source_fill(found)
      size = LENGTH_MAX
      loop do
        next if write_to(found, "x" * size)
        return "OK" if size == 1
        size = 1
      end
    end

    def source_shutdown(found, how)
      format("shutdown #{how}") unless %w[read write both].include?(how)
      found.shutdown(how.to_sym)
    end

    def read_vectored(step)
      sizes = step.args.drop(1).map { |word| length(word) }
      got = source(step.args[0]).read_vectored(sizes)&.join
      check_data(step, got)
      moved(got&.bytesize, sizes.sum, "EOF")
    end

    def write_vectored(step)
      sizes = step.args.drop(1).map { |word| length(word) }
      data = step.keys["data"] || "x" * sizes.sum
      format("#{data} does not fit") if data.bytesize != sizes.sum
      at = 0
      strings = sizes.map { |size| data[at, size].tap { at += size } }
      moved(source(step.args[0]).write_vectored(strings), data.bytesize, "SHORT")
    end
  end
end
