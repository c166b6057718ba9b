import { sql } from 'kysely';
import type { Page } from '../../kernel/page.ts';
import { contains } from '../../store/contains.ts';
import { pagedList } from '../../store/paged-list.ts';
import type { TenantTx } from '../../store/store.ts';
import type { ListSecretsQuery, SecretView } from './schemas.ts';

const USED_MAX = 100;

type VersionRow = { number: number; written_by: string; written_at: string };

function secrets(tx: TenantTx) {
  return tx.db
    .selectFrom('secrets as s')
    .where('s.tenant_id', '=', tx.tenantId)
    .select(['s.id', 's.name', 's.client_id', 's.hosts', 's.version', 's.last_used_at', 's.created_at', 's.updated_at'])
    .select(
      sql<VersionRow[]>`(select json_agg(json_build_object('number', v.number, 'written_by', v.written_by,
          'written_at', v.created_at) order by v.number desc)
        from secret_versions v where v.tenant_id = s.tenant_id and v.secret_id = s.id)`.as('versions'),
    )
    .select(
      sql<SecretView['used_by']>`(select coalesce(json_agg(json_build_object('kind', u.kind, 'id', u.id, 'name', u.name)
          order by u.kind, u.name), '[]') from (
        select 'connector' as kind, n.id, n.name from connectors n
          where n.tenant_id = s.tenant_id and n.status = 'active'
            and position('{{secret:' || s.name || '}}' in n.config::text) > 0
        union all
        select 'tool', t.id, t.name from tools t
          where t.tenant_id = s.tenant_id and t.status = 'active'
            and position('{{secret:' || s.name || '}}' in t.handler_config::text) > 0
        limit ${sql.lit(USED_MAX)}) u)`.as('used_by'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof secrets>['executeTakeFirstOrThrow']>>;

function view({ versions, last_used_at, created_at, updated_at, ...row }: Row): SecretView {
  return {
    ...row,
    versions: versions.map(({ written_at, ...version }) => ({
      ...version,
      written_at: new Date(written_at).toISOString(),
    })),
    last_used_at: last_used_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  };
}

/** The secrets of the workspace and of its clients, without their values. */
export async function listSecrets(
  tx: TenantTx,
  { q, client_id, ...page }: ListSecretsQuery,
): Promise<Page<SecretView>> {
  let query = secrets(tx);
  if (client_id !== undefined) query = query.where('s.client_id', '=', client_id);
  if (q !== undefined) query = query.where(contains('s.name', q));
  return pagedList(tx, query, 's.id', page, view);
}

/** One secret without its value, or undefined when there is none by that id here. */
export async function findSecret(tx: TenantTx, id: string): Promise<SecretView | undefined> {
  const row = await secrets(tx).where('s.id', '=', id).executeTakeFirst();
  return row && view(row);
}

/** A secret as somebody may use it: the client's own, or else the workspace's, with what its value is bound to. */
export type SealedSecret = {
  readonly id: string;
  readonly name: string;
  readonly clientId: string | null;
  readonly hosts: readonly string[];
  readonly number: number;
  readonly sealed: string;
};

/** The secrets by these names that hold for a client, or for nobody in particular. */
export async function readSealed(
  tx: TenantTx,
  names: readonly string[],
  clientId: string | null,
): Promise<SealedSecret[]> {
  const rows = await tx.db
    .selectFrom('secrets as s')
    .innerJoin('secret_versions as v', (join) =>
      join
        .onRef('v.tenant_id', '=', 's.tenant_id')
        .onRef('v.secret_id', '=', 's.id')
        .onRef('v.number', '=', 's.version'),
    )
    .where('s.tenant_id', '=', tx.tenantId)
    .where('s.name', 'in', names)
    .where((eb) => eb.or([eb('s.client_id', 'is', null), eb('s.client_id', '=', clientId)]))
    .distinctOn('s.name')
    .orderBy('s.name')
    .orderBy(sql`s.client_id is null`)
    .select(['s.id', 's.name', 's.client_id', 's.hosts', 'v.number', 'v.sealed'])
    .execute();
  return rows.map(({ client_id: clientId, ...row }) => ({ ...row, clientId }));
}

/** What an audit entry says of a secret: never its value, nor how long that is. */
export function secretState({ id, name, client_id, hosts, version }: SecretView): object {
  return { id, name, client_id, hosts, version };
}
