#!/usr/bin/perl
# Replaces texts of one ticket in Request Tracker 5, in place: its REST API has no call for that.
#
# Run it on RT's own machine as a user who may read RT's configuration. A JSON object a line on standard input (so that
# no value stands in the list of processes), one a line on standard output, until the input ends or is silent:
#
#   {"ticket": 7, "do": "look" | "replace", "edits": [{"what": W, "id": N, "name": H, "from": T, "to": T}, ...]}
#   {"states": ["ready" | "done" | "same" | "changed" | "gone", ...], "also": N,
#    "index": "none" | "there" | "renewed" | "kept", "outside": true | false}
#
# what        id of            the text
# content     an attachment    its content (text/plain or text/html), by RT::Attachment->ReplaceContent
# subject     an attachment    its Subject column and its Subject header
# header      an attachment    the header `name`
# old, new    a transaction    OldValue, NewValue
# ticket      the ticket       its Subject
# field       a custom field   its value in this ticket, and earlier values that say the same
#
# An edit is done only where the text is exactly `from`; "same": it is `to` already; "changed": it is another; "gone":
# there is no such thing in this ticket. `replace` does every edit in one database transaction, or none of them when one
# is "changed" or "gone". It writes the transaction "Munge" that RT's own rt-munge-attachments writes, without running
# scrips. Subjects of tickets merged into this one, and earlier values of a custom field, which no page of RT shows, are
# replaced where they are exactly `from` ("also" counts them). "index": whether there is a full-text index, and it was
# written anew for what changed. "outside": a replaced content stood in external storage, which keeps it.
use strict;
use warnings;

