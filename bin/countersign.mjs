#!/usr/bin/env node
/** The `countersign` command, on any Node from 20: finds the Node 24 that npm brought, and runs the real one on it. */
import { launch } from '../scripts/bootstrap/launch.mjs';

launch(process.argv.slice(2));
