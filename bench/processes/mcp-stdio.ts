import { createInterface } from 'node:readline';
import { answerMcp } from '../load/mcp-answer.ts';

/** The MCP server of the benchmark as a local process: one message a line. */
createInterface({ input: process.stdin }).on('line', (line) => {
  const answer = answerMcp(JSON.parse(line));
  if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
});
