# The descriptors of the cases, made and used by Ruby's own IO: chapter 2 of
# docs/conformance.md. An operation gives its outcome as a word.
require "fcntl"
require "socket"
require "tempfile"

module Conformance
  module Descriptors
    LOCAL = "127.0.0.1"

    module_function

    def unblock(*ios)
      ios.each { |io| io.fcntl(Fcntl::F_SETFL, io.fcntl(Fcntl::F_GETFL) | Fcntl::O_NONBLOCK) }
    end

    def block(io)
      io.fcntl(Fcntl::F_SETFL, io.fcntl(Fcntl::F_GETFL) & ~Fcntl::O_NONBLOCK)
      io.fcntl(Fcntl::F_SETFD, 0)
    end

    BORN = %w[non-blocking close-on-exec].freeze

    # Which of BORN it has.
    def flags(io)
      has = [io.fcntl(Fcntl::F_GETFL).anybits?(Fcntl::O_NONBLOCK),
             io.fcntl(Fcntl::F_GETFD).anybits?(Fcntl::FD_CLOEXEC)]
      BORN.select.with_index { |_, index| has[index] }
    end

    # --- of sources

    # An IO for the descriptor that a source of this kind had, or has.
    def io(kind, fd)
      return Socket.for_fd(fd) if kind < Miopoll::SocketSource
      IO.for_fd(fd, kind == Miopoll::Sender ? "w" : "r")
    end

    # Calls the block with an IO for the descriptor of a source.
    def of(source)
      yield(io(source.class, source.fileno).tap { |io| io.autoclose = false })
    end

    # --- those that make one or two

    def pair(_from) = UNIXSocket.pair(:STREAM)
    def dgram(_from) = UNIXSocket.pair(:DGRAM)
    def pipe(_from) = IO.pipe
    def socket(_from) = Socket.new(:INET, :STREAM)
    def dup(from) = from.dup
    def directory(_from) = File.open("/")
    def null(_from) = File.open("/dev/null", "r+")
    def mounts(_from) = File.open("/proc/self/mounts")

    def tcp(_from)
      server = listen(nil)
      client = Socket.new(:INET, :STREAM)
      client.connect(server.local_address)
      [client, server.accept[0]]
    ensure
      server&.close
    end

    def udp(_from)
      one, other = Array.new(2) { UDPSocket.new.tap { |socket| socket.bind(LOCAL, 0) } }
      one.connect(LOCAL, other.local_address.ip_port)
      other.connect(LOCAL, one.local_address.ip_port)
      [one, other]
    end

    def listen(_from)
      bound.tap { |server| server.listen(64) }
    end

    # A Unix address that is only its family: the kernel chooses a name.
    def listen_unix(_from)
      server = Socket.new(:UNIX, :STREAM)
      server.bind([Socket::AF_UNIX].pack("S"))
      server.listen(64)
      server
    end

    def connect(from)
      address = from.local_address
      begin_to_connect(Socket.new(address.afamily, :STREAM), address)
    end

    def refused(_from)
      port = bound
      begin_to_connect(Socket.new(:INET, :STREAM), port.local_address)
    ensure
      port&.close
    end

    def accept(from) = from.accept_nonblock[0]

    def file(_from)
      file = Tempfile.create
      File.unlink(file.path)
      file
    end

    def bound
      Socket.new(:INET, :STREAM).tap { |socket| socket.bind(Addrinfo.tcp(LOCAL, 0)) }
    end

    def begin_to_connect(socket, address)
      socket.connect_nonblock(address, exception: false)
      socket
    end

    # --- those that use one

    def write(io, size)
      return io.send("", 0).zero? ? "OK" : "SHORT" if size.zero?
      case io.write_nonblock("x" * size, exception: false)
      when size then "OK"
      when :wait_writable then "EAGAIN"
      else "SHORT"
      end
    end

    def read(io, size)
      case (text = io.read_nonblock(size, exception: false))
      when :wait_readable then "EAGAIN"
      when nil, "" then "EOF"
      else text.bytesize == size ? "OK" : "SHORT"
      end
    end

    def drain(io)
      loop do
        outcome = read(io, 65_536)
        return "OK" if outcome == "EAGAIN"
        return outcome if outcome == "EOF"
      end
    end

    def fill(io)
      size = 65_536
      loop do
        size = 1 if write(io, size) != "OK"
        return "OK" if size == 1 && write(io, 1) == "EAGAIN"
      end
    end

    def oob(io)
      io.send("!", Socket::MSG_OOB)
      "OK"
    end

    def shutdown(io, how)
      io.shutdown({ "read" => :RD, "write" => :WR, "both" => :RDWR }.fetch(how))
      "OK"
    end

    def so_error(io)
      Conformance.name_of(io.getsockopt(:SOCKET, :ERROR).int)
    end

    def reset(io)
      io.setsockopt(Socket::Option.linger(true, 0))
      io.close
      "OK"
    end
  end

  # "EEXIST" for the errno of it, "OK" for 0.
  def self.name_of(errno)
    Miopoll::C.mio_err_name(-errno)
  end
end
