# What the Ruby binding promises of sockets and pipes beyond the conformance
# suite. binding.rb runs these tests with its own.
require "socket"

LOCAL = "127.0.0.1:0"

def descriptors
  Dir.children("/proc/self/fd").size
end

# A stream that connected, and the one that was accepted.
def tcp_pair(poll)
  listener = Miopoll::TcpListener.bind(LOCAL)
  poll.registry.register(listener, 0, READABLE)
  stream = Miopoll::TcpStream.connect(listener.local_addr)
  check poll.wait(5), [[0, READABLE]]
  accepted, peer = listener.accept
  check peer, stream.local_addr
  check listener.accept, nil
  listener.close
  [stream, accepted]
end

# One of each class.
def one_of_each(poll)
  unix = Miopoll::UnixListener.bind("unix:")
  [Miopoll::TcpListener.bind(LOCAL), *tcp_pair(poll), Miopoll::UdpSocket.bind(LOCAL),
   unix, Miopoll::UnixStream.connect(unix.local_addr), Miopoll::UnixDatagram.unbound,
   *Miopoll.pipe]
end

# What a method is called with to see that its source is closed.
def arguments_of(name)
  case name
  when /\Aset_.*ttl/ then [1]
  when /\Aset_/ then [true]
  when /(join|leave)_multicast_v4/ then ["239.255.77.9"]
  when /(join|leave)_multicast_v6/ then ["ff02::1"]
  when :write, :send then ["x"]
  when :send_to then ["x", LOCAL]
  when :connect then [LOCAL]
  when :write_vectored then [["x"]]
  when :read_vectored then [[1]]
  when :shutdown then [:both]
  when :try_io then [READABLE]
  else []
  end
end

test "a connection, from accept to its end" do |poll|
  stream, accepted = tcp_pair(poll)
  poll.registry.register(accepted, 1, READABLE)
  check [accepted.class, accepted.peer_addr], [Miopoll::TcpStream, stream.local_addr]
  check stream.write("hello"), 5
  check poll.wait(5), [[1, READABLE]]
  check [accepted.peek(2), accepted.read, accepted.read], ["he", "hello", nil]
  check stream.write_vectored(["a", "", "bcd"]), 4
  check poll.wait(5), [[1, READABLE]]
  check accepted.read_vectored([3, 0, 9]), ["abc", "", "d"]
  check accepted.read_vectored([3, 9]), nil
  stream.close
  check poll.wait(5).map(&:first), [1]
  check [accepted.read, accepted.read_vectored([1, 2])], ["", ["", ""]]
end

test "what would block is nil" do |poll|
  one, other = Miopoll::UnixDatagram.pair
  check [one.recv, one.peek, one.recv_from, one.peek_from], [nil] * 4
  nil while one.send("x" * 1000)
  check one.send_to("x", Miopoll::UnixDatagram.bind("unix:").local_addr), nil
  sender, receiver = Miopoll.pipe
  check receiver.read, nil
  nil while sender.write("x" * 65_536)
  check [sender.write("x" * 65_536), sender.write_vectored(["x" * 65_536])], [nil, nil]
  check other.recv(7), "x" * 7
  check Miopoll::UnixListener.bind("unix:").accept, nil
end

test "a datagram may be empty, and tells who sent it" do |_poll|
  one, other = Array.new(2) { Miopoll::UdpSocket.bind(LOCAL) }
  check one.send_to("", other.local_addr), 0
  check other.recv_from, ["", one.local_addr]
  check other.recv_from, nil
  nameless = Miopoll::UnixDatagram.unbound
  named = Miopoll::UnixDatagram.bind("unix:")
  nameless.connect(named.local_addr)
  nameless.send("x")
  check named.recv_from, ["x", "unix:"]
end

test "bytes are bytes, whatever their encoding" do |_poll|
  one, other = Miopoll::UnixStream.pair
  check one.write("\u00e4"), 2
  check one.write_vectored(["\u00e4", "\xff".b]), 3
  check other.read, "\xc3\xa4\xc3\xa4\xff".b
end

test "errors are raised, and take_error gives one" do |poll|
  udp = Miopoll::UdpSocket.bind(LOCAL)
  refused(Errno::EADDRINUSE) { Miopoll::UdpSocket.bind(udp.local_addr) }
  refused(Errno::EINVAL) { Miopoll::UdpSocket.bind("unix:/x") }
  listener = Miopoll::TcpListener.bind(LOCAL)
  address = listener.local_addr
  listener.close
  stream = Miopoll::TcpStream.connect(address)
  poll.registry.register(stream, 1, Miopoll::WRITABLE)
  poll.wait(5)
  check stream.take_error, Errno::ECONNREFUSED
  check stream.take_error, nil
  sender, receiver = Miopoll.pipe
  receiver.close
  refused(Errno::EPIPE) { sender.write("x") }
