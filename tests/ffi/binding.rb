# What examples/ffi/ruby/miopoll.rb promises beyond the conformance suite:
# closing, threads, signals, fork, and the end of the program.
# MIOPOLL_LIBRARY names the library.
BINDING = File.expand_path("../../examples/ffi/ruby/miopoll.rb", __dir__)
require BINDING
require "rbconfig"
require "timeout"

READABLE = Miopoll::READABLE
TESTS = {}

def test(name, &block)
  TESTS[name] = block
end

def check(got, wanted)
  raise "got #{got.inspect}, not #{wanted.inspect}" unless wanted === got
end

def refused(error)
  yield
  raise "not refused"
rescue error => met
  met
end

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

def waiting_thread(poll)
  thread = Thread.new { poll.wait }
  thread.report_on_exception = false
  sleep 0.05
  thread
end

# Runs a program of its own: [what it printed, its status].
def program(text)
  output = IO.popen([RbConfig.ruby, "-w", "-r", BINDING, "-e", text], err: %i[child out]) do |pipe|
    yield pipe if block_given?
    pipe.read
  end
  [output, $?]
end

test "every 64-bit token comes back" do |poll|
  reader, writer = IO.pipe
  writer.write("x")
  [0, 2**53 + 1, 2**63, 2**64 - 1].each do |token|
    poll.registry.register(reader, token, READABLE)
    check poll.wait(1), [[token, READABLE]]
    poll.registry.deregister(reader)
  end
end

test "what does not fit is refused" do |poll|
  refused(RangeError) { poll.registry.register(0, -1, READABLE) }
  refused(RangeError) { poll.registry.register(0, 2**64, READABLE) }
  refused(TypeError) { poll.registry.register(0, 1.0, READABLE) }
  refused(RangeError) { poll.registry.register(0, 1, 2**32) }
  refused(RangeError) { poll.registry.register(2**63, 1, READABLE) }
  refused(TypeError) { poll.registry.register("0", 1, READABLE) }
  refused(RangeError) { poll.wait(0, capacity: -1) }
  refused(ArgumentError) { poll.wait(-1) }
  refused(Errno::EINVAL) { Miopoll::Poll.new(selector: "none") }
  refused(TypeError) { poll.dup }
end

test "an error tells its name and the descriptor" do |poll|
  met = refused(Errno::EPERM) { poll.registry.register(File.open(__FILE__), 1, READABLE) }
  check met.message, /Operation not permitted - descriptor \d+/
end

test "a closed object says so, and closes twice" do |poll|
  waker = Miopoll::Waker.new(poll.registry, 1)
  [waker, poll].each { |handle| 2.times { handle.close } }
  check [waker.closed?, poll.closed?, poll.registry.closed?], [true, true, true]
  refused(IOError) { waker.wake }
  refused(IOError) { poll.wait(0) }
  refused(IOError) { poll.registry.deregister(0) }
end

test "threads run during a wait, and wake it" do |poll|
  waker = Miopoll::Waker.new(poll.registry, 7)
  Thread.new { sleep 0.02; waker.wake }
  check poll.wait(10), [[7, READABLE]]
end

test "a second wait is EBUSY" do |poll|
  thread = waiting_thread(poll)
  refused(Errno::EBUSY) { poll.wait(0) }
  poll.close
  refused(IOError) { thread.value }
end

test "close ends the wait of another thread" do |poll|
  20.times do
    poll = Miopoll::Poll.new
    thread = waiting_thread(poll)
    poll.close
    check refused(IOError) { thread.value }.message, "closed while waiting"
  end
end

test "close without a waker to spare fails, and the poll stays open" do |poll|
  wakers = Array.new(Miopoll::WAKERS_MAX) { |token| Miopoll::Waker.new(poll.registry, token) }
  thread = waiting_thread(poll)
  refused(Errno::ENOSPC) { poll.close }
  wakers[5].wake
  check thread.value, [[5, READABLE]]
  poll.close
end

