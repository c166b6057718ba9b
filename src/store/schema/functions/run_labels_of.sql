-- Until when a run has its labels: what a token does without end, for a day without another label; a run that has a name,
-- for thirty.
create or replace function run_labels_end(run text, labelled_at timestamptz) returns timestamptz
  language sql stable parallel safe
  return labelled_at + case when run like 'open:%' then interval '24 hours' else interval '720 hours' end;
-- The labels on these runs of a principal together, in order, each once.
create or replace function run_labels_of(p_tenant uuid, p_principal text, p_runs text[]) returns text[]
  language sql stable
  return coalesce((
    select array_agg(distinct l.label order by l.label) from run_labels r, unnest(r.labels) l (label)
    where r.tenant_id = p_tenant and r.principal_id = p_principal and r.run = any (p_runs)
      and run_labels_end(r.run, r.labelled_at) > clock_timestamp()), '{}');
-- Labels that people take off may let a call pass that would be held: nothing that was decided with them there stands.
create or replace trigger bump after delete on run_labels for each row
  when (run_labels_end(old.run, old.labelled_at) > clock_timestamp()) execute function bump_facts();
