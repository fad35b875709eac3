-- Up to where each changefeed listener has got everything, and which instance consumes. A heartbeat reads and
-- writes another column family than a listener's transaction, which takes a column that is never null, so that it neither
-- waits for one nor makes it fail
CREATE TABLE IF NOT EXISTS crdb_changefeed_offset (
	listener STRING NOT NULL PRIMARY KEY,
	resolved DECIMAL,
	scanned STRING,
	epoch INT8 NOT NULL,
	owner STRING NOT NULL DEFAULT '',
	heartbeat_at TIMESTAMPTZ,
	FAMILY offset_position (listener, resolved, scanned, epoch),
	FAMILY offset_lease (owner, heartbeat_at)
);

-- Rows that a listener could not process
CREATE TABLE IF NOT EXISTS crdb_changefeed_dead_letter (
	id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
	listener STRING NOT NULL,
	committed DECIMAL NOT NULL,
	number INT8 NOT NULL,
	table_name STRING NOT NULL,
	row_key STRING NOT NULL,
	row_before STRING,
	row_after STRING,
	has_before BOOL NOT NULL,
	scan BOOL NOT NULL,
	error STRING NOT NULL,
	created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
	INDEX crdb_changefeed_dead_letter_listener (listener, committed)
);
