-- name: add_import_row (import_id text, number int, verdict text, column_name text, detail text, subject text)
-- What was made of one row of an imported file; rows that were refused before are deleted first.
INSERT INTO import_rows (import_id, number, verdict, column_name, detail, subject)
VALUES (:import_id, :number, :verdict, :column_name, :detail, :subject)
