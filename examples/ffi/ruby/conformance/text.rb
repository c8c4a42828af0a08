# The text of the cases: chapters 1 to 4 of docs/conformance.md. What is wrong
# with it is a FormatError, and then no case is run.
require_relative "verbs"

module Conformance
  class FormatError < StandardError; end

  Step = Struct.new(:line, :verb, :args, :keys, :outcome, :inner)
  Case = Struct.new(:name, :file, :line, :needs, :covers, :steps)

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
      else plain(line, before, outcome, ALL)
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
      check_amount(words.first, args, keys)
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

    # What is read or written is so many bytes, or `data`.
    def check_amount(name, args, keys)
      amounts = args.size - 1 + (keys.key?("data") ? 1 : 0)
      wrong = READS.include?(name) && amounts != 1 || WRITES.include?(name) && amounts > 1
      refuse("#{name}: #{amounts} amounts") if wrong
    end

    def value(name, text)
      return text == "null" ? nil : refuse("#{name}=#{text}") if %w[events buffer].include?(name)
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
