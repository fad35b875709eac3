-- Runs unchanged on PostgreSQL and on CockroachDB.

CREATE TABLE account (
	id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
	balance DECIMAL(19, 2) NOT NULL CHECK (balance >= 0),
	opened_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE transfer (
	id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
	from_account UUID NOT NULL REFERENCES account (id),
	to_account UUID NOT NULL REFERENCES account (id),
	amount DECIMAL(19, 2) NOT NULL CHECK (amount > 0),
	created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
	CHECK (from_account <> to_account)
);

CREATE INDEX transfer_from_account ON transfer (from_account, created_at);
CREATE INDEX transfer_to_account ON transfer (to_account, created_at);
CREATE INDEX transfer_created_at ON transfer (created_at);
