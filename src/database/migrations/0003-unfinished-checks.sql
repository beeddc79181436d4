-- The sweep looks for checks that were left in progress, in one repository at a time.
create index outgoing_unfinished on drydock.outgoing (repository_id)
  where kind = 'check' and wanted->'check'->>'state' = 'in_progress';
