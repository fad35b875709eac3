-- Up to where each changefeed listener has got everything, and which instance consumes. A heartbeat writes another
-- column family than a listener's transaction, so that it does not make that fail
CREATE TABLE IF NOT EXISTS crdb_changefeed_offset (
	listener STRING NOT NULL PRIMARY KEY,
	resolved DECIMAL,
	scanned STRING,
	epoch INT8 NOT NULL,
	owner STRING,
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
