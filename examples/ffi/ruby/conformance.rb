# Runs the conformance suite on miopoll.rb; docs/conformance.md.
#
#   ruby conformance.rb [--selector NAME] [--filter GLOB] [--skips FILE] FOLDER
#   ruby conformance.rb [--selector NAME] --must-fail FOLDER
require_relative "miopoll"
require_relative "conformance/run"

module Conformance
  ENGINE = "conformance-ruby"
  SKIPS = File.expand_path("../../../tests/conformance/skips/ruby.txt", __dir__)
  LIMIT = 30
  MUST_FAIL_LIMIT = 1
  # An object of the binding is never NULL, and a kind of source is a class.
  LACKS = ["null", "flat", *(RUBY_PLATFORM.include?("linux") ? [] : ["abstract"])].freeze

  def self.feature_bit(name)
    constant = "FEATURE_#{name.tr("-", "_").upcase}"
    Miopoll.const_get(constant) if Miopoll.const_defined?(constant)
  end

  # One selector: which cases it runs, and what came out.
  class Report
    attr_reader :failed

    def initialize(selector, limit)
      @selector = selector
      @limit = limit
      @ran = @passed = @skipped = @failed = 0
      poll = Miopoll::Poll.new(selector: selector)
      @features = poll.features
      poll.close
    end

    def fail(name, kind, what)
      puts "FAIL #{name}: #{kind}: #{what}"
      @failed += 1
    end

    def run(suite, filter, skips)
      suite.cases.each { |owner| run_case(owner, skips) if filter.nil? || File.fnmatch(filter, owner.name) }
      fail("-", "empty", "no case was run") if @ran.zero? && @failed.zero?
      check_names(suite, skips)
      puts "plan #{suite.cases.size} digest #{suite.digest} ran #{@ran} skipped #{@skipped}"
      puts "#{ENGINE} #{@selector}: #{@passed} passed, #{@failed} failed, #{@skipped} skipped"
    end

    private

    def lacks?(need)
      return !lacks?(need.delete_prefix("no-")) if need.start_with?("no-")
      bit = Conformance.feature_bit(need)
      bit ? !@features.anybits?(bit) : LACKS.include?(need)
    end

    def run_case(owner, skips)
      listed = skips.include?([owner.name, @selector])
      need = owner.needs.find { |word| lacks?(word) }
      return run_steps(owner, listed) unless need
      @skipped += 1
      fail(owner.name, "skip", "not listed, and it needs #{need}") unless listed
    end

    def run_steps(owner, listed)
      @ran += 1
      fail(owner.name, "skip", "listed, but it runs") if listed
      Watch.over(owner.name, @limit) { Run.new(@selector).run(owner) }
      @passed += 1
    rescue Failure => failure
      fail(owner.name, failure.kind, failure.message)
    rescue StandardError => error
      fail(owner.name, "outcome", "#{error.class}: #{error.message} (#{error.backtrace.first})")
    end

    def check_names(suite, skips)
      names = suite.cases.map(&:name)
      skips.each do |name, selector|
        fail(name, "skip", "listed, but there is no such case") unless names.include?(name)
        fail(name, "skip", "listed for #{selector}") if Miopoll::C.mio_selector_from_name(selector) <= 0
      end
    end
  end

  # Ends the process if a case takes too long. It is another thread, which
  # runs since a wait lets others run.
  module Watch
    def self.over(name, limit)
      watcher = Thread.new do
        sleep limit
        puts "FAIL #{name}: time-limit: #{limit} s"
        $stdout.flush
        exit!(124)
      end
      yield
    ensure
      watcher.kill.join
    end
  end

  def self.files(folder)
    Dir.children(folder).grep(/\.case\z/).sort_by(&:b).map { |name| File.join(folder, name) }
  end

  # {[case, selector]}; each line has a reason.
  def self.read_skips(path)
    lines = File.readlines(path).grep_v(/\A\s*(#|$)/).map { |line| line.strip.split(nil, 3) }
    raise FormatError, "#{path}: a line without a reason" if lines.any? { |words| words.size < 3 }
    skips = lines.map { |words| words.take(2) }
    raise FormatError, "#{path}: a line is there twice" if skips.uniq != skips
    skips
  end

  def self.run(selector, paths, options, limit, skips)
    report = Report.new(selector, limit)
    begin
      report.run(Suite.new(paths), options[:filter], skips)
    rescue FormatError => error
      report.fail("-", "format", error.message)
    end
    report.failed.zero?
  end

  # Each file alone and in a process of its own, since one of them is ended
  # by the time limit. This process has no poll that a child could meet.
  def self.must_fail(selector, paths)
    passed = paths.count do |path|
      kind = File.open(path, &:readline)[/\A# fails: (\S+)/, 1]
      told = IO.popen("-") || run_and_leave(selector, path)
      kinds = told.read.scan(/^FAIL \S+: ([a-z-]+):/).flatten
      told.close
      good = !$?.success? && kinds.first == kind
      puts "FAIL #{File.basename(path)}: wanted #{kind}, got #{kinds.join(" ")}" unless good
      good
    end
    puts "must-fail #{selector}: #{passed} passed, #{paths.size - passed} failed, 0 skipped"
    passed == paths.size && passed.positive?
  end

  def self.run_and_leave(selector, path)
    good = run(selector, [path], {}, MUST_FAIL_LIMIT, [])
    $stdout.flush
    exit!(good)
  end

  def self.selectors
    (1..).lazy.map { |number| [number, Miopoll::C.mio_selector_available(number)] }
         .take_while { |_, available| available >= 0 }
         .select { |_, available| available == 1 }
         .map { |number, _| Miopoll::C.mio_selector_name(number) }.to_a
  end

  def self.options(words)
    options = { selectors: selectors, skips: SKIPS }
    until words.empty?
      case (word = words.shift)
      when "--must-fail" then options[:must_fail] = true
      when "--selector" then options[:selectors] = [words.shift]
      when "--filter" then options[:filter] = words.shift
      when "--skips" then options[:skips] = words.shift
      else options[:folder] = word
      end
    end
    options
  end

  def self.main(words)
    options = options(words)
    paths = files(options.fetch(:folder))
    return options[:selectors].map { |selector| must_fail(selector, paths) }.all? if options[:must_fail]
    skips = read_skips(options[:skips])
    skips.select! { |name, _| File.fnmatch(options[:filter], name) } if options[:filter]
    options[:selectors].map do |selector|
      others = options[:selectors] + selectors - [selector]
      run(selector, paths, options, LIMIT, skips.reject { |_, other| others.include?(other) })
    end.all?
  rescue FormatError => error
    puts "FAIL -: skip: #{error.message}"
    false
  end
end

$stdout.sync = true
exit Conformance.main(ARGV.dup) if $PROGRAM_NAME == __FILE__
