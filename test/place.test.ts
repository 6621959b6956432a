import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openGeoip } from '../adapters/geoip/mmdb.ts'
import type { LogLine } from '../src/log.ts'
import { makePlace, type PlaceFields, placeOf } from '../src/place.ts'
import { countryOfZone } from '../src/zone-country.ts'
import { type Folder, temporaryFolder } from './support/child.ts'
import { type MmdbContent, writeMmdb } from './support/mmdb.ts'
import { zoneCountries } from './support/zones.ts'

describe('a place', () => {
  test('has codes of ISO 3166 and the name of a city', () => {
    expect(makePlace('x', 'de', 'be', 'Berlin')).toEqual({
      by: 'x',
      country: 'DE',
      region: 'DE-BE',
      city: 'Berlin',
    })
    expect(makePlace('x', 'CN', 'CN-11', 'Běijīng')).toMatchObject({ region: 'CN-11', city: 'Běijīng' })
    expect(makePlace('x', 'GB', 'ENG')).toEqual({ by: 'x', country: 'GB', region: 'GB-ENG' })
    expect(makePlace('x', 'XK')).toEqual({ by: 'x', country: 'XK' })
  })

  test('is none where the country is none', () => {
    for (const country of [
      undefined,
      '',
      'XX',
      'ZZ',
      'EU',
      'AP',
      'A1',
      'A2',
      'O1',
      'QO',
      'AA',
      'D',
      'DEU',
      'D-',
      'ÄÖ',
    ])
      expect(makePlace('x', country, 'BE', 'Berlin')).toBeUndefined()
  })

  test('loses a region or city that is none', () => {
    for (const region of ['', 'Berlin', 'FR-IDF', 'DE-', '-BE', 'DE-BERL', 'B E'])
      expect(makePlace('x', 'DE', region)).toEqual({ by: 'x', country: 'DE' })
    expect(makePlace('x', 'DE', '', '\u0000\n')).toEqual({ by: 'x', country: 'DE' })
    expect(makePlace('x', 'DE', '', 'B'.repeat(256))).toEqual({ by: 'x', country: 'DE' })
    expect(makePlace('x', 'DE', '', 'Ber\u0000lin')).toMatchObject({ city: 'Berlin' })
  })

  test('is not told of Tor', () => {
    expect(makePlace('cloudflare', 'T1', 'BE', 'Berlin')).toEqual({ by: 'cloudflare' })
  })
})

describe('an event keeps', () => {
  const known = { by: 'geoip', country: 'FR', region: 'FR-IDF', city: 'Paris' }
  const cases: readonly (readonly [
    string,
    PlaceFields,
    typeof known | { by: string } | undefined,
    PlaceFields,
  ])[] = [
    [
      'what a trusted sender gives, as it is',
      { country: 'IT', city: 'Roma' },
      known,
      { country: 'IT', city: 'Roma', zone: 'Europe/Berlin' },
    ],
    ['a region that stands alone', { region: 'Lazio' }, known, { region: 'Lazio', zone: 'Europe/Berlin' }],
    ['else what is known, and no zone', {}, known, { country: 'FR', region: 'FR-IDF', city: 'Paris' }],
    ['else the country of its zone, with the zone', {}, undefined, { country: 'DE', zone: 'Europe/Berlin' }],
    ['nothing of somebody who hides', {}, { by: 'cloudflare' }, {}],
  ]
  test.each(cases)('%s', (_name, given, place, kept) => {
    expect(placeOf(given, place, 'Europe/Berlin')).toEqual(kept)
  })

  test('a zone that is no place, without a country', () => {
    expect(placeOf({}, undefined, 'Etc/UTC')).toEqual({ zone: 'Etc/UTC' })
    expect(placeOf({}, undefined, undefined)).toEqual({})
  })
})

