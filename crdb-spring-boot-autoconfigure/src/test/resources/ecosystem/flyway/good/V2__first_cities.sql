INSERT INTO city (name) VALUES ('Köln');
INSERT INTO city (name) VALUES ('Wien');
