import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Client, clientOf } from '../src/client.ts'
import { formatIp, isWithin, parseIp, parseNetwork } from '../src/ip.ts'
import { readSettings, SettingError } from '../src/settings.ts'

type Headers = Readonly<Record<string, string>>

/** The client of a request under a setting of `TRUST_PROXY`. */
function client(setting: string, peer: string | undefined, headers: Headers): Client {
  const { trustProxy } = readSettings({ TRUST_PROXY: setting })
  const place = () => ({ by: 'peer', country: 'SE' })
  return clientOf({ address: peer, by: 'socket', place }, (name) => headers[name], {
    trust: trustProxy,
    locate: (address) => ({ by: 'geoip', country: 'IT', city: address }),
  })
}

/** As `address by`. */
function told(setting: string, peer: string | undefined, headers: Headers): string {
  const { address, by } = client(setting, peer, headers)
  return `${address} ${by}`
}

const chain = (text: string): Headers => ({ 'x-forwarded-for': text })
const SOCKET = '192.0.2.1 socket'

const forged: Headers = {
  'x-forwarded-for': '203.0.113.1',
  'cf-connecting-ip': '203.0.113.2',
  'true-client-ip': '203.0.113.3',
  forwarded: 'for=203.0.113.4',
  'x-real-ip': '203.0.113.5',
  'x-client-ip': '203.0.113.6',
  'x-cluster-client-ip': '203.0.113.7',
  'fly-client-ip': '203.0.113.8',
  'x-nf-client-connection-ip': '203.0.113.9',
  'eo-connecting-ip': '203.0.113.10',
  'cloudfront-viewer-address': '203.0.113.11:443',
  'cf-ipcountry': 'KP',
  'x-vercel-ip-country': 'KP',
}

describe('no header is believed', () => {
  test('unless a proxy is named', () => {
    for (const setting of ['', ' ', '0']) expect(told(setting, '192.0.2.1', forged)).toBe(SOCKET)
    expect(client('', '192.0.2.1', forged).place()).toEqual({ by: 'peer', country: 'SE' })
  })

  test('but that of the proxy that is named', () => {
    expect(told('1', '192.0.2.1', forged)).toBe('203.0.113.1 x-forwarded-for')
    expect(told('192.0.2.1', '192.0.2.1', forged)).toBe('203.0.113.1 x-forwarded-for')
    expect(told('cloudflare', '192.0.2.1', forged)).toBe('203.0.113.2 cf-connecting-ip')
    const { 'cf-connecting-ip': _, ...others } = forged
    expect(told('cloudflare', '192.0.2.1', others)).toBe(SOCKET)
    expect(client('cloudflare', '192.0.2.1', others).place()).toEqual({ by: 'peer', country: 'SE' })
  })
})

describe('the other end of the connection', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['junk', undefined],
    [undefined, undefined],
  ])('%s is %s', (peer, address) => {
    expect(client('', peer, {}).address).toBe(address)
  })

  test('without an address has no place', () => {
    expect(client('', undefined, {}).place()).toBeUndefined()
  })
})

