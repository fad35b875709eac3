CREATE TABLE city (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(50) NOT NULL);
CREATE INDEX city_name ON city (name);
