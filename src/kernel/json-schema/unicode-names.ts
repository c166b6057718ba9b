/** The general categories: RE2's name, then the other names that ECMA-262 knows (Unicode, PropertyValueAliases.txt). */
const CATEGORIES =
  'L Letter, Lu Uppercase_Letter, Ll Lowercase_Letter, Lt Titlecase_Letter, LC Cased_Letter, Lm Modifier_Letter, ' +
  'Lo Other_Letter, M Mark Combining_Mark, Mn Nonspacing_Mark, Mc Spacing_Mark, Me Enclosing_Mark, N Number, ' +
  'Nd Decimal_Number digit, Nl Letter_Number, No Other_Number, P Punctuation punct, Pc Connector_Punctuation, ' +
  'Pd Dash_Punctuation, Ps Open_Punctuation, Pe Close_Punctuation, Pi Initial_Punctuation, Pf Final_Punctuation, ' +
  'Po Other_Punctuation, S Symbol, Sm Math_Symbol, Sc Currency_Symbol, Sk Modifier_Symbol, So Other_Symbol, ' +
  'Z Separator, Zs Space_Separator, Zl Line_Separator, Zp Paragraph_Separator, C Other, Cc Control cntrl, Cf Format, ' +
  'Co Private_Use, Cn Unassigned, Cs Surrogate';

/** The scripts, in the same way. */
const SCRIPTS =
  'Adlam Adlm, Ahom, Anatolian_Hieroglyphs Hluw, Arabic Arab, Armenian Armn, Avestan Avst, Balinese Bali, Bamum ' +
  'Bamu, Bassa_Vah Bass, Batak Batk, Bengali Beng, Beria_Erfe Berf, Bhaiksuki Bhks, Bopomofo Bopo, Brahmi Brah, ' +
  'Braille Brai, Buginese Bugi, Buhid Buhd, Canadian_Aboriginal Cans, Carian Cari, Caucasian_Albanian Aghb, Chakma ' +
  'Cakm, Cham, Cherokee Cher, Chorasmian Chrs, Common Zyyy, Coptic Copt Qaac, Cuneiform Xsux, Cypriot Cprt, ' +
  'Cypro_Minoan Cpmn, Cyrillic Cyrl, Deseret Dsrt, Devanagari Deva, Dives_Akuru Diak, Dogra Dogr, Duployan Dupl, ' +
  'Egyptian_Hieroglyphs Egyp, Elbasan Elba, Elymaic Elym, Ethiopic Ethi, Garay Gara, Georgian Geor, Glagolitic ' +
  'Glag, Gothic Goth, Grantha Gran, Greek Grek, Gujarati Gujr, Gunjala_Gondi Gong, Gurmukhi Guru, Gurung_Khema ' +
  'Gukh, Han Hani, Hangul Hang, Hanifi_Rohingya Rohg, Hanunoo Hano, Hatran Hatr, Hebrew Hebr, Hiragana Hira, ' +
  'Imperial_Aramaic Armi, Inherited Qaai Zinh, Inscriptional_Pahlavi Phli, Inscriptional_Parthian Prti, Javanese ' +
  'Java, Kaithi Kthi, Kannada Knda, Katakana Kana, Kawi, Kayah_Li Kali, Kharoshthi Khar, Khitan_Small_Script Kits, ' +
  'Khmer Khmr, Khojki Khoj, Khudawadi Sind, Kirat_Rai Krai, Lao Laoo, Latin Latn, Lepcha Lepc, Limbu Limb, Linear_A ' +
  'Lina, Linear_B Linb, Lisu, Lycian Lyci, Lydian Lydi, Mahajani Mahj, Makasar Maka, Malayalam Mlym, Mandaic Mand, ' +
  'Manichaean Mani, Marchen Marc, Masaram_Gondi Gonm, Medefaidrin Medf, Meetei_Mayek Mtei, Mende_Kikakui Mend, ' +
  'Meroitic_Cursive Merc, Meroitic_Hieroglyphs Mero, Miao Plrd, Modi, Mongolian Mong, Mro Mroo, Multani Mult, ' +
  'Myanmar Mymr, Nabataean Nbat, Nag_Mundari Nagm, Nandinagari Nand, New_Tai_Lue Talu, Newa, Nko Nkoo, Nushu Nshu, ' +
  'Nyiakeng_Puachue_Hmong Hmnp, Ogham Ogam, Ol_Chiki Olck, Ol_Onal Onao, Old_Hungarian Hung, Old_Italic Ital, ' +
  'Old_North_Arabian Narb, Old_Permic Perm, Old_Persian Xpeo, Old_Sogdian Sogo, Old_South_Arabian Sarb, Old_Turkic ' +
  'Orkh, Old_Uyghur Ougr, Oriya Orya, Osage Osge, Osmanya Osma, Pahawh_Hmong Hmng, Palmyrene Palm, Pau_Cin_Hau ' +
  'Pauc, Phags_Pa Phag, Phoenician Phnx, Psalter_Pahlavi Phlp, Rejang Rjng, Runic Runr, Samaritan Samr, Saurashtra ' +
  'Saur, Sharada Shrd, Shavian Shaw, Siddham Sidd, Sidetic Sidt, SignWriting Sgnw, Sinhala Sinh, Sogdian Sogd, ' +
  'Sora_Sompeng Sora, Soyombo Soyo, Sundanese Sund, Sunuwar Sunu, Syloti_Nagri Sylo, Syriac Syrc, Tagalog Tglg, ' +
  'Tagbanwa Tagb, Tai_Le Tale, Tai_Tham Lana, Tai_Viet Tavt, Tai_Yo Tayo, Takri Takr, Tamil Taml, Tangsa Tnsa, ' +
  'Tangut Tang, Telugu Telu, Thaana Thaa, Thai, Tibetan Tibt, Tifinagh Tfng, Tirhuta Tirh, Todhri Todr, Tolong_Siki ' +
  'Tols, Toto, Tulu_Tigalari Tutg, Ugaritic Ugar, Unknown Zzzz, Vai Vaii, Vithkuqi Vith, Wancho Wcho, Warang_Citi ' +
  'Wara, Yezidi Yezi, Yi Yiii, Zanabazar_Square Zanb';

/** The sets without a value that RE2 has under the same name, or that are short enough to write out. */
const BINARY: ReadonlyMap<string, string> = new Map([
  ['Any', '\\x{0}-\\x{10FFFF}'],
  ['ASCII', '\\x{0}-\\x{7F}'],
  ['Alphabetic', '\\p{Alphabetic}'],
  ['Alpha', '\\p{Alphabetic}'],
  ['Assigned', '\\P{Cn}'],
]);

const byName = (list: string): ReadonlyMap<string, string> =>
  new Map(
    list.split(', ').flatMap((entry) => {
      const names = entry.trim().split(' ');
      return names.map((name) => [name, `\\p{${names[0]}}`] as const);
    }),
  );

const VALUES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['General_Category', byName(CATEGORIES)],
  ['gc', byName(CATEGORIES)],
  ['Script', byName(SCRIPTS)],
  ['sc', byName(SCRIPTS)],
]);

/**
 * What stands in an RE2 class for the characters that `\p{property}` or `\p{property=value}` means in ECMA-262, or
 * undefined for a set that RE2 does not have, as most of the binary ones.
 */
export function unicodeSet(property: string, value: string | null): string | undefined {
  if (value !== null) return VALUES.get(property)?.get(value);
  return VALUES.get('gc')?.get(property) ?? BINARY.get(property);
}
