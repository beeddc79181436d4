-- When the request was sent whose fate is unknown.
alter table drydock.outgoing add column attempted_at timestamptz;
create index outgoing_uncertain on drydock.outgoing (attempted_at) where is_pending and is_uncertain;
