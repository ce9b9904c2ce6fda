-- Roles and first accounts of the reading room database.
-- Run as: psql -v reports_password="$REPORTS_PASSWORD" -f provision_roles.sql
\set ON_ERROR_STOP on

SET password_encryption = 'scram-sha-256';

CREATE ROLE seats NOLOGIN;
CREATE ROLE readers NOLOGIN;

CREATE USER seats_app LOGIN IN ROLE seats PASSWORD 'Lese.Lampe-gruen5';
CREATE USER reports_app LOGIN IN ROLE readers PASSWORD :'reports_password';
CREATE USER archive_app LOGIN IN ROLE readers PASSWORD 'SCRAM-SHA-256$600000:F5HMVDfqP/yBQVllWa9dP/==$hanDmC8x3dc09kmryZpTTP9d5WK7uy/DyU83SecH6Zc=:uLcPQ+bXSL00LsWmJ3f/IG22svVPZeEN5GOImim3zO4=';
CREATE USER kiosk_app LOGIN IN ROLE seats PASSWORD NULL;

ALTER ROLE seats_app SET statement_timeout = '15s';
ALTER USER legacy_app WITH PASSWORD 'OHSSKyJYD6M2K58JQDnKuO';
ALTER USER legacy_app VALID UNTIL '2026-01-01';

CREATE TABLE accounts (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    reset_token   text,
    created_at    timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN accounts.password_hash IS 'argon2id, never the password itself';
COMMENT ON COLUMN accounts.reset_token IS 'SHA-256 of the token that was mailed';

INSERT INTO accounts (id, email, password_hash, reset_token) VALUES
    ('860994c3-df44-4478-856f-d26f63be7f95', 'desk@readingroom.example',
     '$argon2id$v=19$m=65536,t=3,p=1$bni9MN6QuJzDbmCLEDIXbm$dvmaQQAdE14158rsR+GMdFe7n/zP8RUrr+KUjlSdwWP', NULL),
    ('e6d4c9c3-8b99-43ff-9b4d-42f5ea84aadf', 'night@readingroom.example',
     '$2b$12$4Qm3Lx9nVa2RNO03wijRYCAYjYxp5Zfi9nvj73RcqyBuFAj9T9RXf', 'a6b7c1ddec56f33279b6f365ff9bb3d1a82cfb1c75fa7589e43683ec06a33383');

CREATE TABLE settings (key text PRIMARY KEY, value text NOT NULL);

INSERT INTO settings (key, value) VALUES ('opac_url', 'https://opac.readingroom.example/v2');
INSERT INTO settings (key, value) VALUES ('opac_api_key', 'V8vXlwU5x3jvfsQe2r0mTPw4mLiLeikxe6jvWP6T');
INSERT INTO settings (key, value) VALUES ('mail_password_ref', 'vault:secret/readingroom/mail#password');
INSERT INTO settings (key, value) VALUES ('password_min_length', '12');
INSERT INTO settings (key, value) VALUES ('catalogue_etag', '2c692983a7ecac88be10d66ce9bb853926e10194');

CREATE EXTENSION IF NOT EXISTS postgres_fdw;

CREATE SERVER loans_server FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host 'loans.internal', dbname 'loans', sslmode 'verify-full');
CREATE USER MAPPING FOR seats_app SERVER loans_server OPTIONS (user 'seats', password 'Ruhe_im-Saal.12');
CREATE USER MAPPING FOR reports_app SERVER loans_server OPTIONS (user 'reports', password :'reports_password');

GRANT SELECT ON accounts TO readers;
GRANT SELECT, INSERT, UPDATE ON accounts TO seats;
