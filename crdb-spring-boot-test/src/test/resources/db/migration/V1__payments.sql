CREATE TABLE currency (
	code VARCHAR(3) PRIMARY KEY
);

INSERT INTO currency VALUES ('EUR');

CREATE TABLE payment (
	id INT PRIMARY KEY,
	currency VARCHAR(3) NOT NULL REFERENCES currency (code),
	amount DECIMAL(19, 2) NOT NULL,
	received_at TIMESTAMPTZ
);

CREATE TABLE audit (
	id INT PRIMARY KEY,
	payment INT REFERENCES payment (id)
);

CREATE SEQUENCE receipt_number;
