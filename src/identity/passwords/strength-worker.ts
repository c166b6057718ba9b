import { parentPort, workerData } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

const { password, about, maxLength } = workerData as { password: string; about: string[]; maxLength: number };
const judge = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength });
const { score } = judge.check(password, about);
parentPort!.postMessage({ score });
