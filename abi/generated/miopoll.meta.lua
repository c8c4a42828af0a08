---@meta miopoll.core
-- generated from abi/miopoll.h by abi/generate.py; do not edit

---A poll: the selector's waiting side.
---@class mio_poll_t: userdata

---A registry: the selector's registering side.
---@class mio_registry_t: userdata

---A waker: ends a wait from another thread or a signal handler.
---@class mio_waker_t: userdata

---A source: a socket or a pipe; chapter 13.
---@class mio_source_t: userdata

---@class mio_poll_options_t
---@field selector? integer
---@field flags? integer

---@class miopoll.core
local core = {}

core.MIO_READABLE = 1
core.MIO_WRITABLE = 2
core.MIO_AIO = 4
core.MIO_LIO = 8
core.MIO_PRIORITY = 16
core.MIO_ERROR = 32
core.MIO_READ_CLOSED = 64
core.MIO_WRITE_CLOSED = 128
core.MIO_LEVEL = 256
core.MIO_ONESHOT = 512
core.MIO_EXCLUSIVE = 1024
core.MIO_SELECTOR_DEFAULT = 0
core.MIO_SELECTOR_EPOLL = 1
core.MIO_SELECTOR_KQUEUE = 2
core.MIO_SELECTOR_IOCP = 3
core.MIO_SELECTOR_POLL = 4
core.MIO_SELECTOR_EVENT_PORTS = 5
core.MIO_SELECTOR_POLL_ONEOFF = 6
core.MIO_FEATURE_EDGE_EXACT = 1
core.MIO_FEATURE_EXCLUSIVE = 2
core.MIO_FEATURE_PRIORITY = 4
core.MIO_FEATURE_AIO = 8
core.MIO_FEATURE_LIO = 16
core.MIO_FEATURE_NANOSECONDS = 32
core.MIO_FEATURE_FD = 64
core.MIO_WAKERS_MAX = 64
core.MIO_BUFFERS_MAX = 256
core.MIO_ADDR_TEXT_MAX = 329
core.MIO_FAMILY_INET = 1
core.MIO_FAMILY_INET6 = 2
core.MIO_FAMILY_UNIX = 3
core.MIO_KIND_TCP_LISTENER = 1
core.MIO_KIND_TCP_STREAM = 2
core.MIO_KIND_UDP_SOCKET = 3
core.MIO_KIND_UNIX_LISTENER = 4
core.MIO_KIND_UNIX_STREAM = 5
core.MIO_KIND_UNIX_DATAGRAM = 6
core.MIO_KIND_PIPE_SENDER = 7
core.MIO_KIND_PIPE_RECEIVER = 8
core.MIO_KIND_NAMED_PIPE = 9
core.MIO_SHUTDOWN_READ = 1
core.MIO_SHUTDOWN_WRITE = 2
core.MIO_SHUTDOWN_BOTH = 3
core.MIO_OPTION_NODELAY = 1
core.MIO_OPTION_TTL = 2
core.MIO_OPTION_BROADCAST = 3
core.MIO_OPTION_MULTICAST_LOOP_V4 = 4
core.MIO_OPTION_MULTICAST_TTL_V4 = 5
core.MIO_OPTION_MULTICAST_LOOP_V6 = 6
core.MIO_OPTION_ONLY_V6 = 7
core.MIO_OPTION_NONBLOCKING = 8

---Returns the version of the library.
---@return integer result
function core.mio_version() end

---Returns the version of the library as text, "0.1.0".
---@return string result
function core.mio_version_string() end

---Names a result: "EEXIST" for -EEXIST.
---@param rc integer
---@return string result
function core.mio_err_name(rc) end

---Describes a result in English: "File exists".
---@param rc integer
---@return string result
function core.mio_err_text(rc) end

---Gives the result that has a name: -EEXIST for "EEXIST".
---@param name string
---@return integer result
function core.mio_err_from_name(name) end

---Reads the monotonic clock that waits use.
---@return integer result
function core.mio_clock_now() end

---Names a selector: "epoll" for MIO_SELECTOR_EPOLL, "default" for 0.
---@param selector integer
---@return string result
function core.mio_selector_name(selector) end

---Gives the number of a selector.
---@param name string
---@return integer result
function core.mio_selector_from_name(name) end

---Tells whether a selector is built into this library.
---@param selector integer
---@return integer result
function core.mio_selector_available(selector) end

---Makes a poll.
---@param options mio_poll_options_t?
---@return integer result
---@return mio_poll_t? out
function core.mio_poll_new(options) end

---Frees a poll.
---@param poll mio_poll_t
function core.mio_poll_free(poll) end

---Makes a registry of a poll: a handle of its own, for any thread.
---@param poll mio_poll_t
---@return integer result
---@return mio_registry_t? out
function core.mio_poll_registry(poll) end

