/** What is queued for the chain, wherever: `id` and `place` are its order. */
export const QUEUED = `
  select id, 0 as place, tenant_id, resource_id, actor_id, entry from audit_pending
  union all
  select id, place, (common[event_common]).tenant, resource_id, (common[event_common]).actor_id, entry
  from gateway_queue, unnest(events) with ordinality event (write, event_common, at, resource_id, entry, payload_sha256,
    approval_id, request_id, step, code, detail, body, run_id, on_behalf_of, place)`;
