# The sockets and pipes, with mio's names. Addresses are text: miopoll/addr.rb.

module Miopoll
  class SocketSource < Source
    def local_addr
      Addr.format(ask(:mio_source_local_addr, Addr::SIZE))
    end

    # The error that waits in the socket, not raised, or nil: why a connect
    # failed.
    def take_error
      result = ask(:mio_source_take_error, 4).unpack1("l")
      result.zero? ? nil : Miopoll.error(result, self.class.name)
    end
  end

  class Listener < SocketSource
    # `backlog` is how many connections wait for accept; 0 is mio's number.
    def self.bind(addr, backlog: 0)
      make(self::BIND, Addr.parse(addr), Miopoll.fit(backlog, UINT32, "backlog"))
    end

    # A connection as [stream, address of the peer], or nil.
    def accept
      place, peer = Miopoll.place, Miopoll.place(Addr::SIZE)
      move(:mio_source_accept, place, peer) or return
      [self.class.stream.of(place), Addr.format(peer)]
    end
  end

  # Of what can have a peer.
  module Peer
    def peer_addr
      Addr.format(ask(:mio_source_peer_addr, Addr::SIZE))
    end

    # As read or recv, which then gives the same again.
    def peek(size = ROOM)
      take(:mio_source_peek, size)
    end
  end

  module Shutdown
    HOW = { read: SHUTDOWN_READ, write: SHUTDOWN_WRITE, both: SHUTDOWN_BOTH }.freeze

    # `how` is :read, :write or :both.
    def shutdown(how)
      number = HOW.fetch(how) { raise ArgumentError, "#{how.inspect} is none of #{HOW.keys}" }
      call(:mio_source_shutdown, number)
    end
  end

  class Stream < SocketSource
    include Peer
    include Shutdown
    include Reads
    include Writes

    def self.connect(addr)
      make(self::CONNECT, Addr.parse(addr))
    end
  end

  # An empty datagram is "", and nil still means that it would block.
  class Datagram < SocketSource
    include Peer

    def self.bind(addr)
      make(self::BIND, Addr.parse(addr))
    end

    # Sets the peer, the only one that is heard from then on.
    def connect(addr)
      call(:mio_source_connect, Addr.parse(addr))
    end

    def recv(size = ROOM)
      take(:mio_source_read, size)
    end

    def send(data)
      move(:mio_source_write, Miopoll.bytes(data), data.bytesize)
    end

    # A datagram as [bytes, address of the sender], or nil.
    def recv_from(size = ROOM)
      take_from(:mio_source_recv_from, size)
    end

    def peek_from(size = ROOM)
      take_from(:mio_source_peek_from, size)
    end

    def send_to(data, addr)
      move(:mio_source_send_to, Miopoll.bytes(data), data.bytesize, Addr.parse(addr))
    end

    private

    def take_from(function, size)
      peer = Miopoll.place(Addr::SIZE)
      bytes = take(function, size, peer)
      bytes && [bytes, Addr.format(peer)]
    end
  end

  class TcpStream < Stream
    KIND, CONNECT = KIND_TCP_STREAM, :mio_tcp_stream_connect
    flag :nodelay
    option :ttl
  end

  class TcpListener < Listener
    KIND, BIND = KIND_TCP_LISTENER, :mio_tcp_listener_bind
    option :ttl

    def self.stream
      TcpStream
    end
  end

  class UdpSocket < Datagram
    KIND, BIND = KIND_UDP_SOCKET, :mio_udp_socket_bind
    option :ttl
    flag :broadcast
    flag :multicast_loop_v4
    option :multicast_ttl_v4
    flag :multicast_loop_v6
    flag :only_v6
    undef_method :set_only_v6

    # Groups and the address of an interface are IPs, as "239.255.0.1".
    def join_multicast_v4(group, interface = nil)
      call(:mio_source_join_multicast, Addr.host(group), interface && Addr.host(interface))
    end

    def leave_multicast_v4(group, interface = nil)
      call(:mio_source_leave_multicast, Addr.host(group), interface && Addr.host(interface))
    end

    # The number of an interface, 0 for any.
    def join_multicast_v6(group, interface = 0)
      call(:mio_source_join_multicast, Addr.host(group, interface), nil)
    end

    def leave_multicast_v6(group, interface = 0)
      call(:mio_source_leave_multicast, Addr.host(group, interface), nil)
    end
  end

  class UnixStream < Stream
    KIND, CONNECT = KIND_UNIX_STREAM, :mio_unix_stream_connect

    def self.pair
      make_two(:mio_unix_stream_pair, self, self)
    end
  end

  # The file of a path stays until the program removes it.
  class UnixListener < Listener
    KIND, BIND = KIND_UNIX_LISTENER, :mio_unix_listener_bind

    def self.stream
      UnixStream
    end
  end

  class UnixDatagram < Datagram
    include Shutdown
    KIND, BIND = KIND_UNIX_DATAGRAM, :mio_unix_datagram_bind

    # Without a name: it can send, and nobody can answer.
    def self.unbound
      make(:mio_unix_datagram_unbound)
    end

    def self.pair
      make_two(:mio_unix_datagram_pair, self, self)
    end
  end

  # Blocking is for what a child inherits: while a call waits here, all others
  # of the same end wait for it, close too.
  class Pipe < Source
    def nonblocking
      option(OPTION_NONBLOCKING) == 1
    end

    def set_nonblocking(value)
      set_option(OPTION_NONBLOCKING, Miopoll.bit(value, "nonblocking"))
      @waits = !value
      nil
    end

    private

    # What waits lets other threads run, and goes on after a signal.
    def move(function, *arguments)
      return super unless @waits
      with do |source|
        begin
          result = C.public_send("#{function}_and_wait", source, *arguments)
        end while result == EINTR
        Miopoll.check(result, self.class.name)
      end
    end
  end

  class Sender < Pipe
    include Writes
    KIND = KIND_PIPE_SENDER
  end

  class Receiver < Pipe
    include Reads
    KIND = KIND_PIPE_RECEIVER
  end

  # [sender, receiver]
  def self.pipe
    Source.make_two(:mio_pipe_new, Sender, Receiver)
  end
end
