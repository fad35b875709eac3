-- What a listener of a changefeed has counted. Stays empty on PostgreSQL, which has no changefeeds.

CREATE TABLE audit (
	day DATE PRIMARY KEY,
	transfers INT8 NOT NULL,
	amount DECIMAL(19, 2) NOT NULL
);
