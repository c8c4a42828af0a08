# Addresses of the cases, options, groups, and the limit of descriptors.
require "fileutils"
require "tmpdir"

module Conformance
  module Addresses
    private

    # --- words

    # The text of an address as the library writes it.
    def addr(word)
      text = addr_text(word)
      Miopoll::Addr.format(Miopoll::Addr.parse(text))
    rescue Miopoll::AddressError, Errno::ENAMETOOLONG => error
      format(error.message)
    end

    def addr_text(word)
      case word
      when /\Aof:(.+)\z/ then local_addr($1)
      when /\A(.+):of:(.+)\z/ then "#{$1}:#{local_addr($2)[/\d+\z/]}"
      when /\Aunix:(@?)\*(.*)\z/ then "unix:#{$1}#{fresh($2)}"
      when "unnamed" then "unix:"
      else word
      end
    end

    def local_addr(name)
      source(name).local_addr
    rescue SystemCallError => error
      raise Failure.new("outcome", "#{name} has no address: #{error.message}")
    end

    # A name in the folder of the case, and a new one if none is given. The
    # folder's own makes abstract names ones that nobody has.
    def fresh(name)
      @folder ||= Dir.mktmpdir("miopoll-", "/tmp")
      name = (@fresh = (@fresh || 0) + 1).to_s if name.empty?
      "#{@folder}/#{name}"
    end

    def remove_folder
      FileUtils.remove_entry(@folder) if @folder
    end

    def check_addr(word, got)
      return if word.nil? || word == "any"
      wanted = addr(word)
      raise Failure.new("outcome", "gave #{got}, not #{wanted}") if wanted != got
    end

    # --- steps

    def step_addr(step)
      text, at = step.args[0], step.keys["at"]
      format("no buffer to give") if step.keys.key?("room") || text == "null"
      bytes = Miopoll::Addr.parse(text)
      again = Miopoll::Addr.format(bytes)
      expect(step, "OK")
      wanted = step.keys.fetch("gives", text)
      raise Failure.new("outcome", "gives #{again}") if again != wanted
      raise Failure.new("outcome", "#{again} is not read back") if Miopoll::Addr.parse(again) != bytes
    rescue Miopoll::AddressError => error
      refused(step, "EINVAL", error.position, at)
    rescue Errno::ENAMETOOLONG => error
      refused(step, "ENAMETOOLONG", error.message[/\d+ on\z/].to_i, at)
    end

    def refused(step, name, position, at)
      expect(step, name)
      raise Failure.new("outcome", "#{position} bytes were understood") if at && at != position
    end

    def step_local_addr(step)
      check_own(step) { |found| found.local_addr }
    end

    def step_peer_addr(step)
      check_own(step) { |found| found.peer_addr }
    end

    def check_own(step)
      got = nil
      found = source(step.args[0])
      expect(step, outcome_of { (got = yield found) && "OK" })
      check_addr(step.args[1], got) if got
    end

    def step_set(step)
      option, value = step.keys.values_at("option", "value")
      format("no way to set #{option} to #{value}") unless option.is_a?(String) && value.is_a?(Integer)
      value = { 0 => false, 1 => true }.fetch(value) if FLAGS.include?(option)
      found = source(step.args[0])
      expect(step, outcome_of { found.public_send("set_#{option.tr("-", "_")}", value) })
    end

    def step_get(step)
      option, wanted = step.keys.values_at("option", "value")
      format("no way to get #{option}") if option.is_a?(Integer) || wanted == "null"
      found = source(step.args[0])
      got = nil
      expect(step, outcome_of { got = found.public_send(option.tr("-", "_")) })
      return if got.nil?
      format("no value to compare") if wanted.nil?
      got = { false => 0, true => 1 }.fetch(got, got)
      raise Failure.new("outcome", "gave #{got}") if got != wanted
    end

    def step_join_multicast(step)
      group(step, "join_multicast")
    end

    def step_leave_multicast(step)
      group(step, "leave_multicast")
    end

    # By the family of the group; `via` is of IPv4 only.
    def group(step, method)
      found = source(step.args[0])
      addrs = step.keys.values_at("addr", "via").compact.map { |word| addr(word) }
      suffix = addrs[0].start_with?("[") && addrs.size == 1 ? "v6" : "v4"
      expect(step, outcome_of { found.public_send("#{method}_#{suffix}", *addrs) })
    end

    # --- exhaust

    def step_exhaust(step)
      word = step.args[0]
      give_back
      return if word == "off"
      more = number(word)
      format("exhaust #{more}") if more > 1000
      @limits = Process.getrlimit(:NOFILE)
      used = Dir.open("/proc/self/fd") { |dir| dir.children.map(&:to_i) - [dir.fileno] }
      free = (0..).lazy.reject { |fd| used.include?(fd) }
      Process.setrlimit(:NOFILE, free.first(more + 1).last, @limits[1])
    end

    def give_back
      Process.setrlimit(:NOFILE, *@limits) if @limits
      @limits = nil
    end
  end
end
