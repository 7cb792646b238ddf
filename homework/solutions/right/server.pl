#!/usr/bin/perl
# Right, in Perl: two loops.
use strict;
use warnings;
use Getopt::Long;
use IO::Socket::INET;

my ($host, $port) = ('127.0.0.1', 8888);
GetOptions('host=s' => \$host, 'port=i' => \$port) or exit 2;
$| = 1;
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => $host, LocalPort => $port, Listen => 5)
    or die "can't listen: $@\n";
printf "listening on %s:%d\n", $listener->sockhost, $listener->sockport;
while (1) {
    my $client = $listener->accept or next;
    while (sysread $client, my $data, 1024) {
        syswrite $client, $data or last;
    }
    close $client;
}
