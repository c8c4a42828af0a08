/* generated from abi/miopoll.h by bindings/lua/generate.py; do not edit */
%apply (void *BYTES, uint64_t LENGTH)
  { (void *buffer, uint64_t length) };
%apply (const void *BYTES, uint64_t LENGTH)
  { (const void *buffer, uint64_t length) };
%apply (const void *BYTES, uint64_t LENGTH)
  { (const void *text, uint64_t length) };
%apply (void *const *BYTES, const uint64_t *LENGTH, uint32_t COUNT)
  { (void *const *buffers, const uint64_t *lengths, uint32_t count) };
%apply (const void *const *BYTES, const uint64_t *LENGTH, uint32_t COUNT)
  { (const void *const *buffers, const uint64_t *lengths, uint32_t count) };
