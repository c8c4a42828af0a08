# The step `wait`: the events of all its calls are or-ed by their token, and
# after each call every alternative of the outcome is judged against that.

module Conformance
  module Waiting
    DEFAULT = 5_000_000_000
    KNOWN = 255 # The bits from R to WC.

    private

    def step_wait(step)
      poll = object(step.args[0], Miopoll::Poll)
      timeout = step.keys.fetch("timeout", DEFAULT)
      began = Conformance.now
      @began = began unless @after
      seen = Hash.new(0)
      calls = 0
      loop do
        left = timeout.negative? ? -1 : [timeout - (Conformance.now - began), 0].max
        count = once(poll, left, step.keys.fetch("capacity", 64), seen)
        return expect(step, count) if count.is_a?(String)
        calls += 1
        over = count.zero? || left.zero? || calls >= step.keys.fetch("waits", calls + 1)
        return if decided?(step, seen, over)
      end
    end

    # One call: how many events it gave, or the name of its error.
    def once(poll, left, capacity, seen)
      before = Conformance.now
      events = poll.wait(left.negative? ? nil : Rational(left, 1_000_000_000), capacity: capacity)
      passed = Conformance.now - before
      early = events.empty? && (left.negative? || passed < left)
      raise Failure.new("early", "no event after #{passed} ns") if early
      raise Failure.new("outcome", "#{events.size} events") if events.size > capacity
      events.each { |token, bits| note(token, bits, seen) }
      events.size
    rescue SystemCallError => error
      Conformance.name_of(error.errno)
    end

    def note(token, bits, seen)
      raise Failure.new("outcome", "readiness #{bits}") if bits.zero? || bits > KNOWN
      @counts[token] += 1
      seen[token] |= bits
    end

    # True if the step has passed, false if another call is to be made.
    def decided?(step, seen, over)
      verdicts = Conformance.alternatives(step.outcome).map { |words| judge(words, seen, over) }
      return true if verdicts.include?(:passed)
      return false if verdicts.include?(:possible) && !over
      kind = %i[possible unexpected exact].find { |verdict| verdicts.include?(verdict) }
      kind = "missing" if kind == :possible
      raise Failure.new(kind.to_s, "saw #{text(seen)}, not #{step.outcome.join(" ")}")
    end

    def judge(words, seen, over)
      return :passed if words == ["any"]
      events = words.map { |word| Value.event(word) }
      return judge_silence(words, seen, over) if events.include?(nil)
      return :unexpected unless (seen.keys - events.map(&:first)).empty?
      return :exact if events.any? { |token, bits, exact| exact && seen.fetch(token, 0).anybits?(~bits) }
      complete = events.all? { |token, bits, _| seen.fetch(token, 0).allbits?(bits) }
      complete ? :passed : :possible
    end

    # `none`, or an error, which did not come.
    def judge_silence(words, seen, over)
      return :unexpected unless seen.empty?
      words == ["none"] && over ? :passed : :possible
    end

    def text(seen)
      return "no event" if seen.empty?
      seen.map do |token, bits|
        "#{token}:#{BITS.select { |_, bit| bits.anybits?(bit) }.keys.join("+")}"
      end.join(" ")
    end
  end
end
