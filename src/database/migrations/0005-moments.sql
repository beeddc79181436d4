-- The first moment at which the verdict that stands may be another although nothing moves: it is judged again then.
alter table drydock.pull_requests add column changes_at timestamptz;
alter table drydock.merge_groups add column changes_at timestamptz;
create index pull_requests_due on drydock.pull_requests (changes_at) where is_open and changes_at is not null;
create index merge_groups_due on drydock.merge_groups (changes_at) where is_open and changes_at is not null;
-- What was judged before this was kept rests on exceptions whose days are not known here: it is judged again at once.
update drydock.pull_requests p set changes_at = now()
where is_open and exists (
  select 1 from drydock.audit a
  where a.repository_id = p.repository_id and a.number = p.number and a.what = 'exception-used'
    and a.detail->>'headSha' = p.head_sha and a.detail->>'expires' is not null);