BEGIN {
    # Debian's RT, RT as it installs itself, or what RT_LIB says.
    unshift @INC, grep { -d } split( /:/, $ENV{RT_LIB} // '' ), '/usr/local/share/request-tracker5/lib',
        '/usr/share/request-tracker5/lib', '/opt/rt5/local/lib', '/opt/rt5/lib';
}

use Encode ();
use HTML::Entities ();
use JSON       ();
use MIME::Base64 ();

use RT;
RT->LoadConfig;
RT->Config->Set( LogToSTDERR => 'critical' );    # other lines could hold what is replaced
RT->Config->Set( LogToSyslog => undef );
RT->Config->Set( LogToFile   => undef );
RT->Init;

use constant SILENCE => 600;    # seconds

my $system = RT->SystemUser;
my ( $ticket, @merged, @own );    # the ticket of the question, those that went into it, and the numbers of all
my ( $also, $outside, %touched );    # touched: attachments whose index is stale

sub in_ticket {
    my ($transaction) = @_;
    return $transaction->Id && $transaction->ObjectType eq 'RT::Ticket' && grep { $_ == $transaction->ObjectId } @own;
}

sub attachment {
    my $one = RT::Attachment->new($system);
    $one->Load(shift);
    return $one->Id && in_ticket( $one->TransactionObj ) ? $one : undef;
}

sub transaction {
    my $one = RT::Transaction->new($system);
    $one->Load(shift);
    return in_ticket($one) ? $one : undef;
}

sub header {
    my ( $one, $name ) = @_;
    for ( $one->SplitHeaders ) {
        my ( $tag, $value ) = split /:/, $_, 2;
        next unless lc $tag eq lc $name;
        $value =~ s/^\s+//;
        $value =~ s/\s+\z//;
        return $value;
    }
    return undef;
}

sub values_of {
    my ($field) = @_;
    my $values = RT::ObjectCustomFieldValues->new($system);
    $values->UnLimit;
    $values->Limit( FIELD => 'ObjectType', VALUE => 'RT::Ticket' );
    $values->Limit( FIELD => 'ObjectId', OPERATOR => 'IN', VALUE => [@own] );
    $values->Limit( FIELD => 'CustomField', VALUE => $field );
    $values->{'find_disabled_rows'} = 1;
    return @{ $values->ItemsArrayRef };
}

sub current {    # the text that an edit is about; undef: there is none
    my ($edit) = @_;
    my ( $what, $id ) = @$edit{qw(what id)};
    if ( $what eq 'content' ) { my $one = attachment($id);  return $one && ( $one->Content // '' ) }
    if ( $what eq 'subject' ) { my $one = attachment($id);  return $one && ( $one->Subject // '' ) }
    if ( $what eq 'header' )  { my $one = attachment($id);  return $one && header( $one, $edit->{name} ) }
    if ( $what eq 'old' )     { my $one = transaction($id); return $one && ( $one->OldValue // '' ) }
    if ( $what eq 'new' )     { my $one = transaction($id); return $one && ( $one->NewValue // '' ) }
    if ( $what eq 'ticket' )  { return $ticket->__Value('Subject') // '' }
    if ( $what eq 'field' ) {
        my @texts = map { $_->Content // '' } grep { !$_->Disabled } values_of($id);
        my ($hit) = grep { $_ eq $edit->{from} } @texts;
        return $hit // ( grep { $_ eq $edit->{to} } @texts )[0] // $texts[0];
    }
    die "an edit of no known kind\n";
}

sub set {
    my ( $one, $column, $value ) = @_;
    return if ( $one->__Value($column) // '' ) eq $value;
    my ( $ok, $why ) = $one->__Set( Field => $column, Value => $value );
    die "$column could not be written\n" unless $ok;
}

sub replace {
    my ($edit) = @_;
    my ( $what, $id, $from, $to ) = @$edit{qw(what id from to)};
    if ( $what eq 'content' ) {
        my $one = attachment($id);
        $outside = 1 if ( $one->ContentEncoding // '' ) eq 'external';
        my ( $ok, $why ) = $one->ReplaceContent( Search => $from, Replacement => $to );
        die "a content could not be written\n" unless $ok;
        $one->SetHeader( 'Content-Length', length Encode::encode( 'UTF-8', $to ) );
        $touched{$id} = 1;
    }
    elsif ( $what eq 'subject' ) {
        my $one = attachment($id);
        set( $one, 'Subject', $to );
        $one->SetHeader( 'Subject', $to ) if defined header( $one, 'Subject' ) && header( $one, 'Subject' ) eq $from;
        merged_subjects( $from, $to );
        $touched{$id} = 1;
    }
    elsif ( $what eq 'header' ) { attachment($id)->SetHeader( $edit->{name}, $to ) }
    elsif ( $what eq 'ticket' ) { set( $ticket, 'Subject', $to ); merged_subjects( $from, $to ) }
    elsif ( $what eq 'field' )  { set_value( $_, $to ) for grep { ( $_->Content // '' ) eq $from } values_of($id) }
    else {
        my $one       = transaction($id);
        my $side      = $what eq 'old' ? 'Old' : 'New';
        my $reference = ( $one->ReferenceType // '' ) eq 'RT::ObjectCustomFieldValue' && $one->__Value("${side}Reference");
        if ($reference) {    # the text stands in the earlier value of the field
            my $value = RT::ObjectCustomFieldValue->new($system);
            $value->Load($reference);
            set_value( $value, $to );
        }
        else { set( $one, "${side}Value", $to ) }
        merged_subjects( $from, $to ) if ( $one->Field // '' ) eq 'Subject';
    }
}

sub merged_subjects {
    my ( $from, $to ) = @_;
    for my $number (@merged) {
        my $other = RT::Ticket->new($system);
        $other->LoadById($number);
        next unless ( $other->__Value('Subject') // '' ) eq $from;
        set( $other, 'Subject', $to );
        $also++;
    }
}

sub set_value {
    my ( $value, $to ) = @_;
    if ( !length( $value->__Value('LargeContent') // '' ) ) { set( $value, 'Content', $to ); return }
    my ( $encoding, $bytes ) = $value->_EncodeLOB( Encode::encode( 'UTF-8', $to ), $value->ContentType );
    set( $value, 'LargeContent',    $bytes );
    set( $value, 'ContentEncoding', $encoding );
}

sub indexed {
    my $about = RT->Config->Get('FullTextSearch') || {};
    return $about->{Enable} && $about->{Indexed} ? $about : undef;
}

sub renew_index {    # as rt-fulltext-indexer writes it; it never looks at an attachment again
    my $about = indexed() || return 'none';
    my ( $type, $table, $column ) = ( RT->Config->Get('DatabaseType'), @$about{qw(Table Column)} );
    my %statement = (
        Pg    => sub { "UPDATE $table SET $column = TO_TSVECTOR(?) WHERE id = ?" },
        mysql => sub { "UPDATE $table SET Content = ? WHERE id = ?" },
    );
    return 'kept' unless $statement{$type} && ( $table // '' ) =~ /^\w+$/ && ( $column // 'x' ) =~ /^\w+$/;
    my $database = RT->DatabaseHandle->dbh;
    $database->do('SAVEPOINT scrubber');
    my $done = eval {
        for my $id ( keys %touched ) {
            my $one = attachment($id);
            next unless grep { ( $one->ContentType // '' ) eq $_ } 'text/plain', 'text/html';
            my $text = $one->Content // '';
            HTML::Entities::decode_entities($text) if $one->ContentType eq 'text/html';
            $database->do( $statement{$type}->(), undef, join( "\n", $one->Subject // '', $text ), $id );
        }
        1;
    };
    return 'renewed' if $done;
    $database->do('ROLLBACK TO SAVEPOINT scrubber');
    return 'kept';
}

sub answer {
    my ($asked) = @_;
    die "no question on standard input\n" unless ref $asked eq 'HASH' && ref $asked->{edits} eq 'ARRAY';
    DBIx::SearchBuilder::Record::Cachable->FlushCache;    # others write, too
    ( $also, $outside, %touched ) = ( 0, 0 );
    $ticket = RT::Ticket->new($system);
    $ticket->Load( $asked->{ticket} );    # of a ticket that went into another: that one
    @merged = map { $_->[0] } @{ RT->DatabaseHandle->dbh->selectall_arrayref(
        'SELECT id FROM Tickets WHERE EffectiveId = ? AND id != ?', undef, $ticket->Id || 0, $ticket->Id || 0 ) };
    @own = $ticket->Id ? ( $ticket->Id, @merged ) : ();
    my ( @states, $index );
    for my $edit ( @{ $asked->{edits} } ) {
        my $text = $ticket->Id ? current($edit) : undef;
        push @states,
            !defined $text ? 'gone' : $text eq $edit->{to} ? 'same' : $text eq $edit->{from} ? 'ready' : 'changed';
    }
    if ( $asked->{do} eq 'replace' && !grep { $_ eq 'changed' || $_ eq 'gone' } @states ) {
        RT->DatabaseHandle->BeginTransaction;
        my $done = eval {
            for my $at ( grep { $states[$_] eq 'ready' } 0 .. $#states ) {
                replace( $asked->{edits}[$at] );
                $states[$at] = 'done';
            }
            if ( grep { $_ eq 'done' } @states ) {
                my ($ok) = $ticket->_NewTransaction( Type => 'Munge', ActivateScrips => 0 );
                die "the transaction could not be written\n" unless $ok;
            }
            $index = renew_index();
            1;
        };
        if ( !$done ) {
            RT->DatabaseHandle->Rollback('force');
            die "nothing was changed: a text could not be written\n";
        }
        RT->DatabaseHandle->Commit;
    }
    return {
        states  => \@states,
        also    => $also,
        index   => $index // ( indexed() ? 'there' : 'none' ),
        outside => $outside ? JSON::true() : JSON::false(),
    };
}

my $json = JSON->new->utf8->canonical;
$| = 1;
alarm SILENCE;
while ( defined( my $line = <STDIN> ) ) {
    alarm 0;
    print $json->encode( answer( $json->decode($line) ) ), "\n";
    alarm SILENCE;
}
