-- What people were told by message, one row for each way to reach them (named by a digest of its address); JSON.
CREATE TABLE alert (
    channel TEXT PRIMARY KEY,
    told    TEXT NOT NULL
) STRICT;
