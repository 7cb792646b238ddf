# Right, in Ruby: a thread for each client.
require 'optparse'
require 'socket'

options = { host: '127.0.0.1', port: 8888 }
OptionParser.new do |parser|
  parser.on('--host HOST')
  parser.on('--port PORT', Integer)
end.parse!(into: options)

$stdout.sync = true
server = TCPServer.new(options[:host], options[:port])
puts "listening on #{server.local_address.inspect_sockaddr}"
loop do
  Thread.start(server.accept) do |client|
    IO.copy_stream(client, client)
  ensure
    client.close
  end
end
