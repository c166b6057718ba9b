import { expect, test } from 'vitest';
import { type AddressClass, classifyAddress } from './address-class.ts';

const TABLE: readonly (readonly [AddressClass, readonly string[]])[] = [
  ['public', ['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0']],
  ['public', ['2606:4700::1111', '2a00:1450:4001:80b::200e', '2620:fe::fe', '2001:4860:4860::8888', '2400:cb00::1']],
  ['public', ['::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2606:4700::5efe:808:808']],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '64:ff9b::7f00:1']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '::ffff:10.0.0.1', '64:ff9b::192.168.0.1']],
  ['private', ['2606:4700::5efe:10.0.0.1', '2606:4700::200:5efe:a00:1']],
  ['shared', ['100.64.0.1', '100.127.255.255', '::ffff:100.64.0.1']],
  ['unique_local', ['fc00::1', 'fd12:3456:789a::1', 'fdff:ffff::1']],
  ['link_local', ['169.254.0.1', '169.254.169.253', 'fe80::1', 'febf::1', '::ffff:169.254.1.1']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1']],
  ['broadcast', ['255.255.255.255', '::ffff:255.255.255.255']],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0']],
  ['reserved', ['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '240.0.0.1']],
  ['reserved', ['192.88.99.1', '254.1.2.3', '2001:db8::1', '3fff::1', '2001:2::1', '2001:20::1', '2001:1ff::1']],
  [
    'reserved',
    ['100::1', '5f00::1', '4000::1', '8000::1', 'fec0::1', '200::1', '1000::1', 'e000::1', '2620:4f:8000::1'],
  ],
  ['transition', ['2002:7f00:1::', '2002:808:808::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1']],
  ['transition', ['::127.0.0.1', '::8.8.8.8', '::2', '::ffff:0:127.0.0.1', '64:ff9b:1::10.0.0.1', '64:ff9b:1:fffe::1']],
  ['metadata', ['169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', '192.0.0.192']],
  [
    'metadata',
    ['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', 'fd00:ec2::254', 'FD00:EC2:0::254'],
  ],
  [
    'malformed',
    ['', 'localhost', '127.1', '0x7f.0.0.1', '0177.0.0.1', '2130706433', '1.2.3.4.5', '256.1.1.1', ' 1.1.1.1'],
  ],
  ['malformed', ['fe80::1%eth0', '::1%lo', '[::1]', '1::2::3', '12345::', '1.1.1.1\0', '::ffff:127.1', ':::']],
];

for (const [kind, addresses] of TABLE) {
  test.each(addresses)(`%s is ${kind}`, (address) => {
    expect(classifyAddress(address)).toBe(kind);
  });
}

test('every IPv4 address of a special block is kept out, first and last', () => {
  const blocks = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'];
  blocks.push('192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24');
  blocks.push('203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4');
  for (const block of blocks) {
    const [base = '', bits] = block.split('/');
    const first = base.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    for (const address of [first, first + 2 ** (32 - Number(bits)) - 1]) {
      const text = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
      expect([text, classifyAddress(text) === 'public']).toEqual([text, false]);
      expect([text, classifyAddress(`::ffff:${text}`) === 'public']).toEqual([text, false]);
    }
  }
});
