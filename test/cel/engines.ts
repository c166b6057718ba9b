import {
  type CelInput,
  celEnv,
  celUint,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  parse,
  plan,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import type { Message } from '@bufbuild/protobuf';
import { isReflectMessage } from '@bufbuild/protobuf/reflect';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Environment, Optional, ParseError } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { double, type Engine, list, map, messageText, registry } from './conformance.ts';

/** The two engines that were compared, as the cases of the specification ask them. */

class Unfit extends Error {}

const celJs: Environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
});

export const MARCBACHMANN: Engine = {
  name: '@marcbachmann/cel-js 8.0.0',
  run({ expr, disableCheck }, bindings) {
    try {
      const values = Object.fromEntries(bindings.map(([name, value]) => [name, ofCelJs(value)]));
      const parsed = celJs.parse(expr);
      const checked = disableCheck ? undefined : parsed.check();
      if (checked?.valid === false) return { fault: checked.error!.message };
      return { value: taggedCelJs(parsed(values)) };
    } catch (fault) {
      if (fault instanceof Unfit || fault instanceof ParseError) return { unfit: fault.message };
      return { fault: String(fault) };
    }
  },
};

function ofCelJs({ kind }: Value): unknown {
  switch (kind.case) {
    case 'nullValue':
      return null;
    case 'uint64Value':
      return new UnsignedInt(kind.value);
    case 'enumValue':
      return BigInt(kind.value.value);
    case 'listValue':
      return kind.value.values.map(ofCelJs);
    case 'mapValue':
      return new Map(kind.value.entries.map(({ key, value }) => [ofCelJs(key!), ofCelJs(value!)]));
    case 'objectValue': {
      const message = anyUnpack(kind.value, registry) as (Message & { seconds: bigint; nanos: number }) | undefined;
      if (message?.$typeName === 'google.protobuf.Timestamp') {
        return new Date(Number(message.seconds) * 1000 + Math.floor(message.nanos / 1e6));
      }
      if (message?.$typeName === 'google.protobuf.Duration') return new Duration(message.seconds, message.nanos);
      throw new Unfit('it has no messages');
    }
    case 'typeValue':
    case undefined:
      throw new Unfit('it has no such value');
    default:
      return kind.value;
  }
}

function taggedCelJs(value: unknown): string {
  if (value instanceof Date) {
    const ms = value.getTime();
    return `timestamp:${Math.floor(ms / 1000)}.${(((ms % 1000) + 1000) % 1000) * 1e6}`;
  }
  if (value instanceof Duration) return `duration:${value.seconds}.${value.nanos}`;
  if (value instanceof UnsignedInt) return `uint:${value.valueOf()}`;
  if (value instanceof Optional) return value.hasValue() ? `optional:${taggedCelJs(value.value())}` : 'optional:';
  if (value instanceof Map) return map([...value].map(([key, one]) => [taggedCelJs(key), taggedCelJs(one)]));
  const named = Object.prototype.toString.call(value).match(/^\[object Type<(.+)>\]$/)?.[1];
  if (named !== undefined) return `type:${named === 'null' ? 'null_type' : named}`;
  return tagged(value, taggedCelJs);
}

const env = { registry, funcs: strings };
const celEs = new Map<string, ReturnType<typeof celEnv>>();

export const BUFBUILD: Engine = {
  name: '@bufbuild/cel 0.6.1',
  run({ expr, container }, bindings) {
    try {
      const values = Object.fromEntries(bindings.map(([name, value]) => [name, ofCelEs(value)]));
      const own = celEs.get(container) ?? celEnv({ ...env, namespace: container });
      celEs.set(container, own);
      let parsed: ReturnType<typeof parse>;
      try {
        parsed = parse(expr);
      } catch (fault) {
        return { unfit: String(fault) };
      }
      const said = plan(own, parsed)(values);
      return isCelError(said) ? { fault: String(said) } : { value: taggedCelEs(said) };
    } catch (fault) {
      return { fault: String(fault) };
    }
  },
};

function ofCelEs({ kind }: Value): CelInput {
  switch (kind.case) {
    case 'nullValue':
      return null;
    case 'uint64Value':
      return celUint(kind.value);
    case 'enumValue':
      return BigInt(kind.value.value);
    case 'listValue':
      return kind.value.values.map(ofCelEs);
    case 'mapValue':
      return new Map(kind.value.entries.map(({ key, value }) => [ofCelEs(key!) as string, ofCelEs(value!)]));
    case 'objectValue':
      return anyUnpack(kind.value, registry) as CelInput;
    default:
      return kind.value as CelInput;
  }
}

function taggedCelEs(value: unknown): string {
  if (isCelUint(value)) return `uint:${value.value}`;
  if (isCelType(value)) return `type:${value.name}`;
  if (isCelList(value)) return list([...value].map(taggedCelEs));
  if (isCelMap(value)) return map([...value].map(([key, one]) => [taggedCelEs(key), taggedCelEs(one)]));
  if (isReflectMessage(value)) return messageText(value.message);
  return tagged(value, taggedCelEs);
}

/** What both have in common: JavaScript's own values. */
function tagged(value: unknown, inner: (value: unknown) => string): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return list(value.map(inner));
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  switch (typeof value) {
    case 'bigint':
      return `int:${value}`;
    case 'number':
      return double(value);
    case 'boolean':
      return `bool:${value}`;
    case 'string':
      return `string:${JSON.stringify(value)}`;
    case 'object':
      return map(Object.entries(value).map(([key, one]) => [inner(key), inner(one)]));
    default:
      return typeof value;
  }
}
