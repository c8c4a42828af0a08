# What all sockets and pipes have; miopoll/net.rb has their classes.

module Miopoll
  ROOM = 65_536 # Bytes that are read where no number is given.
  LENGTH = (0..0x7fff_ffff)

  # A socket or a pipe of the library: non-blocking, not inherited, registered
  # with one poll at a time. Closing it deregisters it, and so does the garbage
  # collector: keep it. What would block gives nil, the end of a stream "".
  class Source < Handle
    FREE = :mio_source_free

    private_class_method :new

    # From a function that stores a handle in a place.
    def self.make(function, *arguments)
      place = Miopoll.place
      Miopoll.check(C.public_send(function, place, *arguments), name)
      of(place)
    end

    # From one that stores two.
    def self.make_two(function, first, second)
      places = [Miopoll.place, Miopoll.place]
      Miopoll.check(C.public_send(function, *places), first.name)
      [first, second].zip(places).map { |kind, place| kind.of(place) }
    end

    # The owner of the handle in a place.
    def self.of(place)
      new do |own|
        own[0, Fiddle::SIZEOF_VOIDP] = place[0, Fiddle::SIZEOF_VOIDP]
        0
      end
    end

    # Takes over a descriptor, which has to be of this kind. If it fails the
    # descriptor stays the caller's, as it was.
    def self.from_fd(fd)
      make(:mio_source_from_fd, self::KIND, Miopoll.fit(fd, FD, "descriptor"))
    end

    # Takes over an IO, which is closed then, but not its descriptor.
    def self.from_std(io)
      from_fd(io.fileno).tap do
        io.autoclose = false
        io.close
      end
    end

    # Methods `name` and `set_name` for an option that is a number.
    def self.option(name)
      number = Miopoll.const_get("OPTION_#{name.upcase}")
      define_method(name) { option(number) }
      define_method("set_#{name}") { |value| set_option(number, Miopoll.fit(value, UINT32, name)) }
    end

    # The same for one that is true or false.
    def self.flag(name)
      number = Miopoll.const_get("OPTION_#{name.upcase}")
      define_method(name) { option(number) == 1 }
      define_method("set_#{name}") { |value| set_option(number, Miopoll.bit(value, name)) }
    end

    # Gives the descriptor away, deregistered; the source is closed then.
    def into_fd
      place = Miopoll.place
      @monitor.synchronize do
        Miopoll.check(C.mio_source_into_fd(pointer, place), self.class.name)
        self.class.free(@box)
      end
      place[0, 8].unpack1("q")
    end

    # The descriptor, as to set an option. It stays the source's.
    def fileno
      ask(:mio_source_fd, 8).unpack1("q")
    end

    # Calls a block that uses the descriptor. If that would block, or gives
    # nil, an edge registration is told to report these directions again.
    def try_io(interest)
      Miopoll.fit(interest, UINT32, "interest")
      result = begin
        yield
      rescue IO::WaitReadable, IO::WaitWritable, Errno::EAGAIN
        nil
      end
      return result unless [nil, :wait_readable, :wait_writable].include?(result)
      call(:mio_source_would_block, interest)
      nil
    end

    private

    def call(function, *arguments)
      with { |source| Miopoll.check(C.public_send(function, source, *arguments), self.class.name) }
      nil
    end

    # The bytes that a function stores in a place of so many.
    def ask(function, size, *arguments)
      place = Miopoll.place(size)
      call(function, *arguments, place)
      place[0, size]
    end

    # A count, or nil where it would block.
    def move(function, *arguments)
      with do |source|
        result = C.public_send(function, source, *arguments)
        result == EAGAIN ? nil : Miopoll.check(result, self.class.name)
      end
    end

    # The bytes that come into a buffer of that size, or nil.
    def take(function, size, *place)
      room = Miopoll.place(Miopoll.fit(size, LENGTH, "size"))
      count = move(function, room, size, *place)
      count && room[0, count]
    end

    def option(number)
      ask(:mio_source_option, 4, number).unpack1("L")
    end

    def set_option(number, value)
      call(:mio_source_set_option, number, value)
    end
  end

  # Of streams and pipes.
  module Reads
    def read(size = ROOM)
      take(:mio_source_read, size)
    end

    # The bytes of one call, as strings of at most these sizes in their order;
    # all are empty at the end.
    def read_vectored(sizes)
      sizes.each { |size| Miopoll.fit(size, LENGTH, "size") }
      buffers, pointers, lengths = Miopoll.buffers(sizes)
      count = move(:mio_source_read_vectored, pointers, lengths, sizes.size) or return
      at = 0
      sizes.map do |size|
        length = [size, count - at].min
        buffers[at, length].tap { at += length }
      end
    end
  end

  module Writes
    # How many bytes were taken, which may be fewer than all.
    def write(data)
      move(:mio_source_write, Miopoll.bytes(data), data.bytesize)
    end

    def write_vectored(strings)
      all = strings.map { |data| Miopoll.bytes(data) }
      _block, pointers, lengths = Miopoll.buffers(all.map(&:bytesize), all.join)
      move(:mio_source_write_vectored, pointers, lengths, all.size)
    end
  end

  # Fiddle would take anything for a pointer.
  def self.bytes(data)
    data.is_a?(String) ? data.b : raise(TypeError, "no String: #{data.inspect}")
  end

  # 0 is true in Ruby, so it is refused.
  def self.bit(value, what)
    return value ? 1 : 0 if [true, false].include?(value)
    raise TypeError, "#{what} is true or false: #{value.inspect}"
  end

  # One block of memory, an array of pointers into it and one of lengths: the
  # block has to live as long as they do.
  def self.buffers(sizes, content = nil)
    block = place(sizes.sum)
    block[0, content.bytesize] = content if content
    at = 0
    pointers = sizes.map { |size| (block.to_i + at).tap { at += size } }
    [block, pointers.pack("J*"), sizes.pack("Q*")]
  end
end
