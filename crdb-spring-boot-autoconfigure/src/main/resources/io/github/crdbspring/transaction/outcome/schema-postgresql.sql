-- The marks of transactions whose outcome can be found out. Ids are random.
CREATE TABLE IF NOT EXISTS crdb_transaction_outcome (
	id UUID NOT NULL PRIMARY KEY,
	fenced BOOL NOT NULL,
	created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