---Waits for events.
---@param poll mio_poll_t
---@param events integer[]
---@param capacity integer
---@param timeout_ns integer
---@return integer result
function core.mio_poll_wait(poll, events, capacity, timeout_ns) end

---Hands out the selector's own descriptor, for nesting (chapter 10).
---@param poll mio_poll_t
---@return integer result
---@return integer out
function core.mio_poll_fd(poll) end

---Tells which selector a poll runs on.
---@param poll mio_poll_t
---@return integer result
function core.mio_poll_selector(poll) end

---Tells what a poll can do.
---@param poll mio_poll_t
---@return integer result
function core.mio_poll_features(poll) end

---Makes another handle of the same registry, as for another thread.
---@param registry mio_registry_t
---@return integer result
---@return mio_registry_t? out
function core.mio_registry_clone(registry) end

---Frees a registry.
---@param registry mio_registry_t
function core.mio_registry_free(registry) end

---Registers a descriptor (mio's SourceFd).
---@param registry mio_registry_t
---@param fd integer
---@param token integer
---@param interest integer
---@return integer result
function core.mio_registry_register_fd(registry, fd, token, interest) end

---Replaces token and interest of a registered descriptor, and re-arms it: a condition that holds is reported again, whatever the trigger.
---@param registry mio_registry_t
---@param fd integer
---@param token integer
---@param interest integer
---@return integer result
function core.mio_registry_reregister_fd(registry, fd, token, interest) end

---Takes a descriptor out.
---@param registry mio_registry_t
---@param fd integer
---@return integer result
function core.mio_registry_deregister_fd(registry, fd) end

---Makes a waker: a way to end a wait of this poll from anywhere.
---@param registry mio_registry_t
---@param token integer
---@return integer result
---@return mio_waker_t? out
function core.mio_waker_new(registry, token) end

---Wakes: the wait in progress, or the next one, reports the waker's token with MIO_READABLE.
---@param waker mio_waker_t
---@return integer result
function core.mio_waker_wake(waker) end

---Frees a waker, which deregisters it: a wake that no wait has reported yet is dropped, so that its token, often a pointer, is not met again by waits that begin afterwards.
---@param waker mio_waker_t
function core.mio_waker_free(waker) end

---Reads an address from text: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80` with the scope as a number, `unix:/run/x` for a path, `unix:@name` for an abstract name, `unix:` for no name.
---@param text string
---@return integer result
---@return string out
function core.mio_addr_parse(text) end

---Writes an address as text that mio_addr_parse() reads back to the same, but for `flow`, which has no text.
---@param addr string?
---@param length integer
---@return integer result
---@return string? buffer
function core.mio_addr_format(addr, length) end

---Makes a TCP listener (TcpListener::bind): socket, SO_REUSEADDR, bind, listen.
---@param addr string?
---@param backlog integer
---@return integer result
---@return mio_source_t? out
function core.mio_tcp_listener_bind(addr, backlog) end

---Makes a TCP stream that begins to connect (TcpStream::connect), and does not wait for it: see Connecting in chapter 13.
---@param addr string?
---@return integer result
---@return mio_source_t? out
function core.mio_tcp_stream_connect(addr) end

---Makes a UDP socket (UdpSocket::bind).
---@param addr string?
---@return integer result
---@return mio_source_t? out
function core.mio_udp_socket_bind(addr) end

---Makes a Unix listener (UnixListener::bind, bind_addr).
---@param addr string?
---@param backlog integer
---@return integer result
---@return mio_source_t? out
function core.mio_unix_listener_bind(addr, backlog) end

---Makes a Unix stream and connects it (UnixStream::connect, connect_addr): done when it returns.
---@param addr string?
---@return integer result
---@return mio_source_t? out
function core.mio_unix_stream_connect(addr) end

---Makes two Unix streams that are connected to each other (UnixStream::pair).
---@return integer result
---@return mio_source_t? out
---@return mio_source_t? other
function core.mio_unix_stream_pair() end

---Makes a Unix datagram socket with a name (UnixDatagram::bind, bind_addr).
---@param addr string?
---@return integer result
---@return mio_source_t? out
function core.mio_unix_datagram_bind(addr) end

---Makes a Unix datagram socket without a name (UnixDatagram::unbound).
---@return integer result
---@return mio_source_t? out
function core.mio_unix_datagram_unbound() end

---Makes two Unix datagram sockets that are connected to each other (UnixDatagram::pair).
---@return integer result
---@return mio_source_t? out
---@return mio_source_t? other
function core.mio_unix_datagram_pair() end

---Makes a pipe (unix::pipe::new).
---@return integer result
---@return mio_source_t? sender
---@return mio_source_t? receiver
function core.mio_pipe_new() end

---Makes a source of a descriptor (mio's from_std and from_raw_fd; for a pipe also an end of a child's stdin, stdout or stderr).
---@param kind integer
---@param fd integer
---@return integer result
---@return mio_source_t? out
function core.mio_source_from_fd(kind, fd) end

---Gives the descriptor away (mio's into_raw_fd), deregistered, still non- blocking and close-on-exec.
---@param source mio_source_t
---@return integer result
---@return integer out
function core.mio_source_into_fd(source) end

---Deregisters a source, closes its descriptor, and frees it.
---@param source mio_source_t
function core.mio_source_free(source) end

---Tells the kind of a source.
---@param source mio_source_t
---@return integer result
function core.mio_source_kind(source) end

---Gives the descriptor of a source (mio's as_raw_fd), as to set an option that has no name here.
---@param source mio_source_t
---@return integer result
---@return integer out
function core.mio_source_fd(source) end

---Registers a source.
---@param registry mio_registry_t
---@param source mio_source_t
---@param token integer
---@param interest integer
---@return integer result
function core.mio_registry_register(registry, source, token, interest) end

---Replaces token and interest of a registered source, and re-arms it: a condition that holds is reported again.
---@param registry mio_registry_t
---@param source mio_source_t
---@param token integer
---@param interest integer
---@return integer result
function core.mio_registry_reregister(registry, source, token, interest) end

---Takes a source out.
---@param registry mio_registry_t
---@param source mio_source_t
---@return integer result
function core.mio_registry_deregister(registry, source) end

---Says that an operation on the descriptor, made behind the library's back, would have blocked: so that an edge registration reports those directions again (mio's try_io).
---@param source mio_source_t
---@param interest integer
---@return integer result
function core.mio_source_would_block(source, interest) end

---Takes a connection from a listener: a non-blocking, close-on-exec stream.
---@param source mio_source_t
---@return integer result
---@return mio_source_t? out
---@return string peer
function core.mio_source_accept(source) end

---Sets the peer of a datagram socket: where write goes, and the only one that read hears.
---@param source mio_source_t
---@param addr string?
---@return integer result
function core.mio_source_connect(source, addr) end

---Ends reading, writing or both of a stream or a Unix datagram socket, for all who hold it.
---@param source mio_source_t
---@param how integer
---@return integer result
function core.mio_source_shutdown(source, how) end

---Gives the own address of a socket.
---@param source mio_source_t
---@return integer result
---@return string out
function core.mio_source_local_addr(source) end

---Gives the address of the peer.
---@param source mio_source_t
---@return integer result
---@return string out
function core.mio_source_peer_addr(source) end

---Takes the error that waits in a socket (SO_ERROR), which clears it: why a connect failed, or what an event with MIO_ERROR is about.
---@param source mio_source_t
---@return integer result
---@return integer error
function core.mio_source_take_error(source) end

---Reads (mio's read and recv).
---@param source mio_source_t
---@param length integer
---@return integer result
---@return string? buffer
function core.mio_source_read(source, length) end

---Writes (mio's write and send).
---@param source mio_source_t
---@param buffer string
---@return integer result
function core.mio_source_write(source, buffer) end

---Reads into several buffers, one after the other, in one call.
---@param source mio_source_t
---@param lengths integer[]
---@return integer result
---@return string[]? buffers
function core.mio_source_read_vectored(source, lengths) end

---Writes several buffers, one after the other, in one call.
---@param source mio_source_t
---@param buffers string[]
---@return integer result
function core.mio_source_write_vectored(source, buffers) end

---Reads and leaves what it read: the next read gives it again.
---@param source mio_source_t
---@param length integer
---@return integer result
---@return string? buffer
function core.mio_source_peek(source, length) end

---Reads a datagram, and tells who sent it.
---@param source mio_source_t
---@param length integer
---@return integer result
---@return string? buffer
---@return string peer
function core.mio_source_recv_from(source, length) end

---Reads a datagram and leaves it, and tells who sent it.
---@param source mio_source_t
---@param length integer
---@return integer result
---@return string? buffer
---@return string peer
function core.mio_source_peek_from(source, length) end

---Sends a datagram to an address.
---@param source mio_source_t
---@param buffer string
---@param addr string?
---@return integer result
function core.mio_source_send_to(source, buffer, addr) end

---Sets an option.
---@param source mio_source_t
---@param option integer
---@param value integer
---@return integer result
function core.mio_source_set_option(source, option, value) end

---Gives the value of an option.
---@param source mio_source_t
---@param option integer
---@return integer result
---@return integer value
function core.mio_source_option(source, option) end

---Joins a multicast group (UdpSocket::join_multicast_v4, _v6): its datagrams come from now on.
---@param source mio_source_t
---@param group string?
---@param via string?
---@return integer result
function core.mio_source_join_multicast(source, group, via) end

---Leaves a multicast group.
---@param source mio_source_t
---@param group string?
---@param via string?
---@return integer result
function core.mio_source_leave_multicast(source, group, via) end

return core
