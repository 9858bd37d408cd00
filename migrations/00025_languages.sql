-- The language that the pages are in for a person, and for people of the organisation whose browser asks for none that Daymark
-- has. NULL is none chosen.

-- +goose Up
ALTER TABLE people ADD COLUMN interface text CHECK (interface ~ '^[a-z]{2,3}$');
ALTER TABLE profile ADD COLUMN interface text CHECK (interface ~ '^[a-z]{2,3}$');
GRANT UPDATE (interface) ON people TO daymark_app;
