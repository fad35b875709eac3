CREATE TABLE village (id INT PRIMARY KEY);
CREATE TABLE village_of (id INT REFERENCES nothing (id));
