-- What the rules of environments were asked over when it was judged last: other rules are tried over it.
alter table drydock.pull_requests add column facts jsonb;
