/* The docstrings of the methods in transfer.c. */

#define READ_DOC                                                           \
  "read($self, size=65536, /)\n--\n\n"                                     \
  "Reads at most size bytes: what is there.\n"                             \
  "\n"                                                                     \
  "Returns bytes; None if there is nothing yet, which re-arms an\n"        \
  "edge-triggered interest; b\"\" at the end, and for a size of 0.\n"      \
  "\n"                                                                     \
  "Raises ConnectionResetError and other OSErrors as the system has\n"     \
  "them; ValueError if it is closed or the size is negative; TypeError;\n" \
  "OverflowError; MemoryError.\n"                                          \
  "\n"                                                                     \
  ">>> import miopoll\n"                                                   \
  ">>> sender, receiver = miopoll.pipe()\n"                                \
  ">>> with sender, receiver:\n"                                           \
  "...     sender.write(b\"hello\"), receiver.read(3), receiver.read()\n"  \
  "(5, b'hel', b'lo')\n"

#define READ_INTO_DOC                                                      \
  "read_into($self, buffer, /)\n--\n\n"                                    \
  "Reads into a buffer, without a copy: at most as much as it holds.\n"    \
  "\n"                                                                     \
  "buffer is a bytearray, a memoryview, an array, an mmap and the like.\n" \
  "Returns how many bytes came; None if there is nothing yet; 0 at the\n"  \
  "end, and for an empty buffer.\n"                                        \
  "\n"                                                                     \
  "Raises what read() raises; TypeError for what is no buffer or may\n"    \
  "not be written to. The buffer cannot be resized during the call.\n"     \
  "\n"                                                                     \
  ">>> import miopoll\n"                                                   \
  ">>> sender, receiver = miopoll.pipe()\n"                                \
  ">>> buffer = bytearray(8)\n"                                            \
  ">>> with sender, receiver:\n"                                           \
  "...     sender.write(b\"hello\"), receiver.read_into(buffer)\n"         \
  "(5, 5)\n"                                                               \
  ">>> buffer[:5]\n"                                                       \
  "bytearray(b'hello')\n"

#define WRITE_DOC                                                          \
  "write($self, buffer, /)\n--\n\n"                                        \
  "Writes a buffer, or as much of it as there is room for.\n"              \
  "\n"                                                                     \
  "buffer is bytes, a bytearray, a memoryview and the like, which is\n"    \
  "not copied. Returns how many bytes were taken; None if there is no\n"   \
  "room, which re-arms an edge-triggered interest.\n"                      \
  "\n"                                                                     \
  "Raises BrokenPipeError if nobody reads any more (there is no\n"         \
  "SIGPIPE), ConnectionResetError and other OSErrors; ValueError if it\n"  \
  "is closed; TypeError for what is no buffer; BufferError for one that\n" \
  "has gaps.\n"                                                            \
  "\n"                                                                     \
  ">>> import miopoll\n"                                                   \
  ">>> sender, receiver = miopoll.pipe()\n"                                \
  ">>> with sender, receiver:\n"                                           \
  "...     sender.write(memoryview(b\"hello\")[1:]), receiver.read()\n"    \
  "(4, b'ello')\n"

#define RECV_DOC                                                         \
  "recv($self, size=65536, /)\n--\n\n"                                   \
  "Receives a datagram, of which size bytes are kept.\n"                 \
  "\n"                                                                   \
  "Returns bytes, b\"\" for an empty datagram; None if there is none,\n" \
  "which re-arms an edge-triggered interest.\n"                          \
  "\n"                                                                   \
  "Raises ConnectionRefusedError if an earlier datagram found nobody,\n" \
  "and other OSErrors; ValueError if it is closed or the size is\n"      \
  "negative; TypeError; OverflowError; MemoryError.\n"                   \
  "\n"                                                                   \
  ">>> from miopoll import UnixDatagram\n"                               \
  ">>> one, other = UnixDatagram.pair()\n"                               \
  ">>> with one, other:\n"                                               \
  "...     one.send(b\"hello\"), other.recv(3), other.recv()\n"          \
  "(5, b'hel', None)\n"

#define RECV_INTO_DOC                                                     \
  "recv_into($self, buffer, /)\n--\n\n"                                   \
  "Receives a datagram into a buffer; what does not fit is lost.\n"       \
  "\n"                                                                    \
  "Returns how many bytes came, 0 for an empty datagram; None if there\n" \
  "is none. Raises what recv() raises; TypeError for what is no buffer\n" \
  "or may not be written to.\n"                                           \
  "\n"                                                                    \
  ">>> from miopoll import UnixDatagram\n"                                \
  ">>> one, other = UnixDatagram.pair()\n"                                \
  ">>> buffer = bytearray(8)\n"                                           \
  ">>> with one, other:\n"                                                \
  "...     one.send(b\"hello\"), other.recv_into(buffer)\n"               \
  "(5, 5)\n"

#define SEND_DOC                                                          \
  "send($self, buffer, /)\n--\n\n"                                        \
  "Sends a datagram to the peer that connect() or pair() set.\n"          \
  "\n"                                                                    \
  "Returns its length; None if there is no room, which re-arms an\n"      \
  "edge-triggered interest.\n"                                            \
  "\n"                                                                    \
  "Raises OSError EDESTADDRREQ or ENOTCONN without a peer, EMSGSIZE if\n" \
  "it is too long, ConnectionRefusedError if an earlier one found\n"      \
  "nobody, and others; ValueError if it is closed; TypeError;\n"          \
  "BufferError.\n"                                                        \
  "\n"                                                                    \
  ">>> from miopoll import UnixDatagram\n"                                \
  ">>> one, other = UnixDatagram.pair()\n"                                \
  ">>> with one, other:\n"                                                \
  "...     one.send(b\"\"), other.recv()\n"                               \
  "(0, b'')\n"

#define READ_VECTORED_DOC                                                    \
  "read_vectored($self, buffers, /)\n--\n\n"                                 \
  "Reads into several buffers, one after the other, in one call.\n"          \
  "\n"                                                                       \
  "Into at most 256 buffers. Returns and raises what read_into() does.\n"    \
  "\n"                                                                       \
  ">>> import miopoll\n"                                                     \
  ">>> sender, receiver = miopoll.pipe()\n"                                  \
  ">>> head, rest = bytearray(2), bytearray(8)\n"                            \
  ">>> with sender, receiver:\n"                                             \
  "...     sender.write(b\"hello\"), receiver.read_vectored([head, rest])\n" \
  "(5, 5)\n"                                                                 \
  ">>> head, rest[:3]\n"                                                     \
  "(bytearray(b'he'), bytearray(b'llo'))\n"

#define WRITE_VECTORED_DOC                                          \
  "write_vectored($self, buffers, /)\n--\n\n"                       \
  "Writes several buffers, one after the other, in one call.\n"     \
  "\n"                                                              \
  "Of at most 256 buffers. Returns and raises what write() does.\n" \
  "\n"                                                              \
  ">>> import miopoll\n"                                            \
  ">>> sender, receiver = miopoll.pipe()\n"                         \
  ">>> with sender, receiver:\n"                                    \
  "...     sender.write_vectored([b\"he\", b\"\", b\"llo\"]), "     \
  "receiver.read()\n"                                               \
  "(5, b'hello')\n"
