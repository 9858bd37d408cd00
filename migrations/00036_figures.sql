-- Figures that boards ask for and no network tells: people enter them, for an edition. They are never part of a total of networks.

-- +goose Up
-- A row a version: the newest of a name counts, and one without a value says that the figure was taken out.
CREATE TABLE entered_figures (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  edition_id bigint NOT NULL REFERENCES editions,
  name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
  value      numeric(14, 2) CHECK (value >= 0),
  unit       text NOT NULL DEFAULT '' CHECK (char_length(unit) <= 30),
  note       text NOT NULL DEFAULT '' CHECK (char_length(note) <= 500),
  person_id  bigint NOT NULL REFERENCES people,
  at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX entered_figures_newest ON entered_figures (edition_id, name, id DESC);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON entered_figures FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON entered_figures FOR EACH STATEMENT EXECUTE FUNCTION frozen();

GRANT SELECT ON entered_figures TO daymark_app;
GRANT INSERT (edition_id, name, value, unit, note, person_id) ON entered_figures TO daymark_app;
