import type { BlockReason } from './egress-guard.ts';

/** URLs that nobody reaches without an exception, by what the guard says of them: for every way out. */
export const HOSTILE: readonly (readonly [BlockReason, readonly string[]])[] = [
  [
    'loopback',
    ['http://127.0.0.1/', 'http://127.0.0.1:8080/x', 'https://127.9.9.9/', 'http://[::1]/', 'http://[::1]:3000/'],
  ],
  ['loopback', ['http://[::ffff:7f00:1]/', 'http://[64:ff9b::7f00:1]/']],
  ['private', ['http://10.1.2.3/', 'http://172.20.0.1/', 'http://192.168.0.1/', 'http://[::ffff:a00:1]/']],
  ['metadata', ['http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/', 'http://[::ffff:a9fe:a9fe]/']],
  ['metadata', ['http://100.100.100.200/', 'http://168.63.129.16/']],
  ['link_local', ['http://169.254.1.1/', 'http://[fe80::1]/']],
  ['unspecified', ['http://0.0.0.0/', 'http://[::]/']],
  ['shared', ['http://100.64.1.1/']],
  ['unique_local', ['http://[fd12::1]/']],
  ['transition', ['http://[2002:7f00:1::]/', 'http://[::7f00:1]/', 'http://[64:ff9b:1::a00:1]/']],
  ['broadcast', ['http://255.255.255.255/']],
  ['multicast', ['http://224.0.0.1/', 'http://[ff02::1]/']],
  ['reserved', ['http://192.0.2.1/', 'http://240.0.0.1/', 'http://[2001:db8::1]/', 'http://[100::1]/']],
  // Spellings that a URL parser rewrites to something else.
  ['host', ['http://2130706433/', 'http://0x7f000001/', 'http://0x7f.1/', 'http://017700000001/', 'http://127.1/']],
  [
    'host',
    ['http://0177.0.0.1/', 'http://127.0.0.1./', 'http://0x7f.0x0.0x0.0x1/', 'http://127.0.0.01/', 'http://8.8.2056/'],
  ],
  ['host', ['http://[::ffff:127.0.0.1]/', 'http://[0:0:0:0:0:0:0:1]/', 'http://[::0001]/', 'http://[::ffff:8.8.8.8]/']],
  ['host', ['http://[fe80::1%25eth0]/', 'http://[fe80::1%eth0]/', 'http://[::1', 'http://::1/', 'http://[::1]x/']],
  [
    'host',
    ['http://localhost./', 'http://example.com./', 'http://a..b/', 'http://%6cocalhost/', 'http://exa%6dple.com/'],
  ],
  [
    'host',
    ['http:///', 'http://:80/', 'http:///etc/passwd', 'http://256.1.1.1/', 'http://1.2.3.4.5/', 'http://ex!ample.com/'],
  ],
  [
    'host',
    [
      'http://-a.example/',
      'http://a-.example/',
      `http://${'a'.repeat(64)}.example/`,
      'http://xn--/',
      'http://a.example:',
    ],
  ],
  [
    'host',
    [
      'http://a.example:080/',
      'http://a.example:0/',
      'http://a.example:99999/',
      'http://a.example:8o/',
      'http://a:1:2/',
    ],
  ],
  [
    'url',
    [
      'http://１２７.0.0.1/',
      'http://ⓛocalhost/',
      'http://münchen.example/',
      'http://127。0。0。1/',
      'http://a\u00adb.example/',
    ],
  ],
  [
    'url',
    [
      'http://a.example\\@b.example/',
      'http:\\\\127.0.0.1\\',
      ' http://a.example/',
      'http://a.example/ x',
      'http://a\tb/',
    ],
  ],
  [
    'url',
    [
      'http:127.0.0.1',
      'http:/127.0.0.1',
      '//127.0.0.1/',
      '/relative',
      '',
      'a.example',
      `http://a.example/${'x'.repeat(2048)}`,
    ],
  ],
  [
    'scheme',
    ['ftp://a.example/', 'file:///etc/passwd', 'gopher://a.example:70/', 'ws://a.example/', 'unix://x/', 'data://x'],
  ],
  [
    'userinfo',
    ['http://user@a.example/', 'http://u:p@a.example/', 'http://@a.example/', 'http://a.example@127.0.0.1/'],
  ],
  ['userinfo', ['http://a.example:80@127.0.0.1/', 'http://127.0.0.1%2523@a.example/']],
  [
    'local_name',
    ['http://localhost/', 'http://LOCALHOST:80/', 'http://a.localhost/', 'http://printer.local/', 'http://redis/'],
  ],
  [
    'local_name',
    ['http://metadata.google.internal/', 'http://metadata/', 'http://db.internal:8080/', 'http://nas.lan/'],
  ],
  ['local_name', ['http://x.home.arpa/', 'http://intranet/', 'http://ldap.corp/', 'http://localhost.localdomain/']],
  ['port', ['http://a.example:22/', 'http://a.example:25/', 'http://1.1.1.1:6379/', 'https://a.example:5432/']],
];
