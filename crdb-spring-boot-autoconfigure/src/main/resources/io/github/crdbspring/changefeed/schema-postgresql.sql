-- For tests on PostgreSQL, with a feed that is filled by hand
CREATE TABLE IF NOT EXISTS crdb_changefeed_offset (
	listener VARCHAR NOT NULL PRIMARY KEY,
	resolved DECIMAL,
	scanned VARCHAR,
	epoch INT8 NOT NULL,
	owner VARCHAR NOT NULL DEFAULT '',
	heartbeat_at TIMESTAMPTZ
);

CREATE TABLE IF NOT EXISTS crdb_changefeed_dead_letter (
	id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
	listener VARCHAR NOT NULL,
	committed DECIMAL NOT NULL,
	number INT8 NOT NULL,
	table_name VARCHAR NOT NULL,
	row_key VARCHAR NOT NULL,
	row_before VARCHAR,
	row_after VARCHAR,
	has_before BOOL NOT NULL,
	scan BOOL NOT NULL,
	error VARCHAR NOT NULL,
	created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS crdb_changefeed_dead_letter_listener ON crdb_changefeed_dead_letter (listener, committed);
