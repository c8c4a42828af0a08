---@meta miopoll.core
-- generated from abi/miopoll.h by abi/generate.py; do not edit

---A poll: the selector's waiting side.
---@class mio_poll_t: userdata

---A registry: the selector's registering side.
---@class mio_registry_t: userdata

---A waker: ends a wait from another thread or a signal handler.
---@class mio_waker_t: userdata

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

return core
