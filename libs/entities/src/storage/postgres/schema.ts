/** SQLSTATE of {@link schema}'s function when an expectation doesn't hold; the error's detail is `<sequence> <subject>`. */
export const conflictState = 'CC409';

/** The name of the function that writes a batch; it grows with the function's arguments. */
export const writeFunction = 'ccgame_write_entities_1';

/**
 * A record has the subject that it has in JetStream, and a sequence that counts the writes of its partition. A write is one call of
 * one function: a server that is paused in the middle of it can't keep the partition locked.
 */
export const schema = `
select pg_advisory_xact_lock(hashtext('ccgame entities'));

create table if not exists ccgame_entity_partitions (
  partition text primary key,
  seq bigint not null
);

create table if not exists ccgame_entity_records (
  subject text collate "C" primary key,
  partition text not null,
  seq bigint not null,
  body text not null,
  stored_at timestamptz not null default now(),
  expires_at timestamptz
);

create index if not exists ccgame_entity_records_expiring
  on ccgame_entity_records (partition, expires_at) where expires_at is not null;

-- Where this table alone was dropped: a sequence is given out once.
insert into ccgame_entity_partitions
  select partition, max(seq) from ccgame_entity_records
  where not exists (select 1 from ccgame_entity_partitions) group by partition;

-- For people and reports: read it, and write nothing. A state is as old as its class's checkpointMs.
-- PostgreSQL's text can't have what a player's name may: NUL, and halves of a character. They are shown as U+FFFD.
create or replace view ccgame_entities as
  select part[1] as server_type, part[2] as name, part[3] as id, checkpoint ->> 'version' as version,
    checkpoint -> 'state' as state, stored_at
  from ccgame_entity_records,
    regexp_match(subject, '^entity\\.([^.]+)\\.[^.]+\\.(?:kept|live)\\.([^.]+)\\.(.+)$') as part,
    cast(regexp_replace(body, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g') as json) as checkpoint
  where part[2] <> '_' and (checkpoint ->> 'birth') <> '' and (checkpoint ->> 'ended') is null;

create or replace function ${writeFunction}(
  in_partition text, subjects text[], bodies text[], expected bigint[], ttls integer[]
) returns bigint language plpgsql as $function$
declare
  last_seq bigint;
  standing bigint;
begin
  -- An answer rests on what is stored.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  insert into ccgame_entity_partitions values (in_partition, 0) on conflict do nothing;
  select seq into last_seq from ccgame_entity_partitions where partition = in_partition for update;
  delete from ccgame_entity_records where partition = in_partition and expires_at <= clock_timestamp();
  for place in 1 .. cardinality(subjects) loop
    continue when expected[place] is null;
    select coalesce(max(seq), 0) into standing from ccgame_entity_records where subject = subjects[place];
    if standing <> expected[place] then
      raise exception 'another record stands there'
        using errcode = '${conflictState}', detail = standing || ' ' || subjects[place];
    end if;
  end loop;
  insert into ccgame_entity_records (subject, partition, seq, body, stored_at, expires_at)
    select subject, in_partition, last_seq + place, body, clock_timestamp(),
      clock_timestamp() + make_interval(secs => ttl)
    from unnest(subjects, bodies, ttls) with ordinality as given (subject, body, ttl, place)
    on conflict (subject) do update set
      seq = excluded.seq, body = excluded.body, stored_at = excluded.stored_at, expires_at = excluded.expires_at;
  update ccgame_entity_partitions set seq = last_seq + cardinality(subjects) where partition = in_partition;
  return last_seq + 1;
end $function$;
`;
