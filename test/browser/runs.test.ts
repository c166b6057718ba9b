import { describe, expect, test } from 'vitest';
import { made } from '../support/workbench.ts';
import { at, type Desk, hasBrowser, leave, useDesk } from './desk.ts';
import { faultsOf } from './faults.ts';

const RULE = [
  {
    name: 'Has read what strangers wrote',
    when: "'untrusted' in run.labels",
    policy: 'approve',
  },
];
const NOTE = { text: 'Forwarded.' };

describe.skipIf(!hasBrowser)('runs and their labels', () => {
  let desk: Desk;
  let clientId: string;
  useDesk(async (started) => {
    desk = started;
    clientId = desk.gate.demo.clients[0]!.id;
  });

  const call = async (tool: string, args: object, run_id: string) =>
    (
      await desk.gate.client()('POST', '/api/agent/gateway', {
        tool,
        arguments: args,
        run_id,
        on_behalf_of: 'customer-7',
      })
    ).body;

  test('a tool is marked, a run reads it, its next call waits with the reason, and an admin takes the label off', async () => {
    const owner = await desk.gate.person('owner');
    const tool = made(await owner('GET', '/v1/tools?q=help.search')).items[0];
    const grant = made(await owner('GET', `/v1/clients/${clientId}/grants?q=notes.draft`)).items[0];
    made(await owner('PATCH', `/v1/clients/${clientId}/grants/${grant.id}`, { rules: RULE }));

    const page = await desk.signedIn('admin', { reducedMotion: 'reduce' });
    await page.goto(at(`tools/${tool.id}`));
    await page.getByRole('button', { name: 'Change…' }).click();
    await page.getByLabel('Labels on the run').fill('Untrusted');
    await page.getByRole('button', { name: 'Save the tool' }).click();
    await page.getByText('use up to 32 lower-case letters').waitFor();
    await page.getByLabel('Labels on the run').fill('untrusted');
    await page.getByRole('button', { name: 'Save the tool' }).click();
    await page.getByRole('button', { name: 'Change…' }).waitFor();
    await page.getByText('untrusted', { exact: true }).waitFor();

    expect(await call('notes.draft', NOTE, 'conversation-42')).toMatchObject({ status: 'executed' });
    expect(await call('help.search', { q: 'refunds' }, 'conversation-42')).toMatchObject({ status: 'executed' });
    const held = await call('notes.draft', NOTE, 'conversation-42');
    expect(held).toMatchObject({ status: 'pending_approval', policy: 'approve' });

    await page.goto(at(`inbox/${held.approval_id}`));
    await page.getByText('by the rule Has read what strangers wrote').waitFor();
    await page.getByText('The run has read').waitFor();
    await page.getByText('customer-7 as the caller says').waitFor();
    expect(await faultsOf(page)).toEqual([]);

    await page.goto(at(`activity/${held.execution_id}`));
    await page.getByText('Labels on it now').waitFor();
    await page.getByRole('link', { name: 'conversation-42' }).click();
    await page.waitForURL(/run_id=/);
    await expect.poll(() => page.locator('table [data-row]').count()).toBe(3);

    await page.goto(at(`clients/${clientId}?tab=labels`));
    await page.getByRole('row', { name: /conversation-42/ }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take off all…' }).click();
    await page.getByLabel('Why').fill('The agent has begun anew.');
    await page.getByRole('button', { name: 'Take off', exact: true }).click();
    await page.getByText('No run has a label').waitFor();
    expect(await call('notes.draft', NOTE, 'conversation-42')).toMatchObject({ status: 'executed' });
    await leave(page);

    const viewer = await desk.signedIn('viewer');
    await viewer.goto(at(`clients/${clientId}?tab=labels`));
    await viewer.getByText('No run has a label').waitFor();
    await leave(viewer);
  });
});