describe('hops', () => {
  test.each([
    ['1', '203.0.113.9', '203.0.113.9 x-forwarded-for'],
    ['1', '6.6.6.6, 203.0.113.9', '203.0.113.9 x-forwarded-for'],
    ['2', '6.6.6.6, 203.0.113.9, 198.51.100.1', '203.0.113.9 x-forwarded-for'],
    ['2', '203.0.113.9', SOCKET],
    ['3', '6.6.6.6, 203.0.113.9', SOCKET],
    ['1', '', SOCKET],
    ['1', '203.0.113.9,', SOCKET],
    ['2', '203.0.113.9,', '203.0.113.9 x-forwarded-for'],
    ['1', '6.6.6.6, unknown', SOCKET],
    ['1', '6.6.6.6, _hidden', SOCKET],
    ['1', '6.6.6.6, 203.0.113.9 x', SOCKET],
    ['1', '"203.0.113.9"', SOCKET],
    ['1', 'for=203.0.113.9', SOCKET],
    ['1', 'localhost', SOCKET],
    ['2', 'junk, 203.0.113.9, 198.51.100.1', '203.0.113.9 x-forwarded-for'],
    ['1', '203.0.113.9:4711', '203.0.113.9 x-forwarded-for'],
    ['1', '[2001:db8::9]:4711', '2001:db8::9 x-forwarded-for'],
    ['1', '[2001:db8::9]', '2001:db8::9 x-forwarded-for'],
    ['1', '2001:DB8:0::9', '2001:db8::9 x-forwarded-for'],
    ['1', '::ffff:203.0.113.9', '203.0.113.9 x-forwarded-for'],
    ['1', '::FFFF:cb00:7109', '203.0.113.9 x-forwarded-for'],
    ['1', 'fe80::1%eth0', SOCKET],
    ['1', '[203.0.113.9]', SOCKET],
    ['1', '203.0.113.9:port', SOCKET],
    ['1', '0313.0.113.9', SOCKET],
    ['1', '0xcb.0.113.9', SOCKET],
    ['1', '203.0.113', SOCKET],
    ['1', '3405803785', SOCKET],
    ['1', '203.0.113.256', SOCKET],
    ['1', '203.0.113.9.', SOCKET],
    ['1', '203.0.113.09', SOCKET],
    ['1', '2001:db8::9::1', SOCKET],
    ['1', '２０３.0.113.9', SOCKET],
  ])('%s in "%s" make it %s', (hops, value, expected) => {
    expect(told(hops, '192.0.2.1', chain(value))).toBe(expected)
  })

  test('are counted from the right, however long the header is', () => {
    expect(told('1', '192.0.2.1', chain(`${'6.6.6.6,'.repeat(2000)}203.0.113.9`))).toBe(
      '203.0.113.9 x-forwarded-for',
    )
    expect(told('1', '192.0.2.1', chain('1'.repeat(16_000)))).toBe(SOCKET)
  })
})

describe('networks', () => {
  const NETS = '192.0.2.0/24, 10.0.0.0/8 2001:db8:1::/48'
  test.each([
    ['192.0.2.1', '203.0.113.9', '203.0.113.9 x-forwarded-for'],
    ['192.0.2.1', '6.6.6.6, 203.0.113.9, 10.1.2.3', '203.0.113.9 x-forwarded-for'],
    ['192.0.2.1', '6.6.6.6, 203.0.113.9, 2001:db8:1::7, 10.1.2.3', '203.0.113.9 x-forwarded-for'],
    ['192.0.2.1', '6.6.6.6, 203.0.113.9, ::ffff:10.1.2.3', '203.0.113.9 x-forwarded-for'],
    ['::ffff:192.0.2.1', '203.0.113.9', '203.0.113.9 x-forwarded-for'],
    ['2001:db8:1:2::3', '203.0.113.9', '203.0.113.9 x-forwarded-for'],
    ['2001:db8:2::3', '203.0.113.9', '2001:db8:2::3 socket'],
    ['192.0.3.1', '203.0.113.9', '192.0.3.1 socket'],
    [undefined, '203.0.113.9', 'undefined socket'],
    ['192.0.2.1', '10.0.0.5, 10.0.0.6', '10.0.0.5 x-forwarded-for'],
    ['192.0.2.1', '203.0.113.9, unknown', SOCKET],
    ['192.0.2.1', '203.0.113.9, junk, 10.1.2.3', SOCKET],
    ['192.0.2.1', 'junk, 203.0.113.9, 10.1.2.3', '203.0.113.9 x-forwarded-for'],
    ['192.0.2.1', '', SOCKET],
  ])('from %s, "%s" make it %s', (peer, value, expected) => {
    expect(told(NETS, peer, chain(value))).toBe(expected)
  })

  test('have names', () => {
    for (const peer of ['127.0.0.1', '127.8.8.8', '::1'])
      expect(told('loopback', peer, chain('203.0.113.9'))).toBe('203.0.113.9 x-forwarded-for')
    for (const peer of ['10.9.9.9', '172.16.0.1', '172.31.255.1', '192.168.1.1', 'fd00::1', 'fe80::1%eth0'])
      expect(told('loopback,private', peer, chain('203.0.113.9'))).toBe('203.0.113.9 x-forwarded-for')
    for (const peer of ['172.32.0.1', '192.169.0.1', '11.0.0.1', '8.8.8.8', '2001:db8::1', '::2'])
      expect(told('Loopback Private', peer, chain('203.0.113.9'))).toBe(`${peer} socket`)
  })
})

