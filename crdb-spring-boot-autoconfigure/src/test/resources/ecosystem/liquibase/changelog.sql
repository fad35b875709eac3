--liquibase formatted sql

--changeset bank:1
CREATE TABLE town (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(50) NOT NULL);

--changeset bank:2
INSERT INTO town (name) VALUES ('Bonn');
INSERT INTO town (name) VALUES ('Graz');
