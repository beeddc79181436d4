-- A maintainer lets one commit of a fork's pull request be checked, not what is pushed after it.
alter table drydock.pull_requests drop column is_released;
alter table drydock.pull_requests add column released_sha text;
