import type { SimpleTest } from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { getTestRegistry } from '@bufbuild/cel-spec/testdata/registry.js';
import { getConformanceSuite, type IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { type Message, toJsonString } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';

/** The published cases of CEL's specification, against an engine. What an engine says is compared as text. */

/** Evaluates one case: the result in the words of {@link tagged}, or what it threw. `unfit` is a case that it cannot take. */
export type Engine = {
  readonly name: string;
  run(test: SimpleTest, bindings: readonly (readonly [name: string, value: Value])[]): Outcome;
};
export type Outcome = { readonly value: string } | { readonly fault: string } | { readonly unfit: string };

export type Tally = { readonly section: string; readonly passed: number; readonly total: number };

export const registry = getTestRegistry();

/** How many cases of each file of the suite an engine passes, and the names of those it does not. */
export function conformance(engine: Engine): {
  readonly tallies: readonly Tally[];
  readonly failed: readonly string[];
} {
  const failed: string[] = [];
  const tallies = getConformanceSuite().suites.map((suite) => {
    let [passed, total] = [0, 0];
    for (const { path, test } of testsOf(suite)) {
      total += 1;
      if (passes(engine, test)) passed += 1;
      else failed.push(`${path} ${test.expr}`);
    }
    return { section: suite.name, passed, total };
  });
  return { tallies, failed };
}

/** Every case of the suite, with the path to it. */
export function allCases(): { readonly path: string; readonly test: SimpleTest }[] {
  return getConformanceSuite().suites.flatMap((suite) => [...testsOf(suite)]);
}

function* testsOf(suite: IncrementalTestSuite, path = suite.name): Iterable<{ path: string; test: SimpleTest }> {
  for (const { name, original } of suite.tests) yield { path: `${path}/${name}`, test: original };
  for (const inner of suite.suites) yield* testsOf(inner, `${path}/${inner.name}`);
}

function passes(engine: Engine, test: SimpleTest): boolean {
  const bindings: [string, Value][] = [];
  for (const [name, { kind }] of Object.entries(test.bindings)) {
    if (kind.case !== 'value') return false;
    bindings.push([name, kind.value]);
  }
  const outcome = engine.run(test, bindings);
  const { case: kind, value } = test.resultMatcher;
  switch (kind) {
    case 'evalError':
    case 'anyEvalErrors':
      return 'fault' in outcome;
    case 'unknown':
    case 'anyUnknowns':
      return false;
    case 'typedResult':
      if (test.checkOnly || value.result === undefined) return 'value' in outcome;
      return 'value' in outcome && outcome.value === expected(value.result);
    case 'value':
      return 'value' in outcome && outcome.value === expected(value);
    default:
      return 'value' in outcome && outcome.value === 'bool:true';
  }
}

/** A value of the suite as text that tells kinds apart. */
export function expected({ kind }: Value): string {
  switch (kind.case) {
    case 'nullValue':
      return 'null';
    case 'boolValue':
      return `bool:${kind.value}`;
    case 'int64Value':
      return `int:${kind.value}`;
    case 'uint64Value':
      return `uint:${kind.value}`;
    case 'doubleValue':
      return double(kind.value);
    case 'stringValue':
      return `string:${JSON.stringify(kind.value)}`;
    case 'bytesValue':
      return `bytes:${Buffer.from(kind.value).toString('hex')}`;
    case 'enumValue':
      return `int:${kind.value.value}`;
    case 'listValue':
      return list(kind.value.values.map(expected));
    case 'mapValue':
      return map(kind.value.entries.map(({ key, value }) => [expected(key!), expected(value!)]));
    case 'typeValue':
      return `type:${kind.value}`;
    case 'objectValue': {
      const message = anyUnpack(kind.value, registry);
      return message === undefined ? 'message' : messageText(message);
    }
    default:
      return 'nothing';
  }
}

export const double = (value: number): string => `double:${Object.is(value, -0) ? '0' : value}`;
export const list = (items: readonly string[]): string => `list:[${items.join(',')}]`;
export const map = (entries: readonly (readonly [string, string])[]): string =>
  `map:{${entries
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',')}}`;

type Scalar = Message & { readonly value?: unknown; readonly seconds?: bigint; readonly nanos?: number };

/** A message as the value that CEL makes of it, or by its name and JSON. */
export function messageText(message: Message): string {
  const { value, seconds, nanos } = message as Scalar;
  switch (message.$typeName) {
    case 'google.protobuf.Timestamp':
      return `timestamp:${seconds}.${nanos}`;
    case 'google.protobuf.Duration':
      return `duration:${seconds}.${nanos}`;
    case 'google.protobuf.BoolValue':
      return `bool:${value}`;
    case 'google.protobuf.StringValue':
      return `string:${JSON.stringify(value)}`;
    case 'google.protobuf.Int32Value':
    case 'google.protobuf.Int64Value':
      return `int:${value}`;
    case 'google.protobuf.UInt32Value':
    case 'google.protobuf.UInt64Value':
      return `uint:${value}`;
    case 'google.protobuf.DoubleValue':
    case 'google.protobuf.FloatValue':
      return double(value as number);
    case 'google.protobuf.BytesValue':
      return `bytes:${Buffer.from(value as Uint8Array).toString('hex')}`;
    default: {
      const type = registry.getMessage(message.$typeName);
      return `message:${message.$typeName}:${type === undefined ? '' : toJsonString(type, message, { registry })}`;
    }
  }
}
