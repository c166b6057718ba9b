import { type ReactNode, useState } from 'react';
import { TextField } from '../../components/field.tsx';
import { EntryForm } from './entry-form.tsx';
import { GatePage } from './gate-page.tsx';
import { LinkGate } from './link-gate.tsx';
import { NewPasswordField } from './password-fields.tsx';
import { post, useEntry } from './use-entry.ts';

/** The first page of an empty installation: its owner and its workspace. */
export function SetUp(): ReactNode {
  const help = 'Start the server again for a new one, or use `countersign init`. If it has been set up, sign in.';
  return (
    <LinkGate page="setup" title="Set up Countersign" kind="setup" help={help}>
      {(token) => <Form token={token} />}
    </LinkGate>
  );
}

function Form({ token }: { token: string }): ReactNode {
  const [workspace, setWorkspace] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const short = slug ?? slugOf(workspace);
  const setUp = useEntry(() =>
    post('setup', { token, email, name, password, workspace: { slug: short, name: workspace } }),
  );
  return (
    <GatePage title="Set up Countersign" lead="Nobody has an account yet. You become the owner.">
      <EntryForm entry={setUp} action="Make the workspace">
        <TextField
          label="Workspace"
          name="organization"
          autoComplete="organization"
          placeholder="Acme Europe"
          required
          maxLength={80}
          autoFocus
          value={workspace}
          error={setUp.about('workspace.name')}
          onChange={(event) => setWorkspace(event.target.value)}
        />
        <TextField
          label="Its short name, for addresses"
          name="slug"
          required
          maxLength={40}
          hint="Lower-case letters, digits and hyphens."
          value={short}
          error={setUp.about('workspace.slug')}
          onChange={(event) => setSlug(event.target.value)}
        />
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          required
          maxLength={80}
          value={name}
          error={setUp.about('name')}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Your e-mail address"
          type="email"
          name="email"
          autoComplete="email"
          required
          value={email}
          error={setUp.about('email')}
          onChange={(event) => setEmail(event.target.value)}
        />
        <NewPasswordField
          label="Choose a password"
          email={email}
          value={password}
          error={setUp.about('password')}
          onChange={setPassword}
        />
      </EntryForm>
    </GatePage>
  );
}

/** A short name from a long one: `Acme Europe` gives `acme-europe`. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
}
