CREATE TABLE migrated_without_key (n INT);
