create table if not exists "untorn_sessions" (
  key bytea primary key,
  version bigint not null,
  "values" jsonb not null,
  texts jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  owner text
) with (fillfactor = 70);

create index if not exists "untorn_sessions_expires_at" on "untorn_sessions" (expires_at);

create index if not exists "untorn_sessions_owner" on "untorn_sessions" (owner, key) where owner is not null;

comment on table "untorn_sessions" is 'HTTP sessions, kept by untorn';

comment on column "untorn_sessions"."key" is 'SHA-256 of the session id, which is in the cookie and nowhere else';

comment on column "untorn_sessions"."version" is 'Rises by one with every change of values';

comment on column "untorn_sessions"."values" is 'The values by name, to look at: sessions are made of texts';

comment on column "untorn_sessions"."texts" is 'The JSON text of each value by name, to the last byte. Whoever changes a value with SQL changes it in both, and raises the version by one';

comment on column "untorn_sessions"."created_at" is 'When the session began';

comment on column "untorn_sessions"."expires_at" is 'From this moment on the session is absent; a sweep removes the row later';

comment on column "untorn_sessions"."owner" is 'The user that the session belongs to, as the application calls it';
