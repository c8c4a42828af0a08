# The text of the cases: chapters 1 to 4 of docs/conformance.md. What is wrong
# with it is a FormatError, and then no case is run.

module Conformance
  class FormatError < StandardError; end

  Step = Struct.new(:line, :verb, :args, :keys, :outcome, :inner)
  Case = Struct.new(:name, :file, :line, :needs, :covers, :steps)

  BITS = { "R" => 1, "W" => 2, "AIO" => 4, "LIO" => 8, "P" => 16, "E" => 32,
           "RC" => 64, "WC" => 128, "LEVEL" => 256, "ONESHOT" => 512,
           "EXCLUSIVE" => 1024 }.freeze
  UNITS = { "ns" => 1, "us" => 1_000, "ms" => 1_000_000, "s" => 1_000_000_000 }.freeze
  FEATURES = %w[edge-exact exclusive priority aio lio nanoseconds fd
                capacity null options raw token64].freeze
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
  REGISTER = Verb[TWO, %w[token! interest!], []]
  VERBS = {
    "poll" => Verb[ONE, %w[selector size flags reserved tail], []],
    "waker" => Verb[TWO, %w[token!], []],
    "register" => REGISTER, "reregister" => REGISTER,
    "write" => Verb[1..2, [], []],
    "read" => Verb[TWO, [], %w[EOF SHORT]],
    "drain" => Verb[ONE, [], %w[EOF]],
    "wait" => Verb[ONE, %w[timeout capacity waits events], :wait],
    "ask" => Verb[1..2, [], :any],
    "elapsed" => Verb[ONE, [], nil], "count" => Verb[TWO, [], nil],
    "clock" => Verb[0..0, [], nil], "features" => Verb[2.., [], nil],
    "posted" => Verb[ONE, [], nil], "join" => Verb[0..0, [], nil],
    "leak" => Verb[0..0, [], nil],
    **%w[registry clone nest deregister connect accept dup
         shutdown].to_h { |name| [name, Verb[TWO, [], []]] },
    **%w[wake fill oob so-error].to_h { |name| [name, Verb[ONE, [], []]] },
    **%w[pair dgram pipe tcp udp].to_h { |name| [name, Verb[TWO, [], nil]] },
    **%w[close socket listen listen-unix refused file directory null mounts
         close-fd reset].to_h { |name| [name, Verb[ONE, [], nil]] }
  }.freeze
  AFTER = VERBS.slice(*%w[wake write drain close-fd shutdown register reregister deregister])
               .merge("post" => Verb[ONE, [], []]).freeze
  STORM = { "wake" => Verb[ONE, %w[threads! each!], nil],
            "cycle" => Verb[TWO, %w[each! token! interest!], nil] }.freeze
  VALUES = {
    "token" => :number, "interest" => :bits, "timeout" => :time,
    "selector" => :uint32, "size" => :uint32, "flags" => :uint32,
    "reserved" => :uint32, "tail" => :uint32, "capacity" => :uint32,
    "waits" => :uint32, "threads" => :uint32, "each" => :uint32
  }.freeze

  # One line of a case, taken apart and looked at.
  class Line
    def self.step(file, line, words)
      new("#{file}:#{line}").step(line, words)
    end

    def initialize(place)
      @place = place
    end

    def step(line, words)
      before, outcome = split(words)
      case before.first
      when "after" then after(line, before, outcome)
      when "storm" then storm(line, before, outcome)
      else plain(line, before, outcome, VERBS)
      end
    end

    private

    def refuse(what)
      raise FormatError, "#{@place}: #{what}"
    end

    def split(words)
      at = words.index("->") or return [words, nil]
      refuse("nothing after ->") if at == words.size - 1
      [words[0...at], words[at + 1..]]
    end

    def after(line, words, outcome)
      refuse("after has no outcome") if outcome
      delay = words[1] && Value.time(words[1])
      refuse("after needs a time and a step") unless delay && delay >= 0 && words.size > 2
      Step[line, "after", [delay], {}, nil, plain(line, words[2..], nil, AFTER)]
    end

    # Keys stand before the verb and behind it.
    def storm(line, words, outcome)
      keys, rest = words[1..].partition { |word| word.match?(KEY) }
      Step[line, "storm", [], {}, nil, plain(line, rest + keys, outcome, STORM)]
    end

    def plain(line, words, outcome, verbs)
      verb = verbs[words.first] or refuse("unknown verb #{words.first}")
      pairs, args = words.drop(1).partition { |word| word.match?(KEY) }
      refuse("#{words.first}: #{args.size} arguments") unless verb.args.cover?(args.size)
      keys = keys_of(verb, pairs)
      check_outcome(words.first, verb.words, outcome, keys)
      Step[line, words.first, args, keys, outcome, nil]
    end

    def keys_of(verb, pairs)
      keys = {}
      pairs.each do |pair|
        name, text = pair.match(KEY).captures
        known = verb.keys.include?(name) || verb.keys.include?("#{name}!")
        refuse("key #{name}") if !known || keys.key?(name)
        keys[name] = value(name, text)
      end
      missing = verb.keys.grep(/!/).map { |name| name.delete("!") } - keys.keys
      refuse("without #{missing.join(" ")}") unless missing.empty?
      keys
    end

    def value(name, text)
      return text == "null" ? nil : refuse("events=#{text}") if name == "events"
      Value.public_send(VALUES.fetch(name), text) or refuse("#{name}=#{text}")
    end

    def check_outcome(name, words, outcome, keys)
      return wait_outcome(outcome, keys) if words == :wait
      refuse("#{name} needs an outcome") if words == :any && outcome.nil?
      return if outcome.nil? || words == :any
      refuse("#{name} has no outcome") if words.nil?
      Conformance.alternatives(outcome).each do |alternative|
        good = alternative.size == 1 &&
               (["OK", *words].include?(alternative[0]) || Value.error(alternative[0]))
        refuse("outcome #{outcome.join(" ")}") unless good
      end
    end

    def wait_outcome(outcome, keys)
      refuse("a wait needs an outcome") if outcome.nil?
      Conformance.alternatives(outcome).each do |alternative|
        alone = alternative.size == 1 &&
                (%w[none any].include?(alternative[0]) || Value.error(alternative[0]))
        events = !alternative.empty? && alternative.all? { |word| Value.event(word) }
        refuse("outcome #{outcome.join(" ")}") unless alone || events
      end
      refuse("none without a timeout") if outcome.include?("none") && !keys.key?("timeout")
    end
  end

  # What stands between the `|`.
  def self.alternatives(outcome)
    outcome.slice_when { |before, after| before == "|" || after == "|" }
           .to_a.reject { |part| part == ["|"] }
           .tap { |parts| return [[]] if parts.size != outcome.count("|") + 1 }
  end

  # All cases of some files, and the digest of their text.
  class Suite
    attr_reader :cases, :digest

    def initialize(paths)
      @cases = []
      @digest = 0
      paths.each { |path| read(path) }
      names = @cases.map(&:name)
      twice = names.find { |name| names.count(name) > 1 }
      raise FormatError, "#{twice} is there twice" if twice
    end

    private

    def read(path)
      name = File.basename(path)
      text = File.binread(path)
      "#{name}\n#{text}".each_byte { |byte| @digest = (@digest * 257 + byte + 1) % 17_592_186_044_399 }
      raise FormatError, "#{name}: no newline at the end" unless text.end_with?("\n")
      before = @cases.size
      text.each_line.with_index(1) { |line, number| take(name, number, line) }
      raise FormatError, "#{name}: no case" if @cases.size == before
      @cases[before..].each { |found| whole(found) }
    end

    def take(file, number, line)
      line = line.sub(/#.*/m, "")
      words = line.split
      return if words.empty?
      return begin_case(file, number, words) unless line.match?(/\A[ \t]/)
      found = @cases.last
      raise FormatError, "#{file}:#{number}: before a case" unless found && found.file == file
      return found.steps << Line.step(file, number, words) unless %w[needs covers].include?(words[0])
      raise FormatError, "#{file}:#{number}: #{words[0]} after a step" unless found.steps.empty?
      raise FormatError, "#{file}:#{number}: #{words[0]} nothing" if words.size == 1
      found[words[0]].concat(words.drop(1))
    end

    def begin_case(file, number, words)
      good = words.size == 2 && words[0] == "case" && words[1].match?(%r{\A[a-z0-9-]+/[a-z0-9-]+\z})
      raise FormatError, "#{file}:#{number}: #{words.join(" ")}" unless good
      @cases << Case[words[1], file, number, [], [], []]
    end

    def whole(found)
      unknown = found.needs.find { |need| !FEATURES.include?(need.delete_prefix("no-")) }
      raise FormatError, "#{found.name}: unknown feature #{unknown}" if unknown
      raise FormatError, "#{found.name}: without covers" if found.covers.empty?
      raise FormatError, "#{found.name}: without steps" if found.steps.empty?
    end
  end
end
