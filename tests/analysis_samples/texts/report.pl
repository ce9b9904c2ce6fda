#!/usr/bin/perl
use DBI;
# my $password = 'Gravel&Sand1';

=pod

my $password = 'Gravel&Sand2';

=cut

my $password = 'Gravel&Sand33';
my %config = (token => 'e5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs5', password => $ENV{PASSWORD});
$config{secret} = "Asphalt!99x";
my $db = DBI->connect("dbi:Pg:dbname=roads", "paver", "Tar_Barrel_5");
my $other = DBI->connect("dbi:Pg:dbname=roads", "paver", $password);
print "password: $password\n";