end

test "an address that is none tells where" do |_poll|
  met = refused(Miopoll::AddressError) { Miopoll::UdpSocket.bind("127.0.0.1:http") }
  check met, ArgumentError
  check met.position, 10
  check met.message, '"127.0.0.1:http" is no address: not understood from byte 10 on'
  refused(Errno::ENAMETOOLONG) { Miopoll::UnixStream.connect("unix:/#{"x" * 107}") }
  refused(TypeError) { Miopoll::TcpStream.connect(["127.0.0.1", 80]) }
  udp = Miopoll::UdpSocket.bind(LOCAL)
  refused(Miopoll::AddressError) { udp.join_multicast_v4("localhost") }
  refused(RangeError) { udp.join_multicast_v6("ff02::1", -1) }
end

test "a group is an IP" do |_poll|
  udp = Miopoll::UdpSocket.bind(LOCAL)
  udp.join_multicast_v4("239.255.77.9", "127.0.0.1")
  refused(Errno::EADDRINUSE) { udp.join_multicast_v4("239.255.77.9:7", "127.0.0.1:0") }
  udp.leave_multicast_v4("239.255.77.9", "127.0.0.1")
  refused(Errno::EADDRNOTAVAIL) { udp.leave_multicast_v4("239.255.77.9", "127.0.0.1") }
  check Miopoll::Addr.format(Miopoll::Addr.host("ff02::1", 3)), "[ff02::1%3]:0"
end

test "values of another type are refused" do |poll|
  stream, = tcp_pair(poll)
  refused(TypeError) { stream.write(5) }
  refused(TypeError) { stream.write(nil) }
  refused(TypeError) { stream.write_vectored(["x", 5]) }
  refused(TypeError) { stream.read("5") }
  refused(RangeError) { stream.read(-1) }
  refused(RangeError) { stream.read_vectored([1, 2**31]) }
  refused(TypeError) { stream.set_nodelay(0) }
  refused(RangeError) { stream.set_ttl(-1) }
  refused(Errno::EINVAL) { stream.set_ttl(256) }
  refused(ArgumentError) { stream.shutdown(:rd) }
  refused(RangeError) { stream.try_io(-1) { nil } }
  refused(TypeError) { poll.registry.register(Object.new, 1, READABLE) }
  refused(RangeError) { Miopoll::UdpSocket.from_fd(2**63) }
  refused(TypeError) { stream.dup }
end

test "a kind has its own operations only" do |poll|
  refused(NoMethodError) { Miopoll::UdpSocket.new }
  refused(NoMethodError) { Miopoll::TcpListener.bind(LOCAL).read }
  refused(NoMethodError) { Miopoll::UdpSocket.bind(LOCAL).set_only_v6(true) }
  refused(NoMethodError) { tcp_pair(poll)[0].accept }
end

test "options come back" do |poll|
  stream, = tcp_pair(poll)
  stream.set_nodelay(true)
  stream.set_ttl(7)
  check [stream.nodelay, stream.ttl], [true, 7]
  stream.set_nodelay(false)
  check stream.nodelay, false
end

test "what is closed says so, whatever is asked of it" do |poll|
  asked = one_of_each(poll).sum do |source|
    2.times { source.close }
    check source.closed?, true
    %i[register reregister].each { |verb| refused(IOError) { poll.registry.public_send(verb, source, 1, READABLE) } }
    refused(IOError) { poll.registry.deregister(source) }
    own = source.class.ancestors.take_while { |kind| kind != Miopoll::Handle }
    names = own.flat_map { |kind| kind.public_instance_methods(false) }
    names.each do |name|
      refused(IOError) { source.public_send(name, *arguments_of(name)) { nil } }
    end
    names.size
  end
  check asked, (100..)
end

test "closing deregisters" do |poll|
  one, other = Miopoll::UnixStream.pair
  poll.registry.register(one, 1, READABLE)
  other.write("x")
  one.close
  check poll.wait(0.01), []
end

