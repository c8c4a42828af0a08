---@meta miopoll.sources
-- For LuaLS: the sockets and pipes of miopoll. docs/lua.md is the manual.

---"127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80", "unix:/run/x", "unix:@name", "unix:"
---@alias miopoll.address string

---An address that begins with "unix:", or a path.
---@alias miopoll.name string

---@class miopoll.Source
local source = {}

---Its descriptor, which stays the source's.
---@return integer? fd, string? message, string? name, integer? number
function source:getfd() end

---Gives its descriptor away, deregistered. The source is empty then.
---@return integer? fd, string? message, string? name, integer? number
function source:into_fd() end

---@return integer kind one of mio.KIND_...
function source:kind() end

---Says that an operation on its descriptor would have blocked.
---@param interest miopoll.interest
---@return true? done, string? message, string? name, integer? number
function source:would_block(interest) end

---@return boolean? is, string? message, string? name, integer? number
function source:nonblocking() end

---@param value boolean
---@return true? done, string? message, string? name, integer? number
function source:set_nonblocking(value) end

---Deregisters and closes; may be called again.
---@return true
function source:close() end

---@class miopoll.Socket: miopoll.Source
local socket = {}

---@return miopoll.address? address, string? message, string? name, integer? number
function socket:local_addr() end

---True if no error waits in the socket, else that error.
---@return true? none, string? message, string? name, integer? number
function socket:take_error() end

---@class miopoll.Trying
local trying = {}

---Calls the function, and passes on what it returns. If that is would-block, the directions will be reported again.
---@generic T
---@param call fun(): T?, ...: any
---@param interest? miopoll.interest all its directions, if it is not given
---@return T? value, any ...
function trying:try_io(call, interest) end

---@class miopoll.Reading
local reading = {}

---@param size? integer at most so many bytes; 65536
---@return string? data, string? message, string? name, integer? number "" is the end
function reading:read(size) end

---@param sizes integer[]
---@return string[]? parts, integer|string bytes_or_message, string? name, integer? number
function reading:read_vectored(sizes) end

---@class miopoll.Writing
local writing = {}

---@param data string
---@param first? integer begins with this byte of the string
---@return integer? bytes, string? message, string? name, integer? number
function writing:write(data, first) end

---@param parts string[]
---@return integer? bytes, string? message, string? name, integer? number
function writing:write_vectored(parts) end

---@class miopoll.Connected: miopoll.Socket, miopoll.Trying
local connected = {}

---@return miopoll.address? address, string? message, string? name, integer? number
function connected:peer_addr() end

---Reads, and leaves what it read.
---@param size? integer
---@return string? data, string? message, string? name, integer? number
function connected:peek(size) end

---@class miopoll.Stream: miopoll.Connected, miopoll.Reading, miopoll.Writing
local stream = {}

---@param how "read"|"write"|"both"
---@return true? done, string? message, string? name, integer? number
function stream:shutdown(how) end

---@class miopoll.Datagrams: miopoll.Connected
local datagrams = {}

---@param peer miopoll.address
---@return true? done, string? message, string? name, integer? number
function datagrams:connect(peer) end

---@param data string
---@param first? integer begins with this byte of the string
---@return integer? bytes, string? message, string? name, integer? number
function datagrams:send(data, first) end

---@param size? integer
---@return string? data, string? message, string? name, integer? number
function datagrams:recv(size) end

---@param data string
---@param peer miopoll.address
---@return integer? bytes, string? message, string? name, integer? number
function datagrams:send_to(data, peer) end

---@param size? integer
---@return string? data, miopoll.address peer_or_message, string? name, integer? number
function datagrams:recv_from(size) end

---@param size? integer
---@return string? data, miopoll.address peer_or_message, string? name, integer? number
function datagrams:peek_from(size) end

---@class miopoll.Ttl
local hops = {}

---@return integer? hops, string? message, string? name, integer? number
function hops:ttl() end

---@param value integer 1 to 255
---@return true? done, string? message, string? name, integer? number
function hops:set_ttl(value) end

---@class miopoll.TcpListener: miopoll.Socket, miopoll.Ttl
local TcpListener = {}

---@return miopoll.TcpStream? stream, miopoll.address peer_or_message, string? name, integer? number
function TcpListener:accept() end

---@class miopoll.TcpStream: miopoll.Stream, miopoll.Ttl
local TcpStream = {}

---@return boolean? is, string? message, string? name, integer? number
function TcpStream:nodelay() end

---@param value boolean
---@return true? done, string? message, string? name, integer? number
function TcpStream:set_nodelay(value) end

---@class miopoll.UdpSocket: miopoll.Datagrams, miopoll.Ttl
local UdpSocket = {}

---@return boolean? is, string? message, string? name, integer? number
function UdpSocket:broadcast() end

---@param value boolean
---@return true? done, string? message, string? name, integer? number
function UdpSocket:set_broadcast(value) end

---@return boolean? is, string? message, string? name, integer? number
function UdpSocket:only_v6() end

---@param group string an IPv4 address without a port
---@param via? string that of the interface
---@return true? done, string? message, string? name, integer? number
function UdpSocket:join_multicast_v4(group, via) end

---@param group string an IPv4 address without a port
---@param via? string that of the interface
---@return true? done, string? message, string? name, integer? number
function UdpSocket:leave_multicast_v4(group, via) end

---@param group string an IPv6 address without brackets and port
---@param interface? integer its number; 0 is any
---@return true? done, string? message, string? name, integer? number
function UdpSocket:join_multicast_v6(group, interface) end

