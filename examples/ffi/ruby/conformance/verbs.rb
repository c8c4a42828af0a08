# The words of a case: their values, and which verb takes which. Chapter 2 of
# docs/conformance.md.

module Conformance
  BITS = { "R" => 1, "W" => 2, "AIO" => 4, "LIO" => 8, "P" => 16, "E" => 32,
           "RC" => 64, "WC" => 128, "LEVEL" => 256, "ONESHOT" => 512,
           "EXCLUSIVE" => 1024 }.freeze
  UNITS = { "ns" => 1, "us" => 1_000, "ms" => 1_000_000, "s" => 1_000_000_000 }.freeze
  FEATURES = %w[edge-exact exclusive priority aio lio nanoseconds fd
                capacity null options raw token64 sources flat abstract].freeze
  KINDS = { "tcp-listener" => Miopoll::TcpListener, "tcp-stream" => Miopoll::TcpStream,
            "udp-socket" => Miopoll::UdpSocket, "unix-listener" => Miopoll::UnixListener,
            "unix-stream" => Miopoll::UnixStream, "unix-datagram" => Miopoll::UnixDatagram,
            "pipe-sender" => Miopoll::Sender, "pipe-receiver" => Miopoll::Receiver }.freeze
  FLAGS = %w[nodelay broadcast multicast-loop-v4 multicast-loop-v6 only-v6 nonblocking].freeze
  OPTIONS = [*FLAGS, "ttl", "multicast-ttl-v4"].freeze
  KEY = /\A([A-Za-z][^=]*)=(.*)\z/m

  # Values of words. Each gives nil for what is none.
  module Value
    module_function

    def number(word, range = 0..(2**64 - 1))
      return unless word.match?(/\A(\d+|0x\h+)\z/)
      Integer(word, word.start_with?("0x") ? 16 : 10).then { |n| n if range.cover?(n) }
    end

    def uint32(word)
      number(word, 0..(2**32 - 1))
    end

    def bits(word)
      return uint32(word) if word.start_with?("0x")
      word.split("+", -1).sum { |name| BITS.fetch(name) { return nil } }
    end

    # Nanoseconds; -1 for ever.
    def time(word)
      return -1 if word == "forever"
      number, unit = word.match(/\A(\d+)(ns|us|ms|s)\z/)&.captures
      number && Integer(number, 10) * UNITS[unit]
    end

    # Text of a comparison: [">=", 3].
    def comparison(word)
      sign, number = word.match(/\A(>=|<=|==)(\d+)\z/)&.captures
      [sign, Integer(number, 10)] if sign
    end

    def text(word)
      word unless word.empty?
    end

    # The words and the numbers that no class stands for need a feature that
    # is not here.
    def kind(word)
      KINDS[word] || (word if %w[none named-pipe].include?(word)) || uint32(word)
    end

    def option(word)
      OPTIONS.include?(word) ? word : uint32(word)
    end

    def option_value(word)
      word == "null" ? word : uint32(word)
    end

    def error(word)
      word.start_with?("E") && Miopoll::C.mio_err_name(Miopoll::C.mio_err_from_name(word)) == word
    end

    # TOKEN:BITS or TOKEN:BITS! as [token, bits, exact].
    def event(word)
      token, bits, exact = word.match(/\A([^:]+):([^!]+)(!?)\z/)&.captures
      token &&= number(token)
      bits &&= bits(bits)
      [token, bits, exact == "!"] if token && bits
    end
  end

  # How many arguments a verb has, which keys (a `!` after those it has to
  # have) and what may be its outcome besides OK and errors (nil: it has none).
  Verb = Struct.new(:args, :keys, :words)
  ONE, TWO = (1..1), (2..2)
  READS = %w[read peek recv-from peek-from].freeze
  WRITES = %w[write send-to].freeze
  READ, WRITTEN = %w[EOF SHORT], %w[SHORT]
  VERBS = {
    "poll" => Verb[ONE, %w[selector size flags reserved tail], []],
    "waker" => Verb[TWO, %w[token!], []],
    "accept" => Verb[TWO, %w[peer], []],
    "write" => Verb[1..2, %w[data buffer], WRITTEN],
    "read" => Verb[1..2, %w[data buffer], READ],
    "drain" => Verb[ONE, [], %w[EOF]],
    "wait" => Verb[ONE, %w[timeout capacity waits events], :wait],
    "ask" => Verb[1..2, [], :any],
    "elapsed" => Verb[ONE, [], nil], "count" => Verb[TWO, [], nil],
    "clock" => Verb[0..0, [], nil], "features" => Verb[2.., [], nil],
    "posted" => Verb[ONE, [], nil], "join" => Verb[0..0, [], nil],
    "leak" => Verb[0..0, [], nil],
    **%w[register reregister].to_h { |name| [name, Verb[TWO, %w[token! interest!], []]] },
    **%w[registry clone nest deregister connect dup
         shutdown].to_h { |name| [name, Verb[TWO, [], []]] },
    **%w[wake fill oob so-error].to_h { |name| [name, Verb[ONE, [], []]] },
    **%w[pair dgram pipe tcp udp].to_h { |name| [name, Verb[TWO, [], nil]] },
    **%w[close socket listen listen-unix refused file directory null mounts
         close-fd reset].to_h { |name| [name, Verb[ONE, [], nil]] }
  }.freeze
  SOURCE_VERBS = {
    **%w[tcp-listener unix-listener].to_h { |name| [name, Verb[ONE, %w[addr backlog], []]] },
    **%w[udp-socket unix-datagram].to_h { |name| [name, Verb[ONE, %w[addr], []]] },
    **%w[tcp-stream unix-stream connect-to].to_h { |name| [name, Verb[ONE, %w[addr!], []]] },
    **%w[unix-stream-pair unix-datagram-pair pipe-sources into-fd source-fd kind
         local-addr peer-addr].to_h { |name| [name, Verb[TWO, [], []]] },
    **%w[join-multicast leave-multicast].to_h { |name| [name, Verb[ONE, %w[addr! via], []]] },
    **%w[recv-from peek-from].to_h { |name| [name, Verb[1..2, %w[data buffer peer], READ]] },
    "from-fd" => Verb[TWO, %w[kind!], []],
    "blocking" => Verb[ONE, [], nil], "exhaust" => Verb[ONE, [], nil],
    "flags" => Verb[1..2, [], []],
    "would-block" => Verb[ONE, %w[interest!], []],
    "peek" => Verb[1..2, %w[data buffer], READ],
    "send-to" => Verb[1..2, %w[data buffer addr!], WRITTEN],
    "read-vectored" => Verb[2..8, %w[data buffer], READ],
    "write-vectored" => Verb[2..8, %w[data buffer], WRITTEN],
    "set" => Verb[ONE, %w[option! value!], []],
    "get" => Verb[ONE, %w[option! value], []],
    "addr" => Verb[ONE, %w[gives at room], []]
  }.freeze
  ALL = { **VERBS, **SOURCE_VERBS }.freeze
  AFTER = { **VERBS.slice(*%w[wake drain close-fd shutdown register reregister deregister]),
            "write" => Verb[ONE, [], []], "post" => Verb[ONE, [], []] }.freeze
  STORM = { "wake" => Verb[ONE, %w[threads! each!], nil],
            "cycle" => Verb[TWO, %w[each! token! interest!], nil] }.freeze
  VALUES = {
    "token" => :number, "interest" => :bits, "timeout" => :time,
    "selector" => :uint32, "size" => :uint32, "flags" => :uint32,
    "reserved" => :uint32, "tail" => :uint32, "capacity" => :uint32,
    "waits" => :uint32, "threads" => :uint32, "each" => :uint32,
    "addr" => :text, "peer" => :text, "via" => :text, "gives" => :text, "data" => :text,
    "kind" => :kind, "option" => :option, "value" => :option_value,
    "backlog" => :uint32, "at" => :uint32, "room" => :uint32
  }.freeze
end
