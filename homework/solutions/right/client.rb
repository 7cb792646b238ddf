# Right, in Ruby: a socket has `puts` and `gets`, as a file has.
require 'optparse'
require 'socket'

options = { host: '127.0.0.1', port: 8888 }
OptionParser.new do |parser|
  parser.on('--host HOST')
  parser.on('--port PORT', Integer)
end.parse!(into: options)

$stdout.sync = true
messages = ARGV.empty? ? $stdin.each_line(chomp: true).lazy : ARGV
Socket.tcp(options[:host], options[:port]) do |server|
  messages.each do |message|
    break if message.empty?

    server.puts message
    print server.gets || abort('the server has closed the connection')
  end
end
