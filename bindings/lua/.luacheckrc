-- For the bindings, their tests, examples and measurements.
std = "max"
max_line_length = 79
self = false
files["**/library"] = {
  max_line_length = false, unused = false, ignore = { "212", "241", "431" },
}
files["**/cdef.lua"] = { max_line_length = false }
files["tests/lua/own"] = { globals = { "newproxy" } }
