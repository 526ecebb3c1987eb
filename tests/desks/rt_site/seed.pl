# Mail may come in, one agent may do an agent's work, another account reads for scrubber, and one text field stands on
# every ticket. Prints the tokens.
use strict;
use warnings;
use RT -init;
use JSON ();

my $system = RT->SystemUser;
my $everyone = RT::Group->new($system);
$everyone->LoadSystemInternalGroup('Everyone');
$everyone->PrincipalObj->GrantRight(Right => $_, Object => $RT::System) for qw(CreateTicket ReplyToTicket);

my $queue = RT::Queue->new($system);
$queue->Load('General');
$queue->SetCorrespondAddress('support@proef.example');
my $field = RT::CustomField->new($system);
$field->Create(Name => 'Rekening', Type => 'FreeformSingle', Queue => $queue->Id);

my @reads = qw(SeeQueue ShowTicket ShowTicketComments ShowOutgoingEmail SeeCustomField CommentOnTicket);
my @works = qw(ModifyTicket ReplyToTicket CreateTicket OwnTicket ModifyCustomField);
my %tokens;
for my $name ('scrubber', 'bram') {
    my $user = RT::User->new($system);
    $user->Create(Name => $name, EmailAddress => "$name\@proef.example", Password => 'geheim00', Privileged => 1);
    $user->PrincipalObj->GrantRight(Right => $_, Object => $RT::System)
        for @reads, $name eq 'bram' ? @works : ();
    my $token = RT::AuthToken->new($system);
    my ($made, $why, $text) = $token->Create(Owner => $user->Id, Description => 'proef');
    die $why unless $made;
    $tokens{$name} = $text;
}
print JSON->new->encode(\%tokens), "\n";
