#!/usr/bin/perl
# Right, in Perl: a socket is a file handle.
use strict;
use warnings;
use Getopt::Long;
use IO::Socket::INET;

my ($host, $port) = ('127.0.0.1', 8888);
GetOptions('host=s' => \$host, 'port=i' => \$port) or exit 2;
$| = 1;
my $server = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port)
    or die "can't connect: $@\n";
my @messages = @ARGV;
my $from_input = !@messages;
while (defined(my $message = $from_input ? <STDIN> : shift @messages)) {
    chomp $message;
    last if $message eq '';
    print $server "$message\n";
    defined(my $reply = <$server>) or die "the server has closed the connection\n";
    print $reply;
}
