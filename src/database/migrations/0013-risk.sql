-- How urgently the end of a green verdict has to be told; 0 for one that lets nothing in.
alter table drydock.pull_requests add column risk smallint not null default 0;