describe('a platform', () => {
  const at = (setting: string, headers: Headers, peer = '192.0.2.1') => {
    const { address, by, place } = client(setting, peer, headers)
    return { address, by, place: place() }
  }

  test('cloudflare tells address and place, in whatever way it writes names', () => {
    const headers = {
      'cf-connecting-ip': '2001:DB8::9',
      'cf-ipcountry': 'DE',
      'cf-region-code': 'BY',
      'cf-ipcity': Buffer.from('München').toString('latin1'),
    }
    const place = { by: 'cloudflare', country: 'DE', region: 'DE-BY', city: 'München' }
    expect(at('cloudflare', headers)).toEqual({ address: '2001:db8::9', by: 'cf-connecting-ip', place })
    expect(at('CloudFlare', { ...headers, 'cf-ipcity': 'München' }).place).toEqual(place)
    expect(at('cloudflare', { ...headers, 'cf-ipcity': '東京' }).place).toMatchObject({ city: '東京' })
    expect(at('cloudflare', { ...headers, 'cf-ipcity': '50%' }).place).toMatchObject({ city: '50%' })
  })

  test('whose country is unknown leaves it to the database, but not that of Tor', () => {
    const headers = { 'cf-connecting-ip': '203.0.113.9' }
    const located = { by: 'geoip', country: 'IT', city: '203.0.113.9' }
    expect(at('cloudflare', headers).place).toEqual(located)
    expect(at('cloudflare', { ...headers, 'cf-ipcountry': 'XX' }).place).toEqual(located)
    expect(at('cloudflare', { ...headers, 'cf-ipcountry': 'T1' }).place).toEqual({ by: 'cloudflare' })
  })

  test('vercel percent-encodes names', () => {
    const headers = {
      'x-real-ip': '203.0.113.9',
      'x-vercel-ip-country': 'BR',
      'x-vercel-ip-country-region': 'SP',
      'x-vercel-ip-city': 'S%C3%A3o%20Paulo',
    }
    const place = { by: 'vercel', country: 'BR', region: 'BR-SP', city: 'São Paulo' }
    expect(at('vercel', headers)).toEqual({ address: '203.0.113.9', by: 'x-real-ip', place })
  })

  test('cloudfront tells the port too', () => {
    const by = 'cloudfront-viewer-address'
    const place = { by: 'cloudfront', country: 'US', region: 'US-MI', city: 'Ann Arbor' }
    const where = {
      'cloudfront-viewer-country': 'US',
      'cloudfront-viewer-country-region': 'MI',
      'cloudfront-viewer-city': 'Ann Arbor',
    }
    expect(at('cloudfront', { ...where, [by]: '203.0.113.9:46532' })).toEqual({
      address: '203.0.113.9',
      by,
      place,
    })
    expect(at('cloudfront', { ...where, [by]: '2001:db8::1:46532' }).address).toBe('2001:db8::1')
    expect(at('cloudfront', { ...where, [by]: '[2001:db8::1]:46532' }).address).toBe('2001:db8::1')
  })

  test('edgeone, fly and netlify by headers of their own', () => {
    expect(
      at('edgeone', { 'eo-connecting-ip': '203.0.113.9', 'eo-ipcountry': 'CN', 'eo-region-code': 'CN-BJ' }),
    ).toMatchObject({ by: 'eo-connecting-ip', place: { by: 'edgeone', country: 'CN', region: 'CN-BJ' } })
    expect(at('fly', { 'fly-client-ip': '203.0.113.9' })).toEqual({
      address: '203.0.113.9',
      by: 'fly-client-ip',
      place: { by: 'geoip', country: 'IT', city: '203.0.113.9' },
    })
    expect(at('netlify', { 'x-nf-client-connection-ip': '203.0.113.9' })).toMatchObject({
      address: '203.0.113.9',
      by: 'x-nf-client-connection-ip',
    })
  })

  test('is believed within its networks only, where they are named', () => {
    const headers = { 'cf-connecting-ip': '203.0.113.9', 'cf-ipcountry': 'DE' }
    expect(at('cloudflare loopback', headers, '127.0.0.1')).toMatchObject({
      address: '203.0.113.9',
      place: { by: 'cloudflare', country: 'DE' },
    })
    expect(at('loopback,cloudflare', headers, '192.0.2.1')).toEqual({
      address: '192.0.2.1',
      by: 'socket',
      place: { by: 'peer', country: 'SE' },
    })
  })

  test('that says junk, or two things, is not believed about the place either', () => {
    for (const junk of ['unknown', '203.0.113.9, 6.6.6.6', '203.0.113', ''])
      expect(at('cloudflare', { 'cf-connecting-ip': junk, 'cf-ipcountry': 'KP' })).toEqual({
        address: '192.0.2.1',
        by: 'socket',
        place: { by: 'peer', country: 'SE' },
      })
  })
})

