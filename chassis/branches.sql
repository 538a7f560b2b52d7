-- What a service that hears branches keeps of them.

-- Up to which of its events a branch has been heard without a gap, for each of its counts.
CREATE TABLE branch_marks (
    branch text NOT NULL,
    epoch uuid NOT NULL,
    upto bigint NOT NULL,
    PRIMARY KEY (branch, epoch)
);

-- Events heard above the mark, before one that is under way to another consumer of this service.
CREATE TABLE branch_events_ahead (
    branch text NOT NULL,
    epoch uuid NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (branch, epoch, sequence)
);
