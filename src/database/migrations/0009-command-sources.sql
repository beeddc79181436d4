-- Commands stand in comments, in the text of reviews and in comments on lines; GitHub counts their ids apart.
alter table drydock.commands add column source text not null default 'comment';
-- By GitHub's clock; null where it was not told.
alter table drydock.commands add column posted_at timestamptz;
alter table drydock.commands drop constraint commands_pkey;
alter table drydock.commands add primary key (repository_id, source, comment_id);