---@param group string an IPv6 address without brackets and port
---@param interface? integer its number; 0 is any
---@return true? done, string? message, string? name, integer? number
function UdpSocket:leave_multicast_v6(group, interface) end

---@return boolean? is, string? message, string? name, integer? number
function UdpSocket:multicast_loop_v4() end

---@param value boolean
---@return true? done, string? message, string? name, integer? number
function UdpSocket:set_multicast_loop_v4(value) end

---@return boolean? is, string? message, string? name, integer? number
function UdpSocket:multicast_loop_v6() end

---@param value boolean
---@return true? done, string? message, string? name, integer? number
function UdpSocket:set_multicast_loop_v6(value) end

---@return integer? hops, string? message, string? name, integer? number
function UdpSocket:multicast_ttl_v4() end

---@param value integer 0 to 255
---@return true? done, string? message, string? name, integer? number
function UdpSocket:set_multicast_ttl_v4(value) end

---@class miopoll.UnixListener: miopoll.Socket
local UnixListener = {}

---@return miopoll.UnixStream? stream, miopoll.address peer_or_message, string? name, integer? number
function UnixListener:accept() end

---@class miopoll.UnixStream: miopoll.Stream

---@class miopoll.UnixDatagram: miopoll.Datagrams
local UnixDatagram = {}

---@param how "read"|"write"|"both"
---@return true? done, string? message, string? name, integer? number
function UnixDatagram:shutdown(how) end

---@class miopoll.Sender: miopoll.Source, miopoll.Trying, miopoll.Writing

---@class miopoll.Receiver: miopoll.Source, miopoll.Trying, miopoll.Reading

-- ------------------------------------------------------------- constructors

---@class miopoll
local mio = {}

mio.TcpListener, mio.TcpStream, mio.UdpSocket = {}, {}, {}
mio.UnixListener, mio.UnixStream, mio.UnixDatagram = {}, {}, {}
mio.Sender, mio.Receiver = {}, {}

---@param address miopoll.address port 0: any
---@param backlog? integer
---@return miopoll.TcpListener? listener, string? message, string? name, integer? number
function mio.TcpListener.bind(address, backlog) end

---@param fd integer
---@return miopoll.TcpListener? listener, string? message, string? name, integer? number
function mio.TcpListener.from_fd(fd) end

---Begins to connect: writable tells when it is done, take_error how.
---@param address miopoll.address
---@return miopoll.TcpStream? stream, string? message, string? name, integer? number
function mio.TcpStream.connect(address) end

---@param fd integer
---@return miopoll.TcpStream? stream, string? message, string? name, integer? number
function mio.TcpStream.from_fd(fd) end

---@param address miopoll.address
---@return miopoll.UdpSocket? socket, string? message, string? name, integer? number
function mio.UdpSocket.bind(address) end

---@param fd integer
---@return miopoll.UdpSocket? socket, string? message, string? name, integer? number
function mio.UdpSocket.from_fd(fd) end

---@param name miopoll.name
---@param backlog? integer
---@return miopoll.UnixListener? listener, string? message, string? name, integer? number
function mio.UnixListener.bind(name, backlog) end

---@param address miopoll.address
---@param backlog? integer
---@return miopoll.UnixListener? listener, string? message, string? name, integer? number
function mio.UnixListener.bind_addr(address, backlog) end

---@param fd integer
---@return miopoll.UnixListener? listener, string? message, string? name, integer? number
function mio.UnixListener.from_fd(fd) end

---@param name miopoll.name
---@return miopoll.UnixStream? stream, string? message, string? name, integer? number
function mio.UnixStream.connect(name) end

---@param address miopoll.address
---@return miopoll.UnixStream? stream, string? message, string? name, integer? number
function mio.UnixStream.connect_addr(address) end

---@return miopoll.UnixStream? one, miopoll.UnixStream other_or_message, string? name, integer? number
function mio.UnixStream.pair() end

---@param fd integer
---@return miopoll.UnixStream? stream, string? message, string? name, integer? number
function mio.UnixStream.from_fd(fd) end

---@param name miopoll.name
---@return miopoll.UnixDatagram? socket, string? message, string? name, integer? number
function mio.UnixDatagram.bind(name) end

---@param address miopoll.address
---@return miopoll.UnixDatagram? socket, string? message, string? name, integer? number
function mio.UnixDatagram.bind_addr(address) end

---@return miopoll.UnixDatagram? socket, string? message, string? name, integer? number
function mio.UnixDatagram.unbound() end

---@return miopoll.UnixDatagram? one, miopoll.UnixDatagram other_or_message, string? name, integer? number
function mio.UnixDatagram.pair() end

---@param fd integer
---@return miopoll.UnixDatagram? socket, string? message, string? name, integer? number
function mio.UnixDatagram.from_fd(fd) end

---@param fd integer
---@return miopoll.Sender? sender, string? message, string? name, integer? number
function mio.Sender.from_fd(fd) end

---@param fd integer
---@return miopoll.Receiver? receiver, string? message, string? name, integer? number
function mio.Receiver.from_fd(fd) end

---@return miopoll.Sender? sender, miopoll.Receiver receiver_or_message, string? name, integer? number
function mio.pipe() end

---The text of an address as the library writes it.
---@param text miopoll.address
---@return miopoll.address? address, string? message, string? name, integer? number
function mio.addr(text) end