describe('the country of a time zone', () => {
  test.each(zoneCountries)('%s is in %s', (zone, country) => {
    expect(countryOfZone(zone)).toBe(country)
  })

  test('is that of zone.tab in tzdata, for all zones', () => {
    const table = readFileSync('/usr/share/zoneinfo/zone.tab', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t'))
      .map(([country, , zone = '']) => [zone, country] as const)
      // The tzdata of the machine may be newer than that of Node.
      .filter(([zone]) => isKnown(zone) && zone !== 'Atlantic/Reykjavik')
    expect(table.length).toBeGreaterThan(400)
    expect(table.map(([zone]) => [zone, countryOfZone(zone)])).toEqual(table)
  })

  test('is still right after more names than are remembered', () => {
    for (let i = 0; i < 2500; i++) countryOfZone(`Europe/Atlantis_${i}`)
    expect(countryOfZone('Europe/Berlin')).toBe('DE')
  })
})

function isKnown(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}

describe('an MMDB file', () => {
  let folder: Folder
  const lines: LogLine[] = []
  const log = (line: LogLine): void => void lines.push(line)
  const content: MmdbContent = {
    networks: {
      '203.0.113.0/24': {
        country: { iso_code: 'DE', names: { de: 'Deutschland', en: 'Germany' } },
        registered_country: { iso_code: 'US' },
        subdivisions: [{ iso_code: 'BY', names: { en: 'Bavaria' } }, { iso_code: 'X' }],
        city: { names: { de: 'München', en: 'Munich' } },
      },
      '203.0.113.128/25': { country: { iso_code: 'FR' } },
      '198.51.100.0/24': { country_code: 'SE', city: 'Linköping', state1: 'Östergötland' },
      '192.0.2.0/28': { country: 'IT' },
      '192.0.2.16/28': { registered_country: { iso_code: 'US' } },
      '192.0.2.32/28': 'text',
    },
  }

  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(() => folder.remove())

  async function opened(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof openGeoip>>> {
    const path = join(folder.path, 'places.mmdb')
    await writeFile(path, bytes)
    return openGeoip(path, { log, lookMs: 50 })
  }

  for (const recordSize of [24, 28, 32] as const) {
    for (const ipVersion of [4, 6] as const) {
      test(`tells places of addresses, with records of ${recordSize} bits, of IPv${ipVersion}`, async () => {
        const networks = {
          ...content.networks,
          ...(ipVersion === 6 && { '2001:db8::/32': { country: { iso_code: 'NO' } } }),
        }
        const { locate, close } = await opened(writeMmdb({ networks, recordSize, ipVersion }))
        const munich = { by: 'geoip', country: 'DE', region: 'DE-BY', city: 'Munich' }
        expect(locate('203.0.113.1')).toEqual(munich)
        expect(locate('::ffff:203.0.113.1')).toEqual(munich)
        expect(locate('203.0.113.200')).toEqual({ by: 'geoip', country: 'FR' })
        expect(locate('198.51.100.7')).toEqual({ by: 'geoip', country: 'SE', city: 'Linköping' })
        expect(locate('192.0.2.1')).toEqual({ by: 'geoip', country: 'IT' })
        expect(locate('2001:db8::1')).toEqual(ipVersion === 6 ? { by: 'geoip', country: 'NO' } : undefined)
        const nowhere = [
          '192.0.2.17',
          '192.0.2.33',
          '192.0.2.200',
          '203.0.114.1',
          '2001:db9::1',
          'cb00:7101::1',
        ]
        for (const address of [...nowhere, 'junk', '', '203.0.113', '203.0.113.1:80'])
          expect([address, locate(address)]).toEqual([address, undefined])
        close()
      })
    }
  }

  test('that is none is refused in one line', async () => {
    const whole = writeMmdb(content)
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('no database\n'),
      whole.subarray(0, -60),
      Buffer.alloc(5000),
    ])
      await expect(opened(bytes)).rejects.toThrow(/^is no MMDB file: \S+places\.mmdb$/)
    await expect(openGeoip(join(folder.path, 'none'), { log })).rejects.toThrow(
      /^cannot be read: \S+none \(ENOENT\)$/,
    )
    await expect(openGeoip(folder.path, { log })).rejects.toThrow(/^cannot be read: \S+ \(EISDIR\)$/)
  })

  test('with damaged data knows nothing instead of failing', async () => {
    const bytes = writeMmdb({ networks: { '203.0.113.0/24': { country: { iso_code: 'DE' } } } })
    bytes.fill(0xff, bytes.indexOf('country') - 2, bytes.indexOf('country') + 4)
    const { locate, close } = await opened(bytes)
    expect(locate('203.0.113.1')).toBeUndefined()
    close()
  })

  test('is read again when it changes, and kept where the new one is none', async () => {
    const { locate, close } = await opened(writeMmdb(content))
    const path = join(folder.path, 'places.mmdb')
    await writeFile(path, writeMmdb({ networks: { '203.0.113.0/24': { country: { iso_code: 'AT' } } } }))
    await expect.poll(() => locate('203.0.113.1')).toEqual({ by: 'geoip', country: 'AT' })
    lines.length = 0
    await writeFile(path, 'half a file')
    await expect.poll(() => lines).toContainEqual(expect.objectContaining({ event: 'geoip file not read' }))
    expect(locate('203.0.113.1')).toEqual({ by: 'geoip', country: 'AT' })
    lines.length = 0
    await rm(path)
    await expect.poll(() => lines).toContainEqual(expect.objectContaining({ event: 'geoip file not read' }))
    expect(locate('203.0.113.1')).toEqual({ by: 'geoip', country: 'AT' })
    close()
  })
})