test "an interrupted wait goes on with what is left" do |poll|
  hits = 0
  old = trap("USR1") { hits += 1 }
  begin
    Thread.new { 5.times { sleep 0.02; Process.kill("USR1", Process.pid) } }
    begin_at = now
    check poll.wait(0.3), []
    check now - begin_at, 0.3..1.0
    check hits, 5
  ensure
    trap("USR1", old)
  end
end

test "a handler ends the wait through a thread" do |poll|
  waker = Miopoll::Waker.new(poll.registry, 9)
  old = trap("USR1") { Thread.new { waker.wake } }
  begin
    Thread.new { sleep 0.02; Process.kill("USR1", Process.pid) }
    check poll.wait(10), [[9, READABLE]]
  ensure
    trap("USR1", old)
  end
end

test "a wait is left by an exception of another thread, once it ends" do |poll|
  waker = Miopoll::Waker.new(poll.registry, 1)
  thread = waiting_thread(poll)
  thread.raise(ArgumentError)
  waker.wake
  refused(ArgumentError) { thread.value }
  poll.close
end

test "a child of fork can close, and nothing else" do |poll|
  reader, writer = IO.pipe
  poll.registry.register(reader, 3, READABLE)
  waker = Miopoll::Waker.new(poll.registry, 4)
  child = fork do
    refused(IOError) { poll.wait(0) }
    refused(IOError) { poll.registry.deregister(reader) }
    refused(IOError) { waker.wake }
    [waker, poll].each(&:close)
    fresh = Miopoll::Poll.new
    fresh.registry.register(reader, 1, READABLE)
    exit!(0)
  ensure
    exit!(1)
  end
  check Process.wait2(child)[1].success?, true
  writer.write("x")
  check poll.wait(1), [[3, READABLE]]
end

test "a child of fork closes a poll that a thread waits on" do |poll|
  thread = waiting_thread(poll)
  child = fork do
    poll.close
    exit!(0)
  end
  check Process.wait2(child)[1].success?, true
  poll.close
  refused(IOError) { thread.value }
end

test "what is forgotten is freed" do |poll|
  before = Dir.children("/proc/self/fd").size
  Array.new(50) { Miopoll::Poll.new(selector: "epoll") }.clear
  10.times { GC.start }
  check Dir.children("/proc/self/fd").size - before, ..10
end

test "the poll's own descriptor can be watched by IO.select" do |poll|
  next unless poll.features.anybits?(Miopoll::FEATURE_FD)
  waker = Miopoll::Waker.new(poll.registry, 1)
  io = IO.for_fd(poll.fileno, autoclose: false)
  check IO.select([io], nil, nil, 0), nil
  waker.wake
  check IO.select([io], nil, nil, 1), Array
  check poll.wait(0), [[1, READABLE]]
end

test "a thread that waits does not keep the program" do
  output, status = program(<<~RUBY)
    poll = Miopoll::Poll.new
    Thread.new { poll.wait }
    sleep 0.1
    puts "the end"
  RUBY
  check [output, status.success?], ["the end\n", true]
end

test "Ctrl-C ends a wait by Interrupt" do
  output, status = program(<<~RUBY) do |pipe|
    $stdout.sync = true
    poll = Miopoll::Poll.new
    begin
      puts "blocked"
      poll.wait
    rescue Interrupt
      puts "interrupted"
      poll.close
    end
  RUBY
    pipe.gets
    sleep 0.1
    Process.kill("INT", pipe.pid)
  end
  check [output, status.success?], ["interrupted\n", true]
end

require_relative "sources"

trap("INT", "DEFAULT") # A runner in the background ignores it.
failed = 0
["epoll", "poll"].each do |selector|
  ENV["MIOPOLL_SELECTOR"] = selector
  TESTS.each do |name, block|
    poll = Miopoll::Poll.new
    Timeout.timeout(20) { block.call(poll) }
    poll.close
  rescue StandardError => error
    failed += 1
    puts "FAIL #{selector}: #{name}: #{error.message} (#{error.backtrace.first})"
  end
end
puts "binding-ruby: #{TESTS.size * 2 - failed} passed, #{failed} failed, 0 skipped"
exit(failed.zero?)
