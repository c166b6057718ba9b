import { parse } from 'lossless-json';

/** A number that JavaScript would write differently, such as 725653563933458432 or 1.0: its text as it came. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What one object says under one name several times, in order. Readers differ on which of them counts. */
export class Repeated {
  readonly values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

/** Reads JSON that somebody else wrote, so that it can be shown as it is. Throws SyntaxError for what is no JSON. */
export function readExact(text: string): unknown {
  return parse(text, null, {
    parseNumber: (source) => (String(Number(source)) === source ? Number(source) : new ExactNumber(source)),
    onDuplicateKey: ({ oldValue, newValue }) =>
      new Repeated([...(oldValue instanceof Repeated ? oldValue.values : [oldValue]), newValue]),
  });
}
