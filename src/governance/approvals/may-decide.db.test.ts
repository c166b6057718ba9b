import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { openTestStore, type TestStore } from '../../../test/support/store.ts';
