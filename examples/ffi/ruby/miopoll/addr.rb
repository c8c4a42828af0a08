# Addresses are text: "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80" with the
# number of an interface, "unix:/run/x" for a path, "unix:@x" for an abstract
# name, "unix:" for no name; "%" and two hexadecimal digits are a byte of a
# Unix name. No name is looked up.

module Miopoll
  # For a text that is no address. `position` is how many of its bytes were
  # understood.
  class AddressError < ArgumentError
    attr_reader :position

    def initialize(text, position)
      @position = position
      super("#{text.inspect} is no address: not understood from byte #{position} on")
    end
  end

  # Text to the bytes of a mio_addr_t, and back.
  module Addr
    STRUCT = ABI["types"].find { |type| type["name"] == "mio_addr_t" }
    SIZE = STRUCT["size"]
    OFFSETS = STRUCT["fields"].to_h { |field| [field["name"], field["offset"]] }

    module_function

    # On failure `length` tells where.
    def parse(text)
      raise TypeError, "an address is a String: #{text.inspect}" unless text.is_a?(String)
      place = Miopoll.place(SIZE)
      result = C.mio_addr_parse(place, text, text.bytesize)
      return place[0, SIZE] if result.zero?
      position = place[OFFSETS["length"], 4].unpack1("L")
      raise AddressError.new(text, position) if result == EINVAL
      raise Miopoll.error(result, "#{text.inspect}, from byte #{position} on")
    end

    # `address` is bytes, or a place where they are.
    def format(address)
      text = Miopoll.place(ADDR_TEXT_MAX)
      length = C.mio_addr_format(address, text, ADDR_TEXT_MAX)
      text[0, Miopoll.check(length, "mio_addr_format")].force_encoding(Encoding::US_ASCII)
    end

    # Of an IP without a port, as those of multicast groups and interfaces, or
    # of an address. `scope` is the number of an interface.
    def host(text, scope = 0)
      Miopoll.fit(scope, UINT32, "interface")
      bare = text.is_a?(String) && !text.match?(/\]|unix:|\A[^:]*:[^:]*\z/)
      bytes = parse(bare ? (text.include?(":") ? "[#{text}]:0" : "#{text}:0") : text)
      bytes[OFFSETS["scope"], 4] = [scope].pack("L") unless scope.zero?
      bytes
    end
  end
end