test "one poll at a time, beside raw descriptors" do |poll|
  sender, receiver = Miopoll.pipe
  reader, writer = IO.pipe
  poll.registry.register(receiver, 1, READABLE)
  poll.registry.register(reader, 2, READABLE)
  second = Miopoll::Poll.new
  met = refused(Errno::EEXIST) { second.registry.register(receiver, 3, READABLE) }
  check met.message, /Miopoll::Receiver/
  sender.write("x")
  writer.write("x")
  check poll.wait(1).sort, [[1, READABLE], [2, READABLE]]
  poll.registry.deregister(receiver)
  second.registry.register(receiver, 3, READABLE)
  check second.wait(1), [[3, READABLE]]
end

test "a descriptor is taken over only if it is of the kind" do |_poll|
  here, there = UNIXSocket.pair
  refused(Errno::EINVAL) { Miopoll::TcpStream.from_std(here) }
  check here.closed?, false
  stream = Miopoll::UnixStream.from_std(here)
  check here.closed?, true
  stream.write("hello")
  check there.readpartial(9), "hello"
  fd = stream.into_fd
  check stream.closed?, true
  IO.for_fd(fd).close
  check there.read, ""
  refused(Errno::EBADF) { Miopoll::UnixStream.from_fd(fd) }
end

test "what is read behind its back is told by try_io" do |poll|
  sender, receiver = Miopoll.pipe
  io = IO.for_fd(receiver.fileno, autoclose: false)
  poll.registry.register(receiver, 1, READABLE)
  3.times do
    sender.write("x")
    check poll.wait(1), [[1, READABLE]]
    check receiver.try_io(READABLE) { io.read_nonblock(9) }, "x"
    check receiver.try_io(READABLE) { io.read_nonblock(9) }, nil
    check receiver.try_io(READABLE) { io.read_nonblock(9, exception: false) }, nil
  end
  refused(ZeroDivisionError) { receiver.try_io(READABLE) { 1 / 0 } }
end

# Without the lock no thread of this process could end the read: another
# process does then.
test "a pipe that blocks lets other threads run, and signals too" do |_poll|
  sender, receiver = Miopoll.pipe
  receiver.set_nonblocking(false)
  check [receiver.nonblocking, sender.nonblocking], [false, true]
  raw = IO.for_fd(sender.fileno, "w", autoclose: false)
  rescuer = fork { sleep 5; raw.syswrite("stuck"); exit!(true) }
  hits = 0
  old = trap("USR1") { hits += 1 }
  begin
    thread = Thread.new do
      sleep 0.02
      Process.kill("USR1", Process.pid)
      sleep 0.02
      sender.write("late")
    end
    check receiver.read, "late"
    check hits, 1
  ensure
    thread.join
    trap("USR1", old)
    Process.kill("KILL", rescuer)
    Process.wait(rescuer)
  end
  receiver.set_nonblocking(true)
  check receiver.read, nil
end

test "sources that are forgotten are closed" do |poll|
  before = descriptors
  20.times do
    one_of_each(poll).each { |source| poll.registry.register(source, 1, READABLE) if source.is_a?(Miopoll::Peer) }
  end
  check descriptors - before, (100..)
  10.times { GC.start }
  check descriptors - before, (..30)
end

test "buffers outlive the garbage collector" do |_poll|
  one, other = Miopoll::UnixStream.pair
  GC.stress = true
  begin
    one.write_vectored(["a" * 3, "b" * 40, "c" * 5])
    got = other.read_vectored([1, 2, 42, 9])
  ensure
    GC.stress = false
  end
  check got, ["a", "aa", "b" * 40 + "cc", "ccc"]
end

test "a source may be freed after its poll" do |_poll|
  poll = Miopoll::Poll.new
  _, receiver = Miopoll.pipe
  poll.registry.register(receiver, 1, READABLE)
  poll.close
  second = Miopoll::Poll.new
  second.registry.register(receiver, 2, READABLE)
  receiver.close
  second.close
end

test "a child of fork can close a source, and nothing else" do |poll|
  sender, receiver = Miopoll.pipe
  poll.registry.register(receiver, 5, READABLE)
  child = fork do
    refused(IOError) { receiver.read }
    refused(IOError) { sender.write("x") }
    refused(IOError) { receiver.into_fd }
    [sender, receiver].each(&:close)
    fresh = Miopoll::UdpSocket.bind(LOCAL)
    fresh.send_to("x", fresh.local_addr)
    exit!(fresh.recv == "x")
  ensure
    exit!(1)
  end
  check Process.wait2(child)[1].success?, true
  sender.write("x")
  check poll.wait(1), [[5, READABLE]]
end

test "names of the module do not meet those of Ruby's library" do
  output, status = program("include Miopoll\nrequire 'socket'\nputs Socket, UdpSocket")
  check [output, status.success?], ["Socket\nMiopoll::UdpSocket\n", true]
end
