-- Who asks a network about a delivery whose fate is unknown, so that another takes the question over when its asker is gone.

-- +goose Up
ALTER TABLE deliveries ADD COLUMN asked_by uuid;
GRANT UPDATE (asked_by) ON deliveries TO daymark_app;
