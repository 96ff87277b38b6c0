// What a driver hears and says: one JSON document a line.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export async function heard() {
  const { value } = await lines.next();
  return JSON.parse(value);
}

// Has the test do something at the browser, and returns what came of it.
export async function ask(what, value) {
  process.stdout.write(`${JSON.stringify({ [what]: value })}\n`);
  return heard();
}

export function tell(found) {
  process.stdout.write(`${JSON.stringify({ found })}\n`, () => process.exit(0));
}

// The error of a call that must fail.
export async function refused(call) {
  try {
    await call();
  } catch (error) {
    return `${error.error ?? error.name}: ${error.error_description ?? error.message}`;
  }
  return 'it was not refused';
}