test.each([
  ['true', 'true'],
  ['-1', '-1'],
  ['1.5', '1.5'],
  ['100', '100'],
  ['10.0.0.0/33', '10.0.0.0/33'],
  ['10.0.0.0/', '10.0.0.0/'],
  ['10.0.0.0/8/8', '10.0.0.0/8/8'],
  ['10.0.0/8', '10.0.0/8'],
  ['fd00::/129', 'fd00::/129'],
  ['127.0.0.1,cloudfare', 'cloudfare'],
  ['cloudflare vercel', 'vercel'],
  ['cloudflare 1', '1'],
  ['proxy.example.com', 'proxy.example.com'],
  [',', ''],
])('TRUST_PROXY=%s is refused in one line that names %s', (setting, word) => {
  let message = ''
  try {
    readSettings({ TRUST_PROXY: setting })
  } catch (error) {
    message = error instanceof SettingError ? error.message : ''
  }
  expect(message).toMatch(/^TRUST_PROXY must be .+ is none of them$/)
  expect(message).toContain(`"${word}"`)
})

describe('an IP address', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789abfAF.:x[]'), maxLength: 24 })
  const groups = fc
    .array(fc.constantFrom('0', '0', '0', '1', 'f', '00', 'db8', 'ffff', '10000', ''), { maxLength: 9 })
    .map((list) => list.join(':'))
  const parts = fc
    .array(fc.constantFrom('0', '1', '10', '255', '256', '01', ''), { minLength: 3, maxLength: 5 })
    .map((list) => list.join('.'))
  const mixed = fc
    .tuple(fc.constantFrom('::', '::ffff:', '1::', '1:2:3:4:5:6:', '64:ff9b::'), parts)
    .map((pair) => pair.join(''))
  const addresses = fc.oneof(fc.ipV4(), fc.ipV6())

  test('is what Node takes for one, zone ids apart', () => {
    fc.assert(
      fc.property(fc.oneof(addresses, digits, groups, parts, mixed), (text) => {
        expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0)
      }),
      { numRuns: 5000 },
    )
  })

  test('has one text, by which it is read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          addresses,
          groups.filter((text) => isIP(text) === 6),
        ),
        (text) => {
          const ip = parseIp(text) ?? []
          const form = formatIp(ip)
          expect(parseIp(form)).toEqual(ip)
          // URLs write IPv6 by RFC 5952, but mapped addresses not dotted.
          if (form.includes(':')) expect(`[${form}]`).toBe(new URL(`http://[${text}]`).hostname)
          else if (text.includes('.')) expect(form).toBe(text.slice(text.lastIndexOf(':') + 1))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['10:0:0:1:0:0:0:0', '10:0:0:1::'],
    ['0:0:0:0:0:0:1.2.3.4', '::102:304'],
    ['::FFFF:1.2.3.4', '1.2.3.4'],
  ])('%s is written %s', (text, form) => {
    expect(formatIp(parseIp(text) ?? [])).toBe(form)
  })

  test('is within a network if Node says so', () => {
    const near = fc.tuple(fc.integer({ min: 0, max: 128 }), fc.integer({ min: 0, max: 127 }))
    fc.assert(
      fc.property(addresses, addresses, near, (base, other, [length, flip]) => {
        const type = isIP(base) === 4 ? 'ipv4' : 'ipv6'
        const bits = type === 'ipv4' ? length % 33 : length
        const list = new BlockList()
        list.addSubnet(base, bits, type)
        const network = parseNetwork(`${base}/${bits}`)
        // Most random addresses are far from each other: one bit apart is where mistakes are.
        const flipped = (parseIp(base) ?? []).map((group, i) =>
          i === flip >> 4 ? group ^ (1 << (15 - (flip & 15))) : group,
        )
        for (const ip of [parseIp(other) ?? [], flipped]) {
          const text = formatIp(ip)
          const family = isIP(text) === 4 ? 'ipv4' : 'ipv6'
          if (!network || family !== type) continue
          expect(isWithin(ip, network)).toBe(list.check(text, family))
        }
      }),
      { numRuns: 3000 },
    )
  })
})
